/**
 * A member as a delimited text with a header line, whatever its container: that is all that the rest of the program understands.
 * What is text already passes through; sheets of workbooks, JSON and Parquet are turned into it as they stream.
 * A receipt's sha256 is that of this text: of a workbook and of a Parquet file it covers what was read, sheet by sheet and column by
 * column, and costs no second reading.
 *
 * The readers of containers are loaded where one is met: nearly every archive is CSV and zip, and each process pays for what it loads.
 */
import { displayName, type Member, openMember, type Warning } from './members.js'
import type { ParquetOptions } from './parquet.js'
import { leaseThrough } from './zip-inner.js'
import { DEFAULT_LIMITS } from './zip-model.js'

export function isJson(member: Member): boolean {
  return member.kind === 'data' && /\.json$/i.test(member.name)
}

/** Loose and readable without any container: bytes can be taken from the disk as they are. */
export function isPlain(member: Member): boolean {
  return member.kind === 'data' && member.steps.length === 0 && !member.gzip && !isJson(member)
}

export type TextOptions = ParquetOptions

/** Streams a member as text; see `openMember` for errors, and file.workbook, file.json, file.parquet. Only Parquet knows options. */
export async function* openText(
  member: Member,
  onWarning: (warning: Warning) => void = () => {},
  options: TextOptions = {},
): AsyncGenerator<Uint8Array> {
  const where = displayName(member)
  const { sheet, kind } = member
  if (sheet || kind === 'parquet') {
    const lease = await leaseThrough(member.path, member.steps, where, DEFAULT_LIMITS)
    try {
      if (sheet) {
        const { sheetText } = await import('./xlsx.js')
        yield* sheetText(lease.source, sheet, where, DEFAULT_LIMITS)
      } else {
        const { parquetText } = await import('./parquet.js')
        yield* parquetText(lease.source, where, options)
      }
    } finally {
      lease.release()
    }
  } else if (isJson(member)) {
    const { jsonText } = await import('./json.js')
    yield* jsonText(() => openMember(member, {}, onWarning), where, onWarning)
  } else yield* openMember(member, {}, onWarning)
}
