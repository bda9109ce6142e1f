/**
 * Where archives end in a file, and so where each begins. A zip is read from its end record, and files have several of them:
 * archives that were joined, an archive stored in another, a comment that looks like one.
 */
import { type ByteSource, Window } from './zip-source.js'

export const LOCAL = Buffer.from('PK\x03\x04', 'latin1')
export const LOCAL_SIZE = 30
export const CENTRAL = Buffer.from('PK\x01\x02', 'latin1')
const END = Buffer.from('PK\x05\x06', 'latin1')
const END_SIZE = 22
const LOCATOR_SIZE = 20
const RECORD64_SIZE = 56
/** How far from the end the archive's end is looked for: an appended page is small, but padding may run to megabytes. */
const MAX_TRAILING = 64 * 1024 ** 2
const STRIDE = 1024 ** 2
/** The end record and the longest comment: nearly always enough. */
const FIRST_STRIDE = 66 * 1024

/** Bytes of a file that are an archive with at least one entry in its directory. */
export interface Archive {
  /** From where its offsets count. */
  readonly start: number
  readonly directory: number
  /** Its end record, and what follows its comment. */
  readonly record: number
  readonly end: number
}

/**
 * Looks backwards for an end record before `before` that fits what stands before it; the archive may be shorter than the file, or
 * start later. Records that say "empty" are passed over: they stand in comments, and an empty archive has nothing to lose.
 */
export function findArchive(source: ByteSource, before = source.size): Archive | undefined {
  const lowest = Math.max(0, before - MAX_TRAILING)
  let stride = FIRST_STRIDE
  for (let high = before; high > lowest; high -= stride, stride = STRIDE) {
    const low = Math.max(lowest, high - stride)
    const block = source.read(low, high - low + END_SIZE)
    for (let at = high - low; at > 0; ) {
      at = block.lastIndexOf(END, at - 1)
      const found = at >= 0 && archiveEndingAt(source, low + at)
      if (found) return found
    }
  }
  return undefined
}

function archiveEndingAt(source: ByteSource, at: number): Archive | undefined {
  const record = source.read(at, END_SIZE)
  if (record.length < END_SIZE) return undefined
  const end = at + END_SIZE + record.readUInt16LE(20)
  if (end > source.size) return undefined
  let size = record.readUInt32LE(12)
  let offset = record.readUInt32LE(16)
  let directoryEnd = at
  const locator = source.read(Math.max(0, at - LOCATOR_SIZE), LOCATOR_SIZE)
  if (at >= LOCATOR_SIZE && locator.toString('latin1', 0, 4) === 'PK\x06\x07') {
    // It stands right before its locator, unless it carries data of its own; then the locator knows, if nothing stands before.
    const places = [at - LOCATOR_SIZE - RECORD64_SIZE, Number(locator.readBigUInt64LE(8))]
    const wideAt = places.find(each => each >= 0 && source.read(each, 4).toString('latin1') === 'PK\x06\x06')
    const wide = wideAt === undefined ? Buffer.alloc(0) : source.read(wideAt, RECORD64_SIZE)
    if (wideAt === undefined || wide.length < RECORD64_SIZE) return undefined
    size = Number(wide.readBigUInt64LE(40))
    offset = Number(wide.readBigUInt64LE(48))
    directoryEnd = wideAt
  }
  // Where the directory truly stands tells how many bytes were put before the archive; where its size is wrong, none is the guess.
  for (const start of [directoryEnd - size - offset, 0]) {
    const directory = start + offset
    if (start >= 0 && directory < at && source.read(directory, 4).equals(CENTRAL))
      return { start, directory, record: at, end }
  }
  return undefined
}

/** An archive alone, as if it had no comment: a reader that looks for the last end record must not find one in it. */
export function withoutComment(source: ByteSource, { start, record, end }: Archive): ByteSource {
  if (start === 0 && end === source.size && end === record + END_SIZE) return source
  const window = new Window(source, start, record + END_SIZE - start)
  return end === record + END_SIZE ? window : new Uncommented(window)
}

class Uncommented implements ByteSource {
  readonly size: number

  constructor(readonly whole: ByteSource) {
    this.size = whole.size
  }

  read(position: number, length: number): Buffer {
    return this.#blanked(position, this.whole.read(position, length))
  }

  async readLater(position: number, length: number): Promise<Buffer> {
    return this.#blanked(position, await this.whole.readLater(position, length))
  }

  /** The last two bytes count those of the comment. */
  #blanked(position: number, bytes: Buffer): Buffer {
    const from = this.size - 2 - position
    return from >= bytes.length ? bytes : Buffer.from(bytes).fill(0, Math.max(0, from))
  }
}
