/** Rows of one raw file in the unified schema, without an output: what `inspect` shows and the library iterates. */
import { converters } from '../../converters/index.js'
import { datasetOf } from '../model/dataset.js'
import { asConvertError, InputError } from '../model/errors.js'
import type { Converter, Report } from '../model/report.js'
import { Header, neededColumns } from '../read/header.js'
import { listMembers, type Member } from '../read/members.js'
import { openText } from '../read/open.js'
import { refusal } from '../read/refuse.js'
import { Scanner } from '../read/scan.js'
import { Clock } from '../shape/clock.js'
import { newSource, ReadContext, type SourceState } from '../shape/context.js'
import { draft } from '../shape/draft.js'
import { type Guess, guess } from '../shape/guess.js'
import { Leaves } from '../shape/leaves.js'
import { firstLines } from '../shape/lines.js'
import { groupsOf } from '../shape/names.js'
import { type Recognised, recognise } from '../shape/recognise.js'
import { SourceScan } from '../shape/source.js'
import { rowAt } from '../shape/unified.js'
import { sampleOf } from './sample.js'
import { settle, streams } from './settled.js'

/** Rows of one chunk, in the order of the file, before duplicates are resolved. */
export interface RawBatch {
  readonly context: ReadContext
  readonly from: number
  readonly to: number
}

export interface RawView {
  readonly iso: string
  readonly report: string
  readonly title: string
  readonly dataset: string
  readonly partitions: readonly string[]
  readonly header: readonly string[]
  readonly unknown: readonly string[]
  readonly rejected: readonly string[]
  readonly rows: readonly Readonly<Record<string, unknown>>[]
}

export interface InspectedMember {
  readonly file: string
  readonly what: string
  readonly views: readonly RawView[]
  /** Of a table that no report reads and that looks like prices: what is what in it, and a declaration to begin with. */
  readonly guess?: Guess & { readonly draft: string }
}

/** Every market's reading of every member of a file. */
export async function recogniseFile(
  path: string,
  isos: readonly string[],
): Promise<
  { member: Member; display: string; found: { converter: Converter; source: Recognised }[]; reasons: string[] }[]
> {
  const { members, problems } = await listMembers(path)
  if (members.length === 0 && problems[0]) throw problems[0]
  const result = []
  for (const member of members) {
    const display = [path, ...member.entries].join(' > ')
    const found: { converter: Converter; source: Recognised }[] = []
    const reasons: string[] = []
    // A published name with another content says more than what the other markets do not know.
    const problems: string[] = []
    for (const iso of isos) {
      const converter = converters.get(iso) as Converter
      const verdict = await recognise(converter, {
        name: member.name,
        path: display,
        memberTime: member.time,
        workbook: member.kind === 'workbook',
        sheet: member.kind === 'sheet',
        empty: member.size === 0,
        sure: isos.length === 1,
        sample: () => sampleOf(member),
      })
      if (verdict.kind === 'sources') for (const source of verdict.sources) found.push({ converter, source })
      else if (verdict.kind === 'problem') problems.push(verdict.message)
      else reasons.push(`${iso}: ${verdict.reason}`)
    }
    result.push({ member, display, found, reasons: problems.length > 0 ? problems : reasons })
  }
  return result
}

/** Streams a member as one report reads it; the table is emptied after each batch. */
export async function* readMember(
  converter: Converter,
  report: Report,
  member: Member,
  display: string,
  reject: (reason: string) => void,
  leaves: readonly string[],
): AsyncGenerator<RawBatch & { state: SourceState }> {
  const dataset = datasetOf(report.dataset)
  const clock = new Clock(converter.zone)
  const all = new Leaves(clock, dataset, leaves)
  const context = new ReadContext(dataset, clock, all, (_, __, rejection) =>
    reject(`${rejection.file}:${rejection.line}: ${rejection.column} ${rejection.reason}`),
  )
  const state = newSource({
    index: 0,
    display,
    report,
    document: display,
    file: {
      name: member.name,
      path: display,
      groups: groupsOf(report, member.name),
      preamble: [],
      memberTime: member.time,
    },
  })
  const finality = report.finality ?? { priority: 0, revision: 1, final: true }
  const origin = context.addOrigin({ source: 0, report, finality, current: true })
  const scan = new SourceScan(new Scanner(), context, state, origin)
  let first = true
  const warn = ({ message }: { message: string }) => state.warnings.add(message)
  const columns = (names: readonly string[]) => neededColumns(report, new Header(names))
  for await (const chunk of openText(member, warn, { columns })) {
    if (first) {
      const refused = refusal(chunk, display)
      if (refused === 'empty') return
      if (refused) throw refused
    }
    first = false
    scan.scanner.feed(chunk)
    scan.pump()
    // What may be of a doubtful hour waits for the lines that settle it.
    if (!streams(report) || state.doubts.size > 0) continue
    settle(context, state, reject)
    if (context.table.rows > 0) yield { context, state, from: 0, to: context.table.rows }
    context.table.clear()
  }
  scan.finish()
  settle(context, state, reject)
  if (context.table.rows > 0) yield { context, state, from: 0, to: context.table.rows }
}

export async function inspectRaw(path: string, isos: readonly string[], rows: number): Promise<InspectedMember[]> {
  const members: InspectedMember[] = []
  for (const { member, display, found, reasons } of await recogniseFile(path, isos)) {
    const views: RawView[] = []
    for (const { converter, source } of found) {
      const report = converter.reports.find(each => each.id === source.report) as Report
      views.push(await inspectView(converter, report, member, display, source, rows))
    }
    // A published name may stand over another header.
    const unread = views.every(view => view.header.length === 0)
    const guessed = unread ? await guessOf(member, isos) : undefined
    // What looks like prices is told once below, not by every market.
    const unknown = guessed && reasons.every(reason => reason.includes('looks like prices: '))
    const nobody = `no report of ${isos.length === 1 ? isos[0]?.toUpperCase() : 'any market'} has this name or header`
    const recognised = unread ? 'recognised by its name, but not read' : 'recognised'
    const what = views.length > 0 ? recognised : unknown ? nobody : reasons.join('; ')
    members.push({ file: display, what, views, ...(guessed ? { guess: guessed } : {}) })
  }
  return members
}

async function guessOf(member: Member, isos: readonly string[]): Promise<InspectedMember['guess']> {
  const { head } = await sampleOf(member)
  if (refusal(head, member.name) !== null) return undefined
  const guessed = guess(firstLines(head))
  const zone = isos.length === 1 ? converters.get(isos[0] as string)?.zone : undefined
  return guessed ? { ...guessed, draft: draft(guessed, { name: member.name, zone }) } : undefined
}

async function inspectView(
  converter: Converter,
  report: Report,
  member: Member,
  display: string,
  source: Recognised,
  limit: number,
): Promise<RawView> {
  const rejected: string[] = []
  const rows: Record<string, unknown>[] = []
  let header: readonly string[] = []
  let unknown: readonly string[] = []
  try {
    for await (const batch of readMember(
      converter,
      report,
      member,
      display,
      text => rejected.push(text),
      source.leaves,
    )) {
      unknown = batch.state.unknownColumns
      header = batch.state.header
      for (let at = batch.from; at < batch.to && rows.length < limit; at++)
        rows.push(rowAt(converter.iso, batch.context, at))
      if (rows.length >= limit) break
    }
  } catch (error) {
    const known = asConvertError(error, { file: display })
    if (!(known instanceof InputError)) throw known
    rejected.push(known.message)
  }
  return {
    iso: converter.iso,
    report: report.id,
    title: report.title,
    dataset: report.dataset,
    partitions: source.leaves,
    header,
    unknown,
    rejected,
    rows,
  }
}
