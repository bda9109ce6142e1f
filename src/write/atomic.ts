/**
 * Files that are whole or not there: written under a temporary name beside the target, made durable, then renamed over it.
 * At every instant the target is the complete old file or the complete new one, across kill -9, a full disk and power loss.
 */
import { createHash } from 'node:crypto'
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { asConvertError, InternalError, OutputError, PermissionError } from '../model/errors.js'

const BUFFER = 1 << 20
const LEFTOVER = /\.(\d+)\.tmp$/

/** Files of this process that are neither committed nor abandoned. */
const open = new Set<AtomicFile>()

/** For a process that must go: leaves no temporary file behind. */
export function abandonAll(): void {
  for (const file of open) file.abandon()
}

export class AtomicFile {
  /** Complete and durable after `sync`: the place to verify before `commit`. */
  readonly temporary: string
  readonly #hash = createHash('sha256')
  /** Given back with `sync`: a unit of many leaves keeps them all uncommitted for a while. */
  #buffer: Buffer | undefined = Buffer.allocUnsafeSlow(BUFFER)
  #filled = 0
  #length = 0
  #descriptor: number | undefined
  #digest: string | undefined
  #state: 'open' | 'synced' | 'committed' | 'abandoned' = 'open'

  constructor(readonly target: string) {
    this.temporary = `${target}.${process.pid}.tmp`
    this.#guard(() => {
      mkdirSync(dirname(target), { recursive: true })
      this.#descriptor = openSync(this.temporary, 'w')
    })
    open.add(this)
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#length
  }

  /** Hexadecimal; known after `sync` or `commit`. */
  get sha256(): string {
    if (this.#digest === undefined)
      throw new InternalError('atomic.open', 'not all bytes are written yet', { file: this.target })
    return this.#digest
  }

  /** Copies the bytes or writes them before it returns. */
  write(bytes: Uint8Array): void {
    if (this.#state !== 'open')
      throw new InternalError('atomic.closed', `the file is ${this.#state}`, { file: this.target })
    this.#length += bytes.length
    if (bytes.length > BUFFER - this.#filled) this.#flush()
    if (bytes.length >= BUFFER) {
      this.#out(bytes)
      return
    }
    this.#buffer?.set(bytes, this.#filled)
    this.#filled += bytes.length
  }

  /** Everything on the disk under the temporary name. */
  sync(): void {
    if (this.#state !== 'open') return
    this.#flush()
    this.#guard(() => {
      fsyncSync(this.#descriptor!)
      this.#close()
    })
    this.#digest = this.#hash.digest('hex')
    this.#buffer = undefined
    this.#state = 'synced'
  }

  /** Puts the file in the target's place. On failure the target is as it was and nothing else is left. */
  commit(): void {
    try {
      this.sync()
      if (this.#state !== 'synced')
        throw new InternalError('atomic.closed', `the file is ${this.#state}`, { file: this.target })
      this.#guard(() => renameSync(this.temporary, this.target))
    } catch (error) {
      this.abandon()
      throw error
    }
    this.#state = 'committed'
    open.delete(this)
    this.#guard(() => syncDirectory(dirname(this.target)))
  }

  /** Removes the temporary file. Harmless after `commit` and when called twice; never throws, so that it does not hide the cause. */
  abandon(): void {
    if (this.#state === 'committed' || this.#state === 'abandoned') return
    this.#state = 'abandoned'
    open.delete(this)
    for (const step of [() => this.#close(), () => unlinkSync(this.temporary)])
      try {
        step()
      } catch {
        // What is left has a temporary name; removeLeftovers takes it next time.
      }
  }

  #flush() {
    if (this.#filled === 0 || !this.#buffer) return
    const filled = this.#filled
    this.#filled = 0
    this.#out(this.#buffer.subarray(0, filled))
  }

  #out(bytes: Uint8Array) {
    this.#hash.update(bytes)
    this.#guard(() => {
      // A nearly full disk takes a part first and reports the error with the next call.
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#descriptor!, bytes, at, bytes.length - at)
    })
  }

  #close() {
    const descriptor = this.#descriptor
    if (descriptor === undefined) return
    this.#descriptor = undefined
    closeSync(descriptor)
  }

  #guard(step: () => void) {
    try {
      step()
    } catch (error) {
      throw asConvertError(error, { file: this.target })
    }
  }
}

/** The same promise for a small file whose bytes are all there. */
export function writeWhole(path: string, bytes: Uint8Array | string): void {
  const file = new AtomicFile(path)
  try {
    file.write(typeof bytes === 'string' ? Buffer.from(bytes) : bytes)
    file.commit()
  } finally {
    file.abandon()
  }
}

/** Unlinks the temporary files in `dir` that no living process is writing, and returns their names. Not recursive. */
export function removeLeftovers(dir: string): string[] {
  const removed: string[] = []
  for (const name of namesIn(dir)) {
    const pid = Number(LEFTOVER.exec(name)?.[1])
    // Our own pid: a process of an earlier boot or container had it. So this is for the time before anything is opened.
    if (!pid || (pid !== process.pid && isAlive(pid))) continue
    try {
      unlinkSync(join(dir, name))
      removed.push(name)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw asConvertError(error, { file: join(dir, name) })
    }
  }
  return removed
}

function namesIn(dir: string): string[] {
  try {
    return readdirSync(dir).sort()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw asConvertError(error, { file: dir })
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}

/** A rename is durable only once its directory is. Some file systems and Windows cannot, and say so. */
function syncDirectory(dir: string) {
  const refusals = ['EINVAL', 'ENOTSUP', 'EPERM', 'EISDIR', 'EACCES']
  let descriptor: number | undefined
  try {
    descriptor = openSync(dir, 'r')
    fsyncSync(descriptor)
  } catch (error) {
    if (!refusals.includes((error as NodeJS.ErrnoException).code ?? '')) throw error
  } finally {
    if (descriptor !== undefined) closeSync(descriptor)
  }
}

/**
 * Makes a folder and shows that files can be written into it, level by level: the recursive mkdir of Node 20 never returns below
 * /proc. Throws OutputError when something else is in its place, PermissionError.
 */
export function prepareFolder(path: string): void {
  if (!existsSync(path)) {
    prepareFolder(dirname(path))
    try {
      mkdirSync(path)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return
      const known = asConvertError(error, { file: path })
      if (known.exitCode === 77)
        throw new PermissionError(known.code, `cannot create this folder; --output names another`, { file: path })
      throw new OutputError('output.create', `cannot create this folder (${known.code}); --output names another`, {
        file: path,
      })
    }
    return
  }
  if (!statSync(path).isDirectory())
    throw new OutputError('output.not_a_folder', 'a file is in its place; --output names another folder', {
      file: path,
    })
  try {
    accessSync(path, constants.W_OK | constants.X_OK)
  } catch {
    throw new PermissionError('output.permission', 'no permission to write here; --output names another folder', {
      file: path,
    })
  }
}
