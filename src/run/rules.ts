/** What merging needs to know of the documents that were read: who wins, who failed, what belongs to a sibling data set. */
import { createHash } from 'node:crypto'
import type { MergeRules } from '../merge/resolve.js'
import { type Document, judge } from '../merge/winner.js'
import type { Converter } from '../model/report.js'
import type { Origin, ReadContext } from '../shape/context.js'
import type { SourceResult } from './read.js'

export function rulesFor(
  context: ReadContext,
  results: readonly SourceResult[],
  combine: Converter['combine'],
): MergeRules {
  const { origins, valueColumns } = context
  const derives = origins.some(origin => origin.report.layout.deriveEnergy !== undefined)
  const documents = new Map<string, Document>()
  return {
    judgement: judge(origins, origin => {
      const own = results[origin.source] as SourceResult
      const key = `${own.source.document}\n${own.source.report}`
      let document = documents.get(key)
      if (!document) documents.set(key, (document = documentOf(origin, own, results)))
      return document
    }),
    combine,
    belongs: grid(context, results),
    compared: context.dataset.prices.map(name => valueColumns.indexOf(name)),
    values: valueColumns.length,
    untilNext: origins.some(origin => origin.report.time.untilNext),
    derived: derives ? [valueColumns.indexOf('energy')] : [],
  }
}

function documentOf({ report }: Origin, own: SourceResult, results: readonly SourceResult[]): Document {
  // Members of one document stand together in the order of reading; most documents have one.
  const parts = results.filter(
    each => each.source.document === own.source.document && each.source.report === own.source.report,
  )
  const digests = parts.map(each => each.sha256).sort()
  const sha256 = digests.length === 1 ? own.sha256 : createHash('sha256').update(digests.join('\n')).digest('hex')
  const { file } = own.state
  return {
    sha256,
    stamp: report.stamp?.(file) ?? file.memberTime,
    lastInstant: Math.max(...parts.map(each => each.state.lastInstant)),
    whole: report.whole ? `${report.id} ${file.groups.day ?? own.source.display}` : '',
    failed: parts.some(each => each.outcome === 'failed'),
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
