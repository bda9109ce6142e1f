/**
 * Which report a readable thing is, and which leaves it reaches. A published name that says both is believed (conversion checks
 * it); else the first and last bytes are read with the very layout that conversion will use.
 */
import { asConvertError, type ConvertError } from '../model/errors.js'
import type { PartitionKey } from '../model/partition.js'
import type { Converter, FileContext, Report } from '../model/report.js'
import { Header } from '../read/header.js'
import { refusal } from '../read/refuse.js'
import { tells, WHOSE } from './evidence.js'
import { guess, guessText } from './guess.js'
import { firstLines, resembles, shown, UNLIKE, wrongHeader } from './lines.js'
import { groupsOf, matches } from './names.js'
import { Prober } from './probe.js'
import { fitsHeader } from './source.js'
import { dayOf, leavesByName, orderOf } from './span.js'

export interface Candidate {
  readonly name: string
  /** With folders and outer names. */
  readonly path: string
  readonly memberTime: number
  /** A workbook without a sheet that could be read. */
  readonly workbook: boolean
  /** One sheet of a workbook: what is no table in it may be a note. */
  readonly sheet?: boolean
  readonly empty: boolean
  /** The folder or the user says that it is this market's. */
  readonly sure: boolean
  /** Reports of other markets, where the file may be one of theirs. */
  readonly foreign?: readonly Report[]
  /** First and last bytes, asked for only when the name is not enough; the last ones are empty inside containers. */
  readonly sample: () => Promise<{ head: Uint8Array; tail: Uint8Array }>
}

export interface Recognised {
  readonly report: string
  /** The published name alone says which report it is. */
  readonly named: boolean
  readonly groups: Readonly<Record<string, string | undefined>>
  readonly leaves: readonly PartitionKey[]
  /** About when its rows begin, seconds since 1970: sources are read in this order, so that runs come sorted. */
  readonly first: number
}

export type Verdict =
  | { readonly kind: 'sources'; readonly sources: readonly Recognised[] }
  | { readonly kind: 'out of scope'; readonly reason: string }
  | { readonly kind: 'empty'; readonly report: string; readonly reason: string }
  | { readonly kind: 'unknown'; readonly reason: string; readonly looksLikePrices?: true }
  | { readonly kind: 'problem'; readonly code: string; readonly message: string; readonly report: string }

/** @param prober keeps what it learns; give the same one for all files of an archive */
export async function recognise(
  converter: Converter,
  candidate: Candidate,
  prober = new Prober(converter),
): Promise<Verdict> {
  const named = converter.reports.filter(report => report.names.some(pattern => matches(pattern, candidate.name)))
  if (candidate.workbook) return outOfScope(converter, candidate, []) ?? { kind: 'out of scope', reason: WORKBOOK }
  const [only] = named
  const byName = only?.span && (!only.grid || only.gridSure) && isPublished(only, candidate)
  if (named.length === 1 && byName) {
    const leaves = leavesByName(only, groupsOf(only, candidate.name))
    if (leaves.length > 0) return { kind: 'sources', sources: [found(only, candidate, leaves)] }
  }
  if (named.length === 0) {
    const skipped = outOfScope(converter, candidate, [])
    if (skipped) return skipped
  }
  if (candidate.empty)
    return only
      ? { kind: 'empty', report: only.id, reason: 'the file holds no bytes' }
      : { kind: 'unknown', reason: 'an empty file under a name that no report has' }
  try {
    return await byContent(prober, candidate, named)
  } catch (error) {
    return problem(asConvertError(error, { file: candidate.path }), named)
  }
}

const WORKBOOK = 'a workbook of the old kind (XLS), or one without a readable sheet: save it as XLSX or CSV'

/** The name is believed only of a file as it is published: JSON and sheets under such a name may hold anything. */
function isPublished(report: Report, { name, sheet }: Candidate): boolean {
  return !sheet && report.names.some(pattern => pattern.test(name))
}

function problem(error: ConvertError, named: readonly Report[]): Verdict {
  const [report] = named
  if (!report) return { kind: 'unknown', reason: error.message }
  return { kind: 'problem', code: error.code, message: error.message, report: report.id }
}

async function byContent(prober: Prober, candidate: Candidate, named: readonly Report[]): Promise<Verdict> {
  const { converter } = prober
  const { head, tail } = await candidate.sample()
  const refused = refusal(head, candidate.path)
  if (refused === 'empty') {
    const [report] = named
    return report
      ? { kind: 'empty', report: report.id, reason: 'an answer without data' }
      : { kind: 'unknown', reason: 'an answer without data under a name that no report has' }
  }
  if (refused) {
    if (refused.code === 'file.workbook')
      return outOfScope(converter, candidate, []) ?? { kind: 'out of scope', reason: WORKBOOK }
    return problem(refused, named)
  }
  const lines = firstLines(head, prober.scanner)
  const headers = lines.map(cells => new Header(cells))
  // A published name stands for the title line, which users' copies often lack.
  const fits = (report: Report) => fitsHeader(report, headers, !named.includes(report))
  let reports = named.filter(fits)
  if (reports.length === 0) {
    const skipped = outOfScope(converter, candidate, lines)
    if (skipped) return skipped
    if (named.length > 0) {
      const wrong = wrongHeader(candidate.path, named, lines)
      return candidate.sheet && !resembles(named, lines) ? { ...wrong, code: UNLIKE } : wrong
    }
    reports = converter.reports.filter(report => report.byHeader !== false && fits(report))
    const told = reports.filter(report => candidate.sure || tells(report, candidate.path, lines))
    if (told.length === 0 && reports.length > 0) return { kind: 'unknown', reason: WHOSE }
    reports = told
  }
  if (reports.length === 0)
    return outOfScope(converter, candidate, lines, true) ?? unknown(converter, candidate, lines, headers)
  const placeless = reports.find(({ inPath }) => inPath && !inPath.text.test(candidate.path))
  if (placeless?.inPath)
    return outOfScope(converter, candidate, []) ?? { kind: 'unknown', reason: placeless.inPath.reason }
  const sources: Recognised[] = []
  const declined: { source: Recognised; reason: string }[] = []
  const left = new Set<string>()
  for (const report of reports) {
    const groups = groupsOf(report, candidate.name)
    let leaves = leavesByName(report, groups)
    const seen =
      leaves.length > 0 && (!report.grid || (report.gridSure && named.length === 1))
        ? null
        : prober.probe(report, contextOf(report, candidate), head, tail)
    const first = orderOf(report, seen?.first ?? dayOf(groups))
    for (const word of seen?.left ?? []) left.add(word)
    if (seen && leaves.length === 0) leaves = seen.leaves
    // The name decides between the grids of one feed; without it the stamps do.
    if (report.grid && named.length !== 1 && seen) {
      const one = report.gridSure && report.grid === 'hourly' && named.length === 0 && seen.length <= 3600
      if (one || seen.finer !== (report.grid === 'finer')) continue
    }
    const source = { report: report.id, named: named.length === 1 && named[0] === report, groups, leaves, first }
    if (seen?.rejected && !seen.read) declined.push({ source, reason: seen.rejected })
    else if (leaves.length > 0) sources.push(source)
  }
  if (sources.length > 0) return { kind: 'sources', sources }
  const skipped = outOfScope(converter, candidate, lines, true)
  if (skipped) return skipped
  // Rows that every report refuses are told once, by the first: in quarantine if they have a time, else as the file's problem.
  const [told] = declined
  if (told && told.source.leaves.length > 0) return { kind: 'sources', sources: [told.source] }
  if (told)
    return {
      kind: 'problem',
      code: 'rows.rejected',
      message: `${candidate.path}: ${told.reason}`,
      report: told.source.report,
    }
  if (left.size > 0)
    return { kind: 'out of scope', reason: `rows of ${[...left].sort().join(', ')} only, which no data set here holds` }
  return { kind: 'empty', report: reports[0]?.id ?? '', reason: 'a header and no rows' }
}

/** A table that looks like prices, and is nobody's, is how a change of format shows on its first day. */
function unknown(
  converter: Converter,
  { foreign = [], name }: Candidate,
  lines: readonly (readonly string[])[],
  headers: readonly Header[],
): Verdict {
  const reason = `no report of ${converter.iso} has this name or header: ${shown(lines)}`
  const guessed = guess(lines)
  const other = (report: Report) =>
    report.names.some(pattern => pattern.test(name)) || fitsHeader(report, headers, false)
  if (!guessed || foreign.some(other)) return { kind: 'unknown', reason }
  return { kind: 'unknown', reason: `looks like prices: ${guessText(guessed)}; ${reason}`, looksLikePrices: true }
}

function contextOf(report: Report, candidate: Candidate): FileContext {
  return {
    name: candidate.name,
    path: candidate.path,
    groups: groupsOf(report, candidate.name),
    preamble: [],
    memberTime: candidate.memberTime,
  }
}

function found(report: Report, candidate: Candidate, leaves: readonly PartitionKey[]): Recognised {
  const groups = groupsOf(report, candidate.name)
  return { report: report.id, named: true, groups, leaves, first: orderOf(report, dayOf(groups)) }
}

/** By name, or by a header line and the record below it. */
function outOfScope(
  converter: Converter,
  candidate: Candidate,
  lines: readonly (readonly string[])[],
  last = false,
): Verdict | null {
  // A sheet has a name of its own.
  const innermost = candidate.path.split(' > ').at(-1) ?? ''
  const headers = lines.map(cells => new Header(cells))
  const skip = converter.outOfScope.find(each => {
    if (each.last && !last) return false
    if (each.names?.some(pattern => matches(pattern, candidate.name) || pattern.test(innermost))) return true
    const at = headers.findIndex(header => each.header?.every(name => header.has(name)))
    if (at < 0 || !each.first) return at >= 0
    const column = headers[at]?.find({ spellings: [each.first.column], required: true }) ?? -1
    return each.first.texts.includes((lines[at + 1]?.[column] ?? '').trim())
  })
  return skip ? { kind: 'out of scope', reason: skip.reason } : null
}
