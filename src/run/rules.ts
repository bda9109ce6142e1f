/** What merging needs to know of the documents that were read: who wins, who failed, what belongs to a sibling data set. */
import { createHash } from 'node:crypto'
import type { MergeRules } from '../merge/rules.js'
import { type Document, judge } from '../merge/winner.js'
import type { Converter, Report } from '../model/report.js'
import { type Origin, type ReadContext, runTimesOf } from '../shape/context.js'
import type { RunTimes } from '../shape/runs.js'
import type { SourceResult } from './read.js'

export function rulesFor(
  context: ReadContext,
  results: readonly SourceResult[],
  combine: Converter['combine'],
  quarantine: MergeRules['quarantine'],
): MergeRules {
  const { origins, valueColumns, dataset } = context
  const derives = origins.some(origin => origin.report.layout.deriveEnergy !== undefined)
  const documents = new Map<string, Document>()
  const runs = runsOf(context, results)
  const columns = (names: readonly string[]) => names.map(name => valueColumns.indexOf(name))
  return {
    judgement: judge(origins, origin => {
      const own = results[origin.source] as SourceResult
      const key = `${own.source.document}\n${own.source.report}`
      let document = documents.get(key)
      if (!document) documents.set(key, (document = documentOf(origin, own, results, runs[origin.source])))
      if (!origin.file) return document
      return { ...document, stamp: origin.report.stamp?.(origin.file) ?? document.stamp }
    }),
    combine,
    belongs: belongs(context, results, runs),
    compared: columns(dataset.prices),
    optional: columns(dataset.optional),
    values: valueColumns.length,
    priced: valueColumns.indexOf('price'),
    whole: Uint8Array.from(origins, ({ report }) => wholeMask(report, valueColumns)),
    untilNext: origins.some(origin => origin.report.time.untilNext),
    derived: derives ? [valueColumns.indexOf('energy')] : [],
    startOf: starts(context, runs),
    doubts: results.some(({ state }) => state.doubts.size > 0)
      ? origins.map(({ source }) => {
          const { doubts } = (results[source] as SourceResult).state
          return doubts.size > 0 ? doubts : undefined
        })
      : undefined,
    quarantine,
  }
}

/** Components that make a row whole, one bit each; 0 for layouts in which a record is a row. */
function wholeMask({ layout }: Report, valueColumns: readonly string[]): number {
  const named = layout.kind === 'hours' ? layout.component?.columns : undefined
  return Object.values(named ?? {}).reduce((bits, name) => bits | (1 << valueColumns.indexOf(name)), 0)
}

/** Dispatch runs of each source that has any. */
function runsOf({ origins }: ReadContext, results: readonly SourceResult[]): (RunTimes | undefined)[] {
  const runs: (RunTimes | undefined)[] = []
  for (const { source } of origins) {
    const { state } = results[source] as SourceResult
    if (state.runs.size > 0) runs[source] ??= runTimesOf(state)
  }
  return runs
}

/** The beginning of a run is the end of the run before it in its document. */
function starts(
  { origins, clock, dataset }: ReadContext,
  runs: readonly (RunTimes | undefined)[],
): MergeRules['startOf'] {
  if (!origins.some(({ report }) => report.time.sincePrevious)) return undefined
  const own = origins.map(({ report, source }) => (report.time.sincePrevious ? runs[source] : undefined))
  return (origin, end) => own[origin]?.startOf(end, clock, dataset.minutes)
}

function documentOf(
  { report }: Origin,
  own: SourceResult,
  results: readonly SourceResult[],
  runs: RunTimes | undefined,
): Document {
  // Members of one document stand together in the order of reading; most documents have one.
  const parts = results.filter(
    each => each.source.document === own.source.document && each.source.report === own.source.report,
  )
  const digests = parts.map(each => each.sha256).sort()
  const sha256 = digests.length === 1 ? own.sha256 : createHash('sha256').update(digests.join('\n')).digest('hex')
  const { file } = own.state
  const rows = parts.flatMap(each => each.state.perLeaf).reduce((sum, count) => sum + (count ?? 0), 0)
  return {
    sha256,
    stamp: report.stamp?.(file) ?? file.memberTime,
    lastInstant: runs?.last ?? Math.max(...parts.map(each => each.state.lastInstant)),
    intervals: runs?.ends.length ?? 0,
    rows,
    whole: report.whole ? `${report.id} ${file.groups.day ?? own.source.display}` : '',
    failed: parts.some(each => each.outcome === 'failed'),
  }
}

/** Rows that another data set takes do not belong: of the other grid of a feed, or of advisory runs behind the dispatch runs. */
function belongs(
  context: ReadContext,
  results: readonly SourceResult[],
  runs: readonly (RunTimes | undefined)[],
): MergeRules['belongs'] {
  const { origins } = context
  const inGrid = grid(context, results)
  const last = origins.map(({ report, source }) => (report.advisory ? runs[source]?.last : undefined))
  const advisory = last.some(
    (end, at) =>
      end !== undefined && (origins[at]?.report.advisory === 'take' || runs[origins[at]?.source ?? -1]?.advisory),
  )
  if (!advisory) return inGrid
  return (origin, start, end) => {
    const until = last[origin]
    if (until !== undefined && end > until !== (origins[origin]?.report.advisory === 'take')) return false
    return inGrid?.(origin, start, end) ?? true
  }
}

/**
 * Days with stamps off the hour belong to the finer data set, all others to the hourly one. A name that says 5-minute settles
 * it; else the days of the same document do, or those of all documents where the feed changed its grid on one day.
 */
function grid(context: ReadContext, results: readonly SourceResult[]): MergeRules['belongs'] {
  const { origins } = context
  if (!origins.some(({ report }) => report.grid !== undefined)) return undefined
  const all = new Set(results.flatMap(({ state }) => [...state.finerDays]))
  const rules = origins.map(({ report, source }) => {
    const { state, source: own } = results[source] as SourceResult
    if (report.grid === undefined || (report.grid === 'finer' && own.named)) return null
    return { finer: report.gridChanged ? all : state.finerDays, wants: report.grid === 'finer' }
  })
  return (origin, start) => {
    const rule = rules[origin]
    return !rule || rule.finer.has(context.clock.dayAt(start).day) === rule.wants
  }
}
