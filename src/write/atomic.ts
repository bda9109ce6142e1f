/**
 * Files that are whole or not there: written under a temporary name beside the target, made durable, then renamed over it.
 * At every instant the target is the complete old file or the complete new one, across kill -9, a full disk and power loss.
 */
import { createHash } from 'node:crypto'
import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, renameSync, unlinkSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { asConvertError, InternalError } from '../model/errors.js'

const BUFFER = 1 << 20
const LEFTOVER = /\.(\d+)\.tmp$/

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
    this.#guard(() => syncDirectory(dirname(this.target)))
  }

  /** Removes the temporary file. Harmless after `commit` and when called twice; never throws, so that it does not hide the cause. */
  abandon(): void {
    if (this.#state === 'committed' || this.#state === 'abandoned') return
    this.#state = 'abandoned'
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
