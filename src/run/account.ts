/** Adds up what became of every row, so that nothing vanishes: the conservation law of the receipts. */
import { createHash } from 'node:crypto'
import type { LeafCounts } from '../merge/rules.js'
import { InternalError } from '../model/errors.js'
import type { Converter, Report } from '../model/report.js'
import type { Counts, Problem, ReceiptInput, SourceFinding, Unit } from '../model/unit.js'
import { dateText } from '../shape/clock.js'
import { runTimesOf } from '../shape/context.js'
import type { Leaf, Leaves } from '../shape/leaves.js'
import type { SourceResult } from './read.js'

export interface Account {
  readonly counts: Counts
  readonly inputs: readonly ReceiptInput[]
  readonly problems: readonly Problem[]
  readonly warnings: readonly string[]
  readonly unknownColumns: readonly string[]
  /** Words of rows that belong to another market or run. */
  readonly otherMarkets: readonly string[]
}

const sum = (numbers: Iterable<number | undefined>): number => {
  let total = 0
  for (const each of numbers) total += each ?? 0
  return total
}

/** Words of rows that nobody took, with the files they stand in. */
function leftOut(sources: readonly SourceResult[]): string[] {
  const words = new Set(sources.flatMap(({ state }) => [...state.left]))
  return [...words].filter(word => word !== '').sort()
}

/** Sources that hold rows of the leaf, or were expected to. */
function sourcesOf(results: readonly SourceResult[], leaves: Leaves, leaf: Leaf): SourceResult[] {
  const at = leaves.met.indexOf(leaf)
  return results.filter(({ source, state }) => state.perLeaf[at] !== undefined || source.leaves.includes(leaf.key))
}

/** Digest of the contents that rows of the leaf came from. Copies and their names do not count, nor what the plan expected. */
export function digestOf(results: readonly SourceResult[], leaves: Leaves, leaf: Leaf): string {
  const at = leaves.met.indexOf(leaf)
  const read = results.filter(({ state }) => state.perLeaf[at] !== undefined)
  const lines = new Set(read.map(({ source, sha256 }) => `${source.report} ${sha256}`))
  return createHash('sha256')
    .update([...lines].sort().join('\n'))
    .digest('hex')
}

function inputOf({ source, sha256 }: SourceResult): ReceiptInput {
  const [path = '', ...entries] = source.display.split(' > ')
  return {
    path,
    entry: entries.join(' > '),
    bytes: source.size,
    mtime: new Date(source.mtime).toISOString(),
    sha256,
    report: source.report,
  }
}

/** Throws InternalError when the rows that were read for a leaf are not the rows that were accounted for. */
export function accountFor(
  results: readonly SourceResult[],
  leaves: Leaves,
  leaf: Leaf,
  merged: LeafCounts,
  unit: Unit,
): Account {
  const at = leaves.met.indexOf(leaf)
  const sources = sourcesOf(results, leaves, leaf)
  const rows = sum(sources.flatMap(({ state }) => state.perLeaf))
  const here = sum(sources.map(({ state }) => state.perLeaf[at]))
  const others = sum(sources.flatMap(({ state }) => [...state.others.values()]))
  const othersHere = sum(sources.map(({ state }) => state.others.get(at)))
  const rejected = sum(sources.flatMap(({ state }) => [...state.rejected.values()]))
  const rejectedHere = sum(
    sources.map(({ source, state }) => {
      const timeless = source.home === leaf.key ? (state.rejected.get(-1) ?? 0) : 0
      return (state.rejected.get(at) ?? 0) + timeless
    }),
  )
  const counts: Counts = {
    read: rows + rejected + others - merged.joined,
    written: merged.written,
    duplicate_identical: merged.duplicateIdentical,
    superseded: merged.superseded,
    conflicting: merged.conflicting,
    quarantined: rejectedHere + merged.failed,
    other_market: othersHere,
    outside_partition: rows - here + (rejected - rejectedHere) + (others - othersHere) + merged.elsewhere,
    empty_cells: sum(sources.map(({ state }) => state.emptyCells)),
  }
  const { written, duplicateIdentical, superseded, conflicting, failed, elsewhere } = merged
  const found = written + duplicateIdentical + superseded + conflicting + failed + elsewhere
  if (here - merged.joined !== found)
    throw new InternalError(
      'counts.unbalanced',
      `${unit.iso} ${unit.dataset} ${leaf.key}: ${here} rows read, ${found} accounted for, ${merged.joined} joined`,
    )
  return {
    counts,
    inputs: sources.map(inputOf).sort((a, b) => order(a.path + a.entry, b.path + b.entry)),
    problems: problemsOf(sources),
    warnings: [
      ...new Set(sources.flatMap(({ source, state }) => [...state.warnings].map(each => `${source.display}: ${each}`))),
    ],
    otherMarkets: leftOut(sources),
    unknownColumns: [...new Set(sources.flatMap(({ state }) => state.unknownColumns))].sort(),
  }
}

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

export function problemsOf(results: readonly SourceResult[]): Problem[] {
  return results
    .filter(({ problem }) => problem !== undefined)
    .map(({ source, problem }) => ({
      file: source.display,
      code: problem?.code ?? '',
      message: problem?.message ?? '',
    }))
}

/** What reading has shown of a source: which leaves it really reaches, and which sibling reports should read it too. */
export function findingOf(result: SourceResult, leaves: Leaves, converter: Converter): SourceFinding {
  const { source, state } = result
  const reached: Record<string, number> = {}
  state.perLeaf.forEach((count, at) => {
    const leaf = leaves.met[at]
    if (leaf) reached[leaf.key] = count ?? 0
  })
  const feed = feedOf(state.report)
  const siblings = converter.reports.filter(
    each => each !== state.report && feedOf(each) === feed && wants(each, result),
  )
  return {
    key: source.key,
    display: source.display,
    report: source.report,
    leaves: reached,
    siblings: siblings.map(each => each.id),
    siblingDays: siblings.length > 0 ? daysLeft(result, leaves).map(dateText) : [],
    empty: result.outcome === 'empty' || result.outcome === 'header only',
  }
}

/** Days of the rows that siblings take: of another market or run, of the other grid, or of advisory runs. */
function daysLeft({ state }: SourceResult, leaves: Leaves): number[] {
  const days = new Set([...state.otherDays, ...state.days])
  if (state.report.advisory === 'leave') {
    const { ends, last } = runTimesOf(state)
    for (const end of ends) if (end > last) days.add(leaves.clock.dayAt(end - 1).day)
  }
  return [...days].sort((a, b) => a - b)
}

const feedOf = ({ feed, published, id }: Report): string => feed ?? published ?? id

function wants({ grid, advisory, layout }: Report, { state, source }: SourceResult): boolean {
  if (state.report.advisory === 'leave') return advisory === 'take' && runTimesOf(state).advisory
  if (state.left.size > 0) {
    const only = layout.kind === 'hours' ? undefined : layout.only
    return advisory === undefined && (!only || only.take.some(word => state.left.has(word)))
  }
  if (state.report.grid === 'hourly') return grid === 'finer' && state.finerDays.size > 0
  if (state.report.grid !== 'finer' || grid !== 'hourly' || source.named) return false
  return [...state.days].some(day => !state.finerDays.has(day))
}
