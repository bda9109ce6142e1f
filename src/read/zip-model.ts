/**
 * What the container readers agree on: how a readable thing is named and found again, and what an archive may cost.
 * Everything here is plain JSON, so that an inventory can be cached and a member sent to another process.
 */

/** One step into a zip: enough to read the entry again without the central directory (a year zip lists 100,000). */
export interface ZipStep {
  /** Byte of the local header, counted from the start of the file or inner zip that holds it. */
  readonly offset: number
  readonly compressedSize: number
  /** Bytes after inflating, as the central directory promises them. */
  readonly size: number
  readonly method: 0 | 8
  readonly crc32: number
}

/** Something odd that did not keep the bytes from being read. Codes: zip.central_mismatch, zip.count, zip.duplicate_name, zip.joined, zip.leading_bytes, zip.trailing_bytes, gz.trailing_bytes. */
export interface Warning {
  readonly code: string
  readonly message: string
}

/** One worksheet of a workbook, and the parts of the workbook without which it cannot be read. */
export interface Sheet {
  readonly name: string
  readonly step: ZipStep
  readonly strings?: ZipStep
  readonly styles?: ZipStep
  /** Days are counted from 1904. */
  readonly date1904: boolean
}

/** A readable thing: a plain file, a gz file, or a member of a zip, of a zip in a zip, and so on; of a workbook, one sheet. */
export interface Member {
  /** The file on disk. */
  readonly path: string
  /** Entry names for display and for recognising, outermost first, a sheet's name last; [] for a file that is no zip. Never used as paths. */
  readonly entries: readonly string[]
  /** One per entry name that is not a sheet's. */
  readonly steps: readonly ZipStep[]
  readonly gzip: boolean
  /** `workbook`: one without a sheet that could be read. */
  readonly kind: 'data' | 'sheet' | 'parquet' | 'workbook'
  readonly sheet?: Sheet
  /** Bytes of content; for gz the compressed bytes, for a sheet those of its XML. */
  readonly size: number
  /** The innermost entry's modification time in ms, its DOS time read as if UTC so that TZ does not matter; 0 for files that are no zip. */
  readonly time: number
  /** Base name of the innermost file, without .gz if it is one: a sheet has its workbook's. Only ever text. */
  readonly name: string
  readonly warnings: readonly Warning[]
}

export interface ZipLimits {
  /** Bytes that one entry, or one gz file, may inflate to. */
  readonly bytesPerEntry: number
  /** Bytes that all entries of a file on disk may inflate to together, inner zips included. */
  readonly bytesPerArchive: number
  /** Entries of a file on disk, inner zips included. */
  readonly entries: number
  /** Zips within each other; 3 is zip > zip > zip > csv. */
  readonly depth: number
  /** Inflated / compressed bytes. Ordinary CSV reaches 658, so this judges only entries above `ratioAbove` bytes. */
  readonly ratio: number
  readonly ratioAbove: number
  /** Bytes up to which an inner zip is held in memory, one at a time; larger ones go to a file in `tmpDir`. */
  readonly innerZipInMemory: number
  /** Folder for large inner zips; '' is the system's. The files have no name once they are open, so a killed process leaves none. */
  readonly tmpDir: string
  /** Archives of at most this many entries have every local header compared while listing; larger ones when an entry is opened. */
  readonly localChecks: number
}

const MiB = 1024 ** 2
const GiB = 1024 ** 3

export const DEFAULT_LIMITS: ZipLimits = {
  bytesPerEntry: 64 * GiB,
  bytesPerArchive: 512 * GiB,
  entries: 1_000_000,
  depth: 3,
  ratio: 1000,
  ratioAbove: GiB,
  innerZipInMemory: 64 * MiB,
  tmpDir: '',
  localChecks: 4096,
}

/** 'path > entry > entry', for messages and receipts. */
export function displayName(member: Pick<Member, 'path' | 'entries'>): string {
  return [member.path, ...member.entries].join(' > ')
}
