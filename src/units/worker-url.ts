/**
 * The file a worker thread runs, given the URL of a module beside it. Under a loader that runs the sources as they are, which
 * does not reach into worker threads, it is the compiled twin in dist.
 */
export function workerUrl(name: string, besideUrl: string): URL {
  const compiled = besideUrl.endsWith('.ts') ? besideUrl.replace(/\/src\/(?!.*\/src\/)/, '/dist/') : besideUrl
  return new URL(`./${name}.js`, compiled)
}
