// Makes a fresh clone ready to run: npm packages, Debian packages, programs and firmware under build/, the command line under
// dist/. Needs nothing but Node. A second run finds everything done.
import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

const PACKAGES = [
  'gcc',
  'g++',
  'make',
  'cmake',
  'pkg-config',
  'gcc-avr',
  'avr-libc',
  'binutils-avr',
  'libsimavr-dev',
  'libelf-dev',
  'libzmq3-dev',
  'cppzmq-dev',
  'nlohmann-json3-dev',
  'libcjson-dev',
]
/** Only the tests want it: pyarrow reads the dataset. */
const TEST_PACKAGES = ['python3-venv']

export class SetupError extends Error {}

/** Throws a SetupError that says what to do when something cannot be had. */
export function setup({ forTests = false } = {}) {
  checkNode()
  installNpmPackages()
  installDebianPackages(forTests ? [...PACKAGES, ...TEST_PACKAGES] : PACKAGES)
  buildNative()
  buildHost()
}

/** What a host needs that only reads datasets and replays journals: no compiler. */
export function setupWithoutNative() {
  checkNode()
  installNpmPackages()
  buildHost()
}

/** A Python with pyarrow for the tests, or why there is none. */
export function setupPython() {
  const venv = join(root, 'build/venv')
  const python = join(venv, 'bin/python')
  const has = () => existsSync(python) && quiet(python, ['-c', 'import pyarrow'])
  if (has()) return { python }
  if (!quiet('python3', ['--version'])) return { reason: 'there is no python3' }
  say('making a Python environment with pyarrow for the tests')
  if (!quiet('python3', ['-m', 'venv', venv])) return { reason: 'python3 -m venv failed' }
  quiet(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', 'pyarrow==25.0.1'])
  return has() ? { python } : { reason: 'pyarrow could not be installed from the Python package index' }
}

const TFLITE = 'org.bytedeco:tensorflow-lite:2.18.0-1.5.11:jar:linux-x86_64'

/** TFLite's C library for the tests, where they look for it, or why there is none. */
export function setupTflite() {
  const folder = join(root, 'build/tflite')
  const library = join(folder, 'libtensorflowlite_c.so')
  if (existsSync(library)) return { library }
  if (process.arch !== 'x64') return { reason: `none is known for ${process.arch}` }
  if (!quiet('mvn', ['--version'])) return { reason: 'there is no mvn to fetch it with' }
  say("fetching TFLite's C library for the tests")
  // mvn leaves a note of what it unpacked where it was started, and takes it for done the next time
  rmSync(folder, { recursive: true, force: true })
  const unpacked = join(folder, 'unpacked')
  mkdirSync(unpacked, { recursive: true })
  const args = ['-q', '-B', 'dependency:unpack', `-Dartifact=${TFLITE}`, `-DoutputDirectory=${unpacked}`]
  spawnSync('mvn', args, { cwd: unpacked, stdio: 'ignore' })
  const found = join(unpacked, 'org/bytedeco/tensorflowlite/linux-x86_64/libjnitensorflowlite.so')
  if (!existsSync(found)) return { reason: 'it could not be fetched from the Maven repository' }
  renameSync(found, library)
  rmSync(unpacked, { recursive: true, force: true })
  return { library }
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > 20 || (major === 20 && minor >= 19)) return
  throw new SetupError(`expected Node 20.19 or newer, saw ${process.versions.node}`)
}

function installNpmPackages() {
  once('npm', [join(root, 'package-lock.json')], existsSync(join(root, 'node_modules/typescript')), () => {
    say('installing npm packages')
    // prebuilt binaries are in the packages; no install script is needed
    run(
      'npm',
      ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'],
      'npm packages could not be installed',
    )
  })
}

function installDebianPackages(packages) {
  const missing = packages.filter((name) => !isInstalled(name))
  if (missing.length === 0) return
  const install = `apt-get install -y --no-install-recommends ${missing.join(' ')}`
  const prefix = process.getuid?.() === 0 ? [] : ['sudo', '-n']
  if (!quiet('dpkg', ['--version']) || (prefix.length > 0 && !quiet('sudo', ['-n', 'true'])))
    throw new SetupError(`these Debian packages are missing and may not be installed from here; run\n  sudo ${install}`)
  say(`installing ${missing.length} Debian packages`)
  const [program, ...args] = [...prefix, 'env', 'DEBIAN_FRONTEND=noninteractive', ...install.split(' ')]
  if (quiet(program, args)) return
  // a fresh image may have no package lists yet
  quiet([...prefix, 'apt-get'][0], [...prefix, 'apt-get', 'update'].slice(1))
  if (!quiet(program, args)) throw new SetupError(`installing Debian packages failed; run\n  sudo ${install}`)
}

function buildNative() {
  const sources = ['CMakeLists.txt', 'protocol', 'firmware', 'native-runner'].flatMap((path) =>
    filesBelow(path, SOURCE),
  )
  const built = ['bin/joulespan-emulator', 'bin/joulespan-runner', 'bin/joulespan-clock-probe', 'firmware/uno.elf']
  once(
    'native',
    sources,
    built.every((path) => existsSync(join(root, 'build', path))),
    () => {
      say('building firmware, emulator, clock probe and runner')
      run('cmake', ['-S', '.', '-B', 'build', '-DCMAKE_BUILD_TYPE=Release'], 'cmake could not configure the build')
      run('cmake', ['--build', 'build', '--parallel', '2'], 'the build failed')
    },
  )
}

function buildHost() {
  const sources = ['tsconfig.json', 'tsconfig.build.json', 'src'].flatMap((path) => filesBelow(path, /\.(ts|json)$/))
  once('host', sources, existsSync(join(root, 'dist/cli/main.js')), () => {
    say('compiling the host')
    run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], 'the host does not compile')
  })
}

const SOURCE = /(\.(c|h|cc|S|json|txt)|Makefile)$/

/** Does `work` unless it was done with the very same files; names, sizes and times decide. */
function once(what, files, isDone, work) {
  const hash = createHash('sha256')
  for (const file of files) {
    const { size, mtimeMs } = statSync(file)
    hash.update(`${file} ${size} ${mtimeMs}\n`)
  }
  const state = hash.digest('hex')
  const stamp = join(root, 'build/.setup', what)
  if (isDone && existsSync(stamp) && readFileSync(stamp, 'utf8') === state) return
  work()
  mkdirSync(join(root, 'build/.setup'), { recursive: true })
  writeFileSync(stamp, state)
}

function filesBelow(path, pattern) {
  const full = join(root, path)
  if (!statSync(full).isDirectory()) return [full]
  return readdirSync(full, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && pattern.test(entry.name))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort()
}

function isInstalled(name) {
  try {
    const about = execFileSync('dpkg-query', ['-s', name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    return about.includes('\nStatus: install ok installed\n')
  } catch {
    return false
  }
}

function run(program, args, failure) {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd: root, encoding: 'utf8', maxBuffer: 1e8 })
  if (status === 0) return
  process.stderr.write(`${stdout ?? ''}${stderr ?? ''}`)
  throw new SetupError(`${failure}${error === undefined ? '' : `: ${error.message}`}`)
}

function quiet(program, args) {
  return spawnSync(program, args, { cwd: root, stdio: 'ignore' }).status === 0
}

function say(text) {
  process.stderr.write(`setup: ${text}\n`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    setup({ forTests: process.argv.includes('--tests') })
  } catch (error) {
    if (!(error instanceof SetupError)) throw error
    process.stderr.write(`setup: ${error.message}\n`)
    process.exitCode = 1
  }
}
