/**
 * A zip's table of contents. The only module that knows yauzl, which reads the central directory (zip64, name encodings);
 * what yauzl refuses although the entries are fine is put right here: bytes before or after the archive, names like `../x`,
 * a count of entries that wrapped at 65,536. Entries themselves are read by zip-entry.ts.
 */
import { type Entry, fromRandomAccessReaderPromise, getFileNameLowLevel, RandomAccessReader, type ZipFile } from 'yauzl'
import { asConvertError, ConvertError, InputError } from '../model/errors.js'
import type { Warning } from './zip-model.js'
import { type ByteSource, Window } from './zip-source.js'

export interface ZipEntry {
  /** Decoded, with / for \, control characters replaced; text only, it may be '../x' or '/etc/x'. */
  readonly name: string
  /** Byte of the local header in the source that was listed. */
  readonly offset: number
  readonly compressedSize: number
  readonly size: number
  readonly crc32: number
  readonly method: number
  readonly encrypted: boolean
  /** ms, DOS time read as UTC; 0 if not given. */
  readonly time: number
  /** Bytes that the local header and name take at least. */
  readonly headerSize: number
}

export interface Directory {
  readonly entries: readonly ZipEntry[]
  readonly warnings: readonly Warning[]
  /** The directory is damaged after these entries. */
  readonly problem?: ConvertError
}

/** Lists a zip. Throws InputError zip.truncated if no archive is found in it, zip.bomb above `maxEntries`. */
export async function readDirectory(source: ByteSource, where: string, maxEntries: number): Promise<Directory> {
  const straight = await list(source, 0, where, maxEntries)
  if (!straight.problem) return { entries: straight.entries, warnings: leadingWarning(source) }
  const found = findArchive(source)
  if (!found || (found.start === 0 && found.end === source.size)) return orThrow(straight)
  const { start, end } = found
  const inner = await list(new Window(source, start, end - start), start, where, maxEntries)
  if (inner.entries.length < straight.entries.length) return orThrow(straight)
  const warnings: Warning[] = []
  if (start > 0)
    warnings.push({ code: 'zip.leading_bytes', message: `${start} bytes stand before the archive; they were skipped` })
  if (end < source.size)
    warnings.push({
      code: 'zip.trailing_bytes',
      message: `${source.size - end} bytes stand after the archive; they were skipped`,
    })
  return { ...orThrow(inner), warnings }
}

function orThrow(listing: { entries: ZipEntry[]; problem?: ConvertError }): Directory {
  if (listing.problem && listing.entries.length === 0) throw listing.problem
  return { ...listing, warnings: [] }
}

/** Offsets may count from the start of the file although something stands before the first entry: readable, but not silent. */
function leadingWarning(source: ByteSource): Warning[] {
  if (source.read(0, 2).toString('latin1') === 'PK') return []
  return [{ code: 'zip.leading_bytes', message: 'something else stands before the archive; it was skipped' }]
}

async function list(
  source: ByteSource,
  base: number,
  where: string,
  maxEntries: number,
): Promise<{ entries: ZipEntry[]; problem?: ConvertError }> {
  const entries: ZipEntry[] = []
  const reader = new BlockReader(source)
  try {
    const zip = await fromRandomAccessReaderPromise(reader, source.size, {
      autoClose: false,
      // Names are decoded below: yauzl ends the whole listing at the first one that would be unsafe as a path.
      decodeStrings: false,
      // Sizes are checked on reading: yauzl ends the listing at the first stored entry whose two sizes differ.
      validateEntrySizes: false,
    })
    for await (const entry of zip.eachEntry()) {
      if (zip.entryCount > maxEntries)
        throw new InputError('zip.bomb', `lists ${zip.entryCount} entries; at most ${maxEntries} are read`, {
          file: where,
        })
      entries.push(convert(entry, base))
      unwrapCount(zip, reader)
    }
    return { entries }
  } catch (error) {
    if (error instanceof ConvertError && error.code === 'zip.bomb') throw error
    return { entries, problem: explain(error, entries.length, where) }
  }
}

/** Finder's Archive Utility writes the count modulo 65,536 and no zip64: as long as entries follow, the count is too low. */
function unwrapCount(zip: ZipFile, reader: BlockReader): void {
  if (zip.entriesRead === zip.entryCount && reader.next(4).equals(CENTRAL)) zip.entryCount += 65_536
}

function convert(entry: Entry, base: number): ZipEntry {
  const name = getFileNameLowLevel(entry.generalPurposeBitFlag, entry.fileNameRaw, entry.extraFields, false)
  return {
    name: name.replace(/\p{Cc}/gu, '\uFFFD'),
    offset: base + entry.relativeOffsetOfLocalHeader,
    compressedSize: entry.compressedSize,
    size: entry.uncompressedSize,
    crc32: entry.crc32,
    method: entry.compressionMethod,
    encrypted: entry.isEncrypted(),
    time: entry.lastModFileDate === 0 ? 0 : entry.getLastModDate({ forceDosFormat: true, timezone: 'UTC' }).getTime(),
    headerSize: 30 + entry.fileNameRaw.length,
  }
}

function explain(error: unknown, read: number, where: string): ConvertError {
  if (error instanceof ConvertError) return error
  const { message, code } = error as NodeJS.ErrnoException
  if (code) return asConvertError(error, { file: where })
  const place = { file: where }
  if (message.includes('encryption'))
    return new InputError('zip.unsupported', `after ${read} entries: ${message}`, place)
  if (/record signature not found|comment length|unexpected EOF|zip64/i.test(message))
    return new InputError('zip.truncated', `no complete zip archive (${message}). Download it again`, place)
  return new InputError('zip.directory', `the central directory is damaged after ${read} entries (${message})`, place)
}

/** Serves yauzl's reads of 46 bytes and of a name from large blocks; two system calls per entry would take most of the time. */
class BlockReader extends RandomAccessReader {
  #block: Buffer = Buffer.alloc(0)
  #start = 0
  #cursor = 0
  constructor(readonly source: ByteSource) {
    super()
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null, bytesRead?: number) => void,
  ): void {
    let bytes: Buffer
    try {
      bytes = this.#at(position, length)
    } catch (error) {
      callback(error as Error)
      return
    }
    this.#cursor = position + bytes.copy(buffer, offset)
    callback(null, bytes.length)
  }

  /** What follows the last read. */
  next(length: number): Buffer {
    return this.#at(this.#cursor, length)
  }

  #at(position: number, length: number): Buffer {
    if (position < this.#start || position + length > this.#start + this.#block.length) {
      this.#start = position
      this.#block = this.source.read(position, Math.max(length, 256 * 1024))
    }
    return this.#block.subarray(position - this.#start, position - this.#start + length)
  }
}

const CENTRAL = Buffer.from('PK\x01\x02', 'latin1')
const END = Buffer.from('PK\x05\x06', 'latin1')
const END_SIZE = 22
const LOCATOR_SIZE = 20
const RECORD64_SIZE = 56
/** How far from the end the archive's end is looked for: an appended page is small, but padding may run to megabytes. */
const MAX_TRAILING = 64 * 1024 ** 2
const STRIDE = 1024 ** 2

/** Looks backwards for an end record that fits what stands before it; the archive may be shorter than the file, or start later. */
export function findArchive(source: ByteSource): { start: number; end: number } | undefined {
  const lowest = Math.max(0, source.size - MAX_TRAILING)
  for (let high = source.size; high > lowest; high -= STRIDE) {
    const low = Math.max(lowest, high - STRIDE)
    const block = source.read(low, high - low + END_SIZE)
    for (let at = block.lastIndexOf(END); at >= 0; at = at === 0 ? -1 : block.lastIndexOf(END, at - 1)) {
      const found = archiveEndingAt(source, low + at)
      if (found) return found
    }
  }
  return undefined
}

function archiveEndingAt(source: ByteSource, at: number): { start: number; end: number } | undefined {
  const record = source.read(at, END_SIZE)
  if (record.length < END_SIZE) return undefined
  const end = at + END_SIZE + record.readUInt16LE(20)
  if (end > source.size) return undefined
  let size = record.readUInt32LE(12)
  let offset = record.readUInt32LE(16)
  let directoryEnd = at
  const record64 = at - LOCATOR_SIZE - RECORD64_SIZE
  if (record64 >= 0 && source.read(at - LOCATOR_SIZE, 4).toString('latin1') === 'PK\x06\x07') {
    const wide = source.read(record64, RECORD64_SIZE)
    if (wide.toString('latin1', 0, 4) !== 'PK\x06\x06') return undefined
    size = Number(wide.readBigUInt64LE(40))
    offset = Number(wide.readBigUInt64LE(48))
    directoryEnd = record64
  }
  // Where the directory truly stands tells how many bytes were put before the archive, unless its offsets count them already.
  for (const start of [0, directoryEnd - size - offset])
    if (start >= 0 && (size === 0 || source.read(start + offset, 4).equals(CENTRAL))) return { start, end }
  return undefined
}
