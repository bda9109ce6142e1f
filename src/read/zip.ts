/**
 * A zip's table of contents. The only module that knows yauzl, which reads the central directory (zip64, name encodings);
 * what yauzl refuses although the entries are fine is put right here: bytes before or after the archive, several archives in one
 * file, names like `../x`, a count of entries that is too low. Entries themselves are read by zip-entry.ts.
 */
import { type Entry, fromRandomAccessReaderPromise, getFileNameLowLevel, RandomAccessReader, type ZipFile } from 'yauzl'
import { asConvertError, ConvertError, InputError } from '../model/errors.js'
import { type Archive, CENTRAL, findArchive, LOCAL, LOCAL_SIZE, withoutComment } from './zip-ends.js'
import type { Warning } from './zip-model.js'
import type { ByteSource } from './zip-source.js'

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
  /** A directory is damaged after its entries, or bytes hold entries that no directory lists. */
  readonly problems: readonly ConvertError[]
}

/**
 * Lists a zip, and each archive that stands before it in the same file. Throws InputError zip.truncated if no archive is found
 * in it, zip.unlisted if it says that it is empty and is not, zip.bomb above `maxEntries`.
 */
export async function readDirectory(source: ByteSource, where: string, maxEntries: number): Promise<Directory> {
  const entries: ZipEntry[] = []
  const warnings: Warning[] = []
  const problems: ConvertError[] = []
  const claimed: Range[] = []
  let before = source.size
  for (let found = findArchive(source); found; found = before > 0 ? findArchive(source, before) : undefined) {
    const listing = await list(source, found, where, maxEntries - entries.length)
    entries.unshift(...listing.entries)
    warnings.push(...listing.warnings)
    if (listing.problem) problems.unshift(listing.problem)
    // Offsets may count from the start of the file although something stands before the first entry.
    before = found.start > 0 ? found.start : lowest(listing.entries, found.directory)
    claimed.unshift({ from: before, to: found.end })
  }
  if (claimed.length === 0) return listEmpty(source, where, maxEntries)
  if (entries.length === 0 && problems[0]) throw problems[0]
  if (claimed.length > 1)
    warnings.push({ code: 'zip.joined', message: `${claimed.length} archives stand one after the other; all are read` })
  for (const gap of gapsBetween(claimed, source.size)) {
    const found = unclaimed(source, gap, where)
    if (found instanceof ConvertError) problems.push(found)
    else if (found) warnings.push(found)
  }
  return { entries, warnings, problems }
}

interface Range {
  readonly from: number
  readonly to: number
}

function lowest(entries: readonly ZipEntry[], directory: number): number {
  return entries.reduce((least, { offset }) => Math.min(least, offset), directory)
}

/** No directory with entries was found: an empty archive, or none. */
async function listEmpty(source: ByteSource, where: string, maxEntries: number): Promise<Directory> {
  const { entries, problem } = await list(source, undefined, where, maxEntries)
  if (problem) throw problem
  if (entries.length === 0 && source.read(0, 4).equals(LOCAL))
    throw new InputError('zip.unlisted', 'its end says that it is empty, but entries stand in it. Download it again', {
      file: where,
    })
  return { entries, warnings: [], problems: [] }
}

function gapsBetween(claimed: readonly Range[], size: number): Range[] {
  const gaps: Range[] = []
  let from = 0
  for (const range of claimed) {
    if (range.from > from) gaps.push({ from, to: range.from })
    from = Math.max(from, range.to)
  }
  if (from < size) gaps.push({ from, to: size })
  return gaps
}

/** What to say of bytes that belong to no archive: a page or padding is odd, entries that nobody lists are lost data. */
function unclaimed(source: ByteSource, { from, to }: Range, where: string): Warning | ConvertError | undefined {
  const head = source.read(from, 4)
  if (head.equals(LOCAL) && to - from >= LOCAL_SIZE)
    return new InputError(
      'zip.unlisted',
      `bytes ${from} to ${to} hold entries that no directory lists: an archive that was cut off, or lost its end. Download it again`,
      { file: where },
    )
  if (to === source.size)
    return { code: 'zip.trailing_bytes', message: `${to - from} bytes stand after the archive; they were skipped` }
  // Writers of archives in pieces begin with a mark of their own.
  if (head.toString('latin1', 0, 2) === 'PK' && to - from < LOCAL_SIZE) return undefined
  return { code: 'zip.leading_bytes', message: `${to - from} bytes stand before the archive; they were skipped` }
}

async function list(
  source: ByteSource,
  archive: Archive | undefined,
  where: string,
  maxEntries: number,
): Promise<{ entries: ZipEntry[]; warnings: Warning[]; problem?: ConvertError }> {
  const entries: ZipEntry[] = []
  const warnings: Warning[] = []
  const base = archive?.start ?? 0
  const window = archive ? withoutComment(source, archive) : source
  const reader = new BlockReader(window)
  try {
    const zip = await fromRandomAccessReaderPromise(reader, window.size, {
      autoClose: false,
      // Names are decoded below: yauzl ends the whole listing at the first one that would be unsafe as a path.
      decodeStrings: false,
      // Sizes are checked on reading: yauzl ends the listing at the first stored entry whose two sizes differ.
      validateEntrySizes: false,
    })
    const counted = zip.entryCount
    // A directory that stands there has an entry, whatever the end record counts.
    if (archive && counted === 0) zip.entryCount = 1
    for await (const entry of zip.eachEntry()) {
      if (zip.entryCount > maxEntries)
        throw new InputError('zip.bomb', `lists ${zip.entryCount} entries; at most ${maxEntries} are read`, {
          file: where,
        })
      entries.push(convert(entry, base))
      continueCount(zip, reader)
    }
    // Finder's Archive Utility writes the count modulo 65,536 and no zip64.
    if ((entries.length - counted) % 65_536 !== 0)
      warnings.push({
        code: 'zip.count',
        message: `the end record counts ${counted} entries, the directory has ${entries.length}; all are read`,
      })
    return { entries, warnings }
  } catch (error) {
    if (error instanceof ConvertError && error.code === 'zip.bomb') throw error
    return { entries, warnings, problem: explain(error, entries.length, where) }
  }
}

/** As long as entries follow, the count is too low. */
function continueCount(zip: ZipFile, reader: BlockReader): void {
  if (zip.entriesRead === zip.entryCount && reader.next(4).equals(CENTRAL)) zip.entryCount++
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
