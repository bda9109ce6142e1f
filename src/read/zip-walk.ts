/**
 * Lists what can be read in a zip and in the zips inside it. One bad entry is one problem and stops no other;
 * an archive above the limits for the whole file is refused whole.
 */
import { asConvertError, type ConvertError, InputError } from '../model/errors.js'
import { isGzip, isParquet, isWorkbookPart, isZip, sniff } from './content.js'
import { readDirectory, type ZipEntry } from './zip.js'
import { findArchive } from './zip-ends.js'
import { firstBytes, mismatch, readLocalHeader, unreadable } from './zip-entry.js'
import { leaseInner } from './zip-inner.js'
import { displayName, type Member, type Sheet, type Warning, type ZipLimits, type ZipStep } from './zip-model.js'
import { type ByteSource, breathe, type Lease } from './zip-source.js'

/** A zip on the way in: the file itself, or an entry that is a zip. */
interface Level {
  readonly lease: Lease
  readonly entries: readonly string[]
  readonly steps: readonly ZipStep[]
  readonly time: number
  readonly warnings: readonly Warning[]
}

/** Names of content that is not looked into while listing: a year zip has 100,000 of them. */
const PLAINLY_DATA = /\.(csv|txt|tsv|xml|json|html?)$/i
const JUNK = /\/$|(^|\/)(__MACOSX\/|\._[^/]*$|\.DS_Store$)/
const NONE: readonly Warning[] = []

export class ZipWalk {
  readonly members: Member[] = []
  readonly problems: ConvertError[] = []
  #entries = 0
  #bytes = 0
  #overflow: ConvertError | undefined

  constructor(
    readonly path: string,
    readonly limits: ZipLimits,
  ) {}

  /** Throws what concerns the whole file: InputError zip.truncated, zip.directory, zip.unlisted, zip.bomb, and system errors. */
  async walk(lease: Lease): Promise<void> {
    await this.#level({ lease, entries: [], steps: [], time: 0, warnings: NONE })
  }

  async #level(level: Level): Promise<void> {
    const { source } = level.lease
    const where = this.#where(level.entries)
    const listing = await readDirectory(source, where, this.limits.entries)
    if (listing.entries.some(entry => isWorkbookPart(entry.name))) {
      await this.#workbook(level, listing.entries)
      return
    }
    this.#budget(listing.entries, where)
    this.problems.push(...listing.problems)
    const inherited = listing.warnings.length > 0 ? [...level.warnings, ...listing.warnings] : level.warnings
    const checkAll = listing.entries.length <= this.limits.localChecks
    const overlapping = this.#overlapping(source, listing.entries, where)
    const seen = new Set<string>()
    const before = this.members.length + this.problems.length
    for (const entry of listing.entries) {
      if (JUNK.test(entry.name)) continue
      const warnings = seen.has(entry.name) ? [...inherited, duplicate(entry.name)] : inherited
      seen.add(entry.name)
      if (overlapping.has(entry)) continue
      try {
        await this.#entry({ ...level, warnings }, entry, checkAll)
      } catch (error) {
        if (this.#overflow) throw this.#overflow
        this.problems.push(asConvertError(error, { file: this.#where([...level.entries, entry.name]) }))
      }
    }
    if (this.members.length + this.problems.length === before)
      this.problems.push(new InputError('file.empty', 'an archive that holds no file', { file: where }))
  }

  /** One member a sheet. What its sheets inflate to counts like any other entry. */
  async #workbook(level: Level, entries: readonly ZipEntry[]): Promise<void> {
    const { source } = level.lease
    const where = this.#where(level.entries)
    this.#budget(entries, where)
    const { sheetsOf } = await import('./xlsx.js')
    const sheets = await sheetsOf(source, entries, where, this.limits)
    if (sheets.length === 0) this.#add(level, source.size, { kind: 'workbook' })
    for (const sheet of sheets) this.#add(level, sheet.step.size, { kind: 'sheet', sheet })
  }

  async #entry(level: Level, entry: ZipEntry, checkAll: boolean): Promise<void> {
    const entries = [...level.entries, entry.name]
    const where = this.#where(entries)
    const refuse = (code: string, message: string) => new InputError(code, message, { file: where })
    if (entry.encrypted) throw refuse('zip.unsupported', 'encrypted; expected an open entry')
    const reason = unreadable(entry, this.limits)
    if (reason) throw refuse(reason.code, reason.message)
    const { offset, compressedSize, size, crc32 } = entry
    const step: ZipStep = { offset, compressedSize, size, method: entry.method === 0 ? 0 : 8, crc32 }
    const { source } = level.lease
    const opaque = !PLAINLY_DATA.test(entry.name)
    const outside = offset + entry.headerSize + compressedSize > source.size
    const local = checkAll || opaque || outside ? readLocalHeader(source, offset, where) : undefined
    const warning = local && mismatch(step, local)
    if (outside && !warning) throw refuse('zip.truncated', 'the file ends within this entry. Download it again')
    const next: Level = {
      lease: level.lease,
      entries,
      steps: [...level.steps, step],
      time: entry.time,
      warnings: warning ? [...level.warnings, warning] : level.warnings,
    }
    const head = opaque && local ? firstBytes(source, step, local, 4) : undefined
    // A damaged inner zip must not pass for data, so its name counts too.
    if (head && (isZip(head) || /\.zip$/i.test(entry.name))) await this.#nested(next, step, where)
    else {
      const kind = head && isParquet(head) ? 'parquet' : 'data'
      this.#add(next, warning ? local!.size : size, { gzip: head !== undefined && isGzip(head), kind })
    }
  }

  async #nested(level: Level, step: ZipStep, where: string): Promise<void> {
    if (level.steps.length >= this.limits.depth)
      throw new InputError('zip.bomb', `zips within zips deeper than ${this.limits.depth} are not read`, {
        file: where,
      })
    await breathe()
    const lease = await leaseInner(level.lease, step, where, this.limits)
    try {
      const kind = container(lease.source, level.entries.at(-1) ?? '', where)
      if (kind === 'zip') await this.#level({ ...level, lease })
      else this.#add(level, lease.source.size, { gzip: kind === 'gzip', kind: kind === 'parquet' ? 'parquet' : 'data' })
    } finally {
      lease.release()
    }
  }

  #add(
    { entries, steps, time, warnings }: Level,
    size: number,
    extra: { gzip?: boolean; kind?: Member['kind']; sheet?: Sheet },
  ): void {
    const { gzip = false, kind = 'data', sheet } = extra
    const name = baseName(entries.at(-1) ?? this.path, gzip)
    const member: Member = { path: this.path, entries, steps, gzip, kind, size, time, name, warnings }
    // Written out, because there may be 100,000 of them: an object put together from others takes 300 bytes more.
    this.members.push(sheet ? { ...member, entries: [...entries, sheet.name], sheet } : member)
  }

  #budget(entries: readonly ZipEntry[], where: string): void {
    this.#entries += entries.length
    for (const entry of entries) this.#bytes += entry.size
    const { entries: most, bytesPerArchive } = this.limits
    const reason =
      this.#entries > most
        ? `lists ${this.#entries} entries so far; at most ${most} are read`
        : this.#bytes > bytesPerArchive
          ? `inflates to ${this.#bytes} bytes so far; at most ${bytesPerArchive} are read`
          : undefined
    if (reason) throw (this.#overflow = new InputError('zip.bomb', reason, { file: where }))
  }

  /** Entries whose bytes are also another's: the trick by which a small file inflates to petabytes. */
  #overlapping(source: ByteSource, entries: readonly ZipEntry[], where: string): Set<ZipEntry> {
    const found = new Set<ZipEntry>()
    let before: { entry: ZipEntry; end: number; sure: boolean } | undefined
    for (const entry of [...entries].sort((a, b) => a.offset - b.offset)) {
      // A directory with wrong sizes looks the same, so the local header has a say.
      if (before && !before.sure && before.end > entry.offset)
        before = { ...before, end: Math.min(before.end, localEnd(source, before.entry)), sure: true }
      if (before && before.end > entry.offset) found.add(entry)
      const end = entry.offset + entry.headerSize + entry.compressedSize
      if (!before || end > before.end) before = { entry, end, sure: false }
    }
    const [first] = found
    if (first) {
      const message = `${found.size} entries share their bytes with others, the first is ${first.name}; they are not read`
      this.problems.push(new InputError('zip.bomb', message, { file: where }))
    }
    return found
  }

  #where(entries: readonly string[]): string {
    return displayName({ path: this.path, entries })
  }
}

/** Where an entry ends by its own account: nowhere if it has no header, so that it cannot speak against others. */
function localEnd(source: ByteSource, entry: ZipEntry): number {
  try {
    const local = readLocalHeader(source, entry.offset, '')
    return local.complete ? local.dataStart + local.compressedSize : Number.POSITIVE_INFINITY
  } catch {
    return 0
  }
}

/** What a file or entry is. Throws where its name promises an archive and it is neither that nor anything else one could read. */
export function container(source: ByteSource, name: string, where: string): 'zip' | 'gzip' | 'parquet' | 'plain' {
  const head = source.read(0, 4096)
  if (isParquet(head)) return 'parquet'
  if (isZip(head)) return 'zip'
  if (isGzip(head)) return 'gzip'
  const promised = /\.(zip|gz)$/i.exec(name)?.[1]?.toLowerCase()
  if (!promised) return 'plain'
  const refuse = (code: string, found: string) =>
    new InputError(code, `expected a ${promised} archive; ${found}`, { file: where })
  const kind = sniff(head)
  if (kind === 'empty') throw refuse('file.empty', 'found 0 bytes')
  if (promised === 'zip' && findArchive(source)) return 'zip'
  if (kind === 'html') throw refuse('file.html', 'found a web page, perhaps an error message. Download it again')
  if (kind === 'binary') throw refuse(`${promised}.truncated`, 'its beginning is missing. Download it again')
  return 'plain'
}

function duplicate(name: string): Warning {
  return { code: 'zip.duplicate_name', message: `another entry before this one has the name ${name}; both are read` }
}

/** What follows the last / or \, without .gz if it is a gz. */
export function baseName(path: string, gzip: boolean): string {
  const base = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1)
  return gzip ? base.replace(/\.gz$/i, '') : base
}
