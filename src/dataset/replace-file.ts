import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { diskError } from './disk-error.ts'

/**
 * A file that appears under its name only when it is whole and on the disk: written beside its place, then renamed. A
 * failure leaves what was there before.
 */
export async function replaceFile(path: string, bytes: Uint8Array | string): Promise<void> {
  const file = await TemporaryFile.create(path)
  try {
    await file.write(typeof bytes === 'string' ? Buffer.from(bytes) : bytes)
    await file.sync()
    await file.publish()
  } catch (error) {
    await file.discard()
    throw error
  }
}

/** `.name.tmp` beside `name`: readers of a folder leave dot files alone. */
export function temporaryPath(path: string): string {
  return join(dirname(path), `.${basename(path)}.tmp`)
}

/** The file while it is being written; ends with `publish` or `discard`. */
export class TemporaryFile {
  readonly path: string
  readonly temporaryPath: string
  readonly #handle: FileHandle

  private constructor(path: string, handle: FileHandle) {
    this.path = path
    this.temporaryPath = temporaryPath(path)
    this.#handle = handle
  }

  static async create(path: string): Promise<TemporaryFile> {
    try {
      await mkdir(dirname(path), { recursive: true })
      // What a killed process left under the temporary name is overwritten.
      return new TemporaryFile(path, await open(temporaryPath(path), 'w'))
    } catch (error) {
      throw diskError('create', path, error)
    }
  }

  async write(bytes: Uint8Array): Promise<void> {
    try {
      // Unlike write(), writeFile() goes on after a short write; it appends at the handle's position.
      await this.#handle.writeFile(bytes)
    } catch (error) {
      throw diskError('write', this.path, error)
    }
  }

  async sync(): Promise<void> {
    try {
      await this.#handle.sync()
    } catch (error) {
      throw diskError('write', this.path, error)
    }
  }

  async publish(): Promise<void> {
    try {
      await this.#handle.close()
      await rename(this.temporaryPath, this.path)
      await syncFolder(dirname(this.path))
    } catch (error) {
      throw diskError('publish', this.path, error)
    }
  }

  async discard(): Promise<void> {
    // The error that led here is the one to report, so none of these may replace it.
    await this.#handle.close().catch(() => {})
    await rm(this.temporaryPath, { force: true }).catch(() => {})
  }
}

/** A rename is durable when its folder is. */
async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
