/**
 * Merges sealed runs series by series: gathers the rows of one series from every run, puts them in time order, lets one row
 * per instant win and counts the others. Memory: one block per run and the rows of one series.
 */
import type { Leaves } from '../shape/leaves.js'
import { type Series, Table, WHOLE } from '../shape/table.js'
import { type LeafCounts, type MergeRules, newCounts, Resolver } from './resolve.js'
import type { Rows } from './run.js'
import { SpilledRun } from './spill.js'

export interface MergeSink {
  /** Rows of one sort group in time order, one per key and instant, final. Valid during the call. */
  rows(leaf: number, rows: Table): void
}

/** Position in one run. */
class Cursor {
  block: Rows
  at = 0
  bucket = 0
  #next = 1

  constructor(
    readonly run: Rows | SpilledRun,
    readonly bucketOf: (rows: Rows, at: number) => number,
  ) {
    this.block = run instanceof SpilledRun ? run.read(0) : run
    this.bucket = bucketOf(this.block, 0)
  }

  /** Appends the rows of the current bucket and moves to the next; false when the run is used up. */
  take(into: Table, step: number): boolean {
    const { bucket } = this
    for (;;) {
      const { block } = this
      const from = this.at
      let to = from + 1
      while (to < block.rows && this.bucketOf(block, to) === bucket) to++
      append(into, block, from, to, step)
      this.at = to
      if (to < block.rows) {
        this.bucket = this.bucketOf(block, to)
        return true
      }
      if (!(this.run instanceof SpilledRun) || this.#next >= this.run.blocks) return false
      this.block = this.run.read(this.#next++)
      this.at = 0
      this.bucket = this.bucketOf(this.block, 0)
      if (this.bucket !== bucket) return true
    }
  }
}

/** Appends rows; columns that this run lacks and another has are filled with what their absence means. */
function append(into: Table, rows: Rows, from: number, to: number, step: number): void {
  const count = to - from
  into.makeRoom(count)
  const at = into.rows
  into.series.set(rows.series.subarray(from, to), at)
  into.start.set(rows.start.subarray(from, to), at)
  into.origin.set(rows.origin.subarray(from, to), at)
  if (into.offGrid) {
    if (rows.end) into.end.set(rows.end.subarray(from, to), at)
    else for (let k = 0; k < count; k++) into.end[at + k] = (rows.start[from + k] as number) + step
  }
  if (into.joined) {
    if (rows.mask) into.mask.set(rows.mask.subarray(from, to), at)
    else into.mask.fill(WHOLE, at, at + count)
  }
  for (let k = 0; k < into.values.length; k++) {
    if (!into.used[k]) continue
    const values = rows.values[k]
    if (values) (into.values[k] as Float64Array).set(values.subarray(from, to), at)
    else (into.values[k] as Float64Array).fill(Number.NaN, at, at + count)
  }
  into.rows = at + count
}

/** A table that holds what any of the runs holds. */
function tableFor(runs: readonly (Rows | SpilledRun)[], rules: MergeRules): Table {
  const table = new Table(rules.values)
  table.offGrid = rules.untilNext || runs.some(run => run.end !== null)
  table.joined = runs.some(run => run.mask !== null)
  for (const run of runs)
    run.values.forEach((column, k) => {
      if (column) table.used[k] = true
    })
  for (const k of rules.derived) table.used[k] = true
  return table
}

export function merge(
  runs: readonly (Rows | SpilledRun)[],
  series: Series,
  leaves: Leaves,
  rules: MergeRules,
  sink: MergeSink,
): LeafCounts[] {
  const rankOf = series.groups.ranks()
  const keys = series.groups.size
  const several = leaves.wanted.length > 1
  const bucketOf = (rows: Rows, at: number): number => {
    const rank = rankOf[rows.series[at] as number] as number
    return several ? rank + keys * (leaves.met[leaves.at(rows.start[at] as number)]?.wanted ?? 0) : rank
  }
  const counts = leaves.wanted.map(newCounts)
  const segment = tableFor(runs, rules)
  const { step } = rules
  const resolver = new Resolver(segment, rules, series.keys.ranks())
  let cursors = runs.filter(run => run.rows > 0).map(run => new Cursor(run, bucketOf))
  while (cursors.length > 0) {
    let bucket = Number.POSITIVE_INFINITY
    for (const cursor of cursors) if (cursor.bucket < bucket) bucket = cursor.bucket
    segment.clear()
    let ended = false
    for (const cursor of cursors) if (cursor.bucket === bucket && !cursor.take(segment, step)) ended = markEnded(cursor)
    if (ended) cursors = cursors.filter(cursor => cursor.bucket !== ENDED)
    const leaf = several ? Math.floor(bucket / keys) : 0
    const count = counts[leaf] as LeafCounts
    const rows = resolver.resolve(count)
    count.written += rows.rows
    if (rows.rows > 0) sink.rows(leaf, rows)
  }
  return counts
}

const ENDED = Number.POSITIVE_INFINITY

function markEnded(cursor: Cursor): true {
  cursor.bucket = ENDED
  return true
}
