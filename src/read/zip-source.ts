/**
 * Random access to bytes: a file on disk, a zip held in memory, or a window of either.
 * Handles are pooled by file identity, so that reading the entries of one archive opens it once, and any number of archives
 * needs only a few handles. Small reads are synchronous: a trip through the thread pool costs ten times the read itself.
 */
import { closeSync, openSync, read, readSync, statSync } from 'node:fs'
import { setImmediate, setTimeout } from 'node:timers/promises'
import { promisify } from 'node:util'
import { asConvertError, InputError, ResourceError } from '../model/errors.js'

/** Reads give a buffer that nobody writes to again, shorter than asked only at the end of the source. */
export interface ByteSource {
  readonly size: number
  read(position: number, length: number): Buffer
  readLater(position: number, length: number): Promise<Buffer>
}

/** A source in use; `release` once. `key` names it and the state of the file it comes from. */
export interface Lease {
  readonly key: string
  readonly source: ByteSource
  release(): void
}

const readIntoLater = promisify(read)

/** Reads from an open handle, which others may use at the same time. */
export class FileSource implements ByteSource {
  users = 0
  constructor(
    readonly path: string,
    readonly fd: number,
    readonly size: number,
  ) {}

  read(position: number, length: number): Buffer {
    const into = Buffer.allocUnsafe(clip(this.size, position, length))
    let filled = 0
    try {
      for (let got = 1; got > 0 && filled < into.length; filled += got)
        got = readSync(this.fd, into, filled, into.length - filled, position + filled)
    } catch (error) {
      throw asConvertError(error, { file: this.path })
    }
    return into.subarray(0, filled)
  }

  async readLater(position: number, length: number): Promise<Buffer> {
    const into = Buffer.allocUnsafe(clip(this.size, position, length))
    let filled = 0
    try {
      for (let got = 1; got > 0 && filled < into.length; filled += got)
        got = (await readIntoLater(this.fd, into, filled, into.length - filled, position + filled)).bytesRead
    } catch (error) {
      throw asConvertError(error, { file: this.path })
    }
    return into.subarray(0, filled)
  }

  close() {
    closeSync(this.fd)
  }
}

export class BufferSource implements ByteSource {
  readonly size: number
  constructor(readonly bytes: Buffer) {
    this.size = bytes.length
  }
  read(position: number, length: number): Buffer {
    return this.bytes.subarray(position, position + clip(this.size, position, length))
  }
  async readLater(position: number, length: number): Promise<Buffer> {
    return this.read(position, length)
  }
}

/** `size` bytes of another source, from `start`. */
export class Window implements ByteSource {
  constructor(
    readonly whole: ByteSource,
    readonly start: number,
    readonly size: number,
  ) {}
  read(position: number, length: number): Buffer {
    return this.whole.read(this.start + position, clip(this.size, position, length))
  }
  readLater(position: number, length: number): Promise<Buffer> {
    return this.whole.readLater(this.start + position, clip(this.size, position, length))
  }
}

function clip(size: number, position: number, length: number): number {
  return Math.max(0, Math.min(length, size - position))
}

const MAX_OPEN = 4
/** Least recently used first. A file that was replaced has another key; its old handle falls out like any other. */
const pool = new Map<string, FileSource>()

/** How often, and how long in ms, to wait for a handle when the process has none left. */
const PATIENCE = { times: 200, pause: 25 }

/** As leaseFileNow, but waits a few seconds for other readers when handles ran out. */
export async function leaseFile(path: string): Promise<Lease> {
  for (let time = 1; ; time++) {
    try {
      return leaseFileNow(path)
    } catch (error) {
      if (!(error instanceof ResourceError) || time > PATIENCE.times) throw error
      await setTimeout(PATIENCE.pause)
    }
  }
}

/** Opens a file, or reuses its handle. Throws TemporaryError if it is gone, ResourceError if handles ran out. */
export function leaseFileNow(path: string): Lease {
  try {
    const stat = statSync(path)
    if (!stat.isFile()) throw new InputError('file.type', 'expected a regular file', { file: path })
    const key = `${path}\0${stat.dev}:${stat.ino}:${stat.size}:${stat.mtimeMs}`
    const source = pool.get(key) ?? new FileSource(path, openFile(path), stat.size)
    pool.delete(key)
    pool.set(key, source)
    source.users++
    closeIdleFiles(MAX_OPEN)
    return { key, source, release: () => void source.users-- }
  } catch (error) {
    throw asConvertError(error, { file: path })
  }
}

function openFile(path: string): number {
  try {
    return openSync(path, 'r')
  } catch (error) {
    if (!['EMFILE', 'ENFILE'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
    closeIdleFiles(0)
    return openSync(path, 'r')
  }
}

/** Closes handles that nobody reads from until at most `keep` are open. */
export function closeIdleFiles(keep: number): void {
  for (const [key, source] of pool) {
    if (pool.size <= keep) return
    if (source.users > 0) continue
    pool.delete(key)
    source.close()
  }
}

let lastPause = performance.now()

/** Lets timers, signals and messages in every 20 ms: thousands of small synchronous reads would otherwise starve them. */
export async function breathe(): Promise<void> {
  if (performance.now() - lastPause < 20) return
  await setImmediate()
  lastPause = performance.now()
}
