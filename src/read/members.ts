/**
 * Containers: from a path to streams of bytes. What is in a file, and its content, whether plain, gz, or deep in zips.
 * Nothing here knows what a CSV is, and no name found inside an archive is ever used as a path.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { createGunzip } from 'node:zlib'
import { asConvertError, ConvertError, InputError, isRefusal } from '../model/errors.js'
import { decode, locate, through } from './zip-entry.js'
import { leaseContainer } from './zip-inner.js'
import { DEFAULT_LIMITS, displayName, type Member, type Warning, type ZipLimits } from './zip-model.js'
import { breathe, leaseFile, leaseFileNow } from './zip-source.js'
import { baseName, container, ZipWalk } from './zip-walk.js'

export { closeAll } from './zip-inner.js'
export { displayName, type Member, type Warning, type ZipLimits, type ZipStep } from './zip-model.js'

const CHUNK = 256 * 1024

/**
 * Lists what can be read in a file on disk, judged by its first bytes, not by its name. Never throws for what the file holds:
 * codes zip.truncated, zip.directory, zip.crc, zip.bomb, zip.unsupported, file.empty, file.html are in `problems`,
 * as are files that cannot be opened.
 */
export async function listMembers(
  path: string,
  limits: Partial<ZipLimits> = {},
): Promise<{ members: Member[]; problems: ConvertError[] }> {
  await breathe()
  try {
    const lease = await leaseFile(path)
    try {
      const { source } = lease
      const kind = container(source, path, path)
      if (kind !== 'zip') return { members: [single(path, source.size, kind)], problems: [] }
      const walk = new ZipWalk(path, { ...DEFAULT_LIMITS, ...limits })
      await walk.walk(lease)
      return { members: walk.members, problems: walk.problems }
    } finally {
      lease.release()
    }
  } catch (error) {
    return { members: [], problems: [asConvertError(error, { file: path })] }
  }
}

function single(path: string, size: number, found: 'gzip' | 'parquet' | 'plain'): Member {
  const gzip = found === 'gzip'
  const kind = found === 'parquet' ? 'parquet' : 'data'
  return { path, entries: [], steps: [], gzip, kind, size, time: 0, name: baseName(path, gzip), warnings: [] }
}

/**
 * Streams a member's content. A chunk has any size and is not touched again once it is given out; do not write to it.
 * Throws InputError (zip.crc, zip.truncated, zip.bomb, zip.directory, gz.crc, gz.truncated, gz.bomb), for a wrong CRC only after the
 * last chunk: what came before must not be used until the stream has ended. `onWarning` hears what listing could not know.
 */
export async function* openMember(
  member: Member,
  limits: Partial<ZipLimits> = {},
  onWarning: (warning: Warning) => void = () => {},
): AsyncGenerator<Uint8Array> {
  const all = { ...DEFAULT_LIMITS, ...limits }
  if (!member.gzip) yield* content(member, all, onWarning)
  else yield* unzipped(member, all, onWarning)
}

async function* content(
  member: Member,
  limits: ZipLimits,
  onWarning: (warning: Warning) => void,
): AsyncGenerator<Buffer> {
  await breathe()
  const where = displayName(member)
  const lease = await leaseContainer(member.path, member.steps, where, limits)
  try {
    const { source } = lease
    // A workbook inside a zip is an entry like any other.
    const step = member.steps.at(-1)
    if (step) {
      const { warning, ...entry } = await locate(source, step, where, limits)
      if (warning) onWarning(warning)
      yield* decode(source, entry, where)
      return
    }
    for (let position = 0; ; ) {
      const chunk = await source.readLater(position, CHUNK)
      if (chunk.length === 0) return
      position += chunk.length
      yield chunk
    }
  } finally {
    lease.release()
  }
}

async function* unzipped(
  member: Member,
  limits: ZipLimits,
  onWarning: (warning: Warning) => void,
): AsyncGenerator<Buffer> {
  const where = displayName(member)
  const place = { file: where }
  const engine = createGunzip({ chunkSize: CHUNK })
  let total = 0
  try {
    for await (const chunk of through(engine, content(member, limits, onWarning))) {
      total += chunk.length
      if (total > limits.bytesPerEntry || (total > limits.ratioAbove && total > engine.bytesWritten * limits.ratio))
        throw new InputError(
          'gz.bomb',
          `${engine.bytesWritten} bytes inflate to more than ${total}; not read on`,
          place,
        )
      yield chunk
    }
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException
    if (error instanceof ConvertError) throw error
    if (code === 'Z_BUF_ERROR')
      throw new InputError('gz.truncated', 'the file ends too early. Download it again', place)
    if (code.startsWith('Z_') && !isRefusal(error))
      throw new InputError('gz.crc', `damaged (${message}). Download it again`, place)
    throw asConvertError(error, place)
  }
  if (engine.bytesWritten < member.size)
    onWarning({
      code: 'gz.trailing_bytes',
      message: `${member.size - engine.bytesWritten} bytes after the end were skipped`,
    })
}

/** The first bytes of a member's content, at most `bytes`; of a damaged one whatever can be had. Throws as openMember does. */
export async function peek(member: Member, bytes: number, limits: Partial<ZipLimits> = {}): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let total = 0
  try {
    for await (const chunk of openMember(member, limits)) {
      chunks.push(chunk)
      total += chunk.length
      if (total >= bytes) break
    }
  } catch (error) {
    if (total === 0) throw error
  }
  return (chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)).subarray(0, bytes)
}

/** The last `bytes` bytes of a file that is neither gz nor in a zip; undefined for any other, whose end is not known without reading it. */
export function peekTail(member: Member, bytes: number): Uint8Array | undefined {
  if (member.gzip || member.steps.length > 0) return undefined
  const lease = leaseFileNow(member.path)
  try {
    return lease.source.read(Math.max(0, lease.source.size - bytes), bytes)
  } finally {
    lease.release()
  }
}

/** Reads a plain file from start to end into buffers that the caller owns, synchronously: the fastest way into the scanner. */
export class PlainReader {
  readonly size: number
  readonly #fd: number
  readonly #modified: number
  #position = 0

  /** Throws TemporaryError if the file is gone, PermissionError, ResourceError. */
  constructor(readonly path: string) {
    this.#fd = this.#try(() => openSync(path, 'r'))
    const { size, mtimeMs } = fstatSync(this.#fd)
    this.size = size
    this.#modified = mtimeMs
  }

  /** Fills `into` from `offset` on. Gives the number of bytes, fewer than there is room for only at the end, then 0. */
  read(into: Uint8Array, offset: number): number {
    let filled = offset
    for (let got = 1; got > 0 && filled < into.length; filled += got) {
      got = this.#try(() => readSync(this.#fd, into, filled, into.length - filled, this.#position))
      this.#position += got
    }
    return filled - offset
  }

  /** Whether the file differs in size or time from when it was opened: what was read may be half old, half new. */
  changed(): boolean {
    const { size, mtimeMs } = this.#try(() => fstatSync(this.#fd))
    return size !== this.size || mtimeMs !== this.#modified
  }

  close(): void {
    closeSync(this.#fd)
  }

  #try<T>(call: () => T): T {
    try {
      return call()
    } catch (error) {
      throw asConvertError(error, { file: this.path })
    }
  }
}
