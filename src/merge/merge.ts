/**
 * Merges sealed runs series by series: gathers the rows of one series from every run, puts them in time order, lets one row
 * per instant win and counts the others. Memory: one block per run and the rows of one series.
 */
import { Breath } from '../model/breath.js'
import type { Leaves } from '../shape/leaves.js'
import { type Series, Table, WHOLE } from '../shape/table.js'
import { Resolver } from './resolve.js'
import { type LeafCounts, type MergeRules, newCounts } from './rules.js'
import { inStartOrder, type Rows, rowsOf } from './run.js'
import { BLOCK_ROWS, SpilledRun } from './spill.js'

export type Run = Rows | SpilledRun

/** What the order of a file depends on. */
export interface Order {
  readonly series: Series
  readonly leaves: Leaves
  /** Nominal interval length in seconds. */
  readonly step: number
}

type Visit = (leaf: number) => void

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
    readonly run: Run,
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
function tableFor(runs: readonly Run[], values: number): Table {
  const table = new Table(values)
  table.offGrid = runs.some(run => run.end !== null)
  table.joined = runs.some(run => run.mask !== null)
  for (const run of runs)
    run.values.forEach((column, k) => {
      if (column) table.used[k] = true
    })
  return table
}

/** Bucket by bucket in file order: gathers the rows of one bucket from all runs, in the order of the runs. */
async function eachBucket(
  runs: readonly Run[],
  { series, leaves, step }: Order,
  into: Table,
  visit: Visit,
): Promise<void> {
  const breath = new Breath()
  const rankOf = series.groups.ranks()
  const keys = series.groups.size
  const several = leaves.wanted.length > 1
  const bucketOf = (rows: Rows, at: number): number => {
    const rank = rankOf[rows.series[at] as number] as number
    return several ? rank + keys * (leaves.met[leaves.at(rows.start[at] as number)]?.wanted ?? 0) : rank
  }
  let cursors = runs.filter(run => run.rows > 0).map(run => new Cursor(run, bucketOf))
  while (cursors.length > 0) {
    let bucket = Number.POSITIVE_INFINITY
    for (const cursor of cursors) if (cursor.bucket < bucket) bucket = cursor.bucket
    into.clear()
    let ended = false
    for (const cursor of cursors) if (cursor.bucket === bucket && !cursor.take(into, step)) ended = markEnded(cursor)
    if (ended) cursors = cursors.filter(cursor => cursor.bucket !== ENDED)
    visit(several ? Math.floor(bucket / keys) : 0)
    if (breath.due) await breath.take()
  }
}

export async function merge(
  runs: readonly Run[],
  order: Order,
  rules: MergeRules,
  sink: MergeSink,
): Promise<LeafCounts[]> {
  const counts = order.leaves.wanted.map(newCounts)
  const segment = tableFor(runs, rules.values)
  segment.offGrid ||= rules.untilNext
  for (const k of rules.derived) segment.used[k] = true
  const resolver = new Resolver(segment, rules, order.series.keys.ranks(), order.series.names.ranks(), order.step)
  await eachBucket(runs, order, segment, leaf => {
    const count = counts[leaf] as LeafCounts
    const rows = resolver.resolve(count)
    count.written += rows.rows
    if (rows.rows > 0) sink.rows(leaf, rows)
  })
  return counts
}

/** Makes one run on disk of several, every row kept and rows of one instant in their order. The several are removed. */
export async function consolidate(runs: readonly SpilledRun[], order: Order, folder: string): Promise<SpilledRun> {
  const segment = tableFor(runs, runs[0]?.values.length ?? 0)
  const shape = {
    end: segment.offGrid || null,
    mask: segment.joined || null,
    values: segment.used.map(used => used || null),
  }
  const whole = new SpilledRun(shape, folder)
  const waiting = tableFor(runs, segment.values.length)
  const flush = () => {
    whole.append(rowsOf(waiting))
    waiting.clear()
  }
  try {
    await eachBucket(runs, order, segment, () => {
      const sorted = inStartOrder(segment)
      for (let from = 0; from < sorted.rows; from += BLOCK_ROWS) {
        append(waiting, sorted, from, Math.min(sorted.rows, from + BLOCK_ROWS), order.step)
        if (waiting.rows >= BLOCK_ROWS) flush()
      }
    })
    if (waiting.rows > 0) flush()
  } catch (error) {
    whole.remove()
    throw error
  }
  for (const run of runs) run.remove()
  return whole
}

const ENDED = Number.POSITIVE_INFINITY

function markEnded(cursor: Cursor): true {
  cursor.bucket = ENDED
  return true
}
