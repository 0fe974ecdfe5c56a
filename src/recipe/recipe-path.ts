/** The folder of a recipe, as paths in it are meant; empty: where joulespan was started. */
export function folderOf(file: string): string {
  return file.slice(0, file.lastIndexOf('/') + 1)
}

/** A path written in a recipe in this folder. */
export function pathFrom(folder: string, path: string): string {
  return path.startsWith('/') ? path : folder + path
}

/** A library: without a slash it is a name for the loader, not a path. */
export function libraryFrom(folder: string, library: string): string {
  return library.includes('/') ? pathFrom(folder, library) : library
}
