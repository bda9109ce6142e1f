/**
 * Merges sealed runs series by series: gathers the rows of one series from every run, puts them in time order, lets one row
 * per instant win and counts the others. Memory: one block per run and the rows of one series.
 */
import type { Leaves } from '../shape/leaves.js'
import { type Series, Table } from '../shape/table.js'
import { ascending, type Rows } from './run.js'
import { SpilledRun } from './spill.js'
import { FAILED, type Judgement, LOSER } from './winner.js'

export interface LeafCounts {
  written: number
  duplicateIdentical: number
  superseded: number
  /** Rows of documents that could not be read to their end. */
  failed: number
  /** Rows that the other grid's data set takes. */
  elsewhere: number
  /** Partial rows that became one with another: they were counted as read once too often. */
  joined: number
}

export interface MergeSink {
  /** Rows of one sort group in time order, one per key and instant, final. Valid during the call. */
  rows(leaf: number, rows: Table): void
}

export interface MergeRules {
  readonly judgement: Judgement
  readonly combine: 'rows' | 'components'
  /** Number of value columns. */
  readonly values: number
  /** Nominal interval length in seconds. */
  readonly step: number
  /** Ends follow from the next start: the table needs the column. */
  readonly untilNext: boolean
  /** Value columns that are derived after merging: the table needs them. */
  readonly derived: readonly number[]
  /** False for rows that another data set takes. */
  readonly belongs: ((origin: number, start: number) => boolean) | undefined
}

export function newCounts(): LeafCounts {
  return { written: 0, duplicateIdentical: 0, superseded: 0, failed: 0, elsewhere: 0, joined: 0 }
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
    else into.mask.fill(255, at, at + count)
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

/** One row per key and instant, of all rows of one sort group. */
class Resolver {
  readonly #out: Table
  #order = new Uint32Array(1 << 12)

  constructor(
    readonly segment: Table,
    readonly rules: MergeRules,
    /** Rank of each series' key. */
    readonly keyOf: Int32Array,
  ) {
    this.#out = new Table(segment.values.length)
    this.#out.offGrid = segment.offGrid
    this.#out.joined = segment.joined
    segment.used.forEach((used, k) => {
      this.#out.used[k] = used
    })
  }

  resolve(count: LeafCounts): Table {
    const { segment, rules } = this
    const { start, rows } = segment
    let plain = !rules.judgement.special && !rules.belongs
    for (let row = 1; plain && row < rows; row++) plain = (start[row] as number) > (start[row - 1] as number)
    return plain ? segment : this.#slow(count)
  }

  #slow(count: LeafCounts): Table {
    const { segment, rules } = this
    const { state } = rules.judgement
    if (this.#order.length < segment.rows) this.#order = new Uint32Array(segment.rows * 2)
    let kept = 0
    for (let row = 0; row < segment.rows; row++) {
      const origin = segment.origin[row] as number
      if (state[origin] === FAILED) count.failed++
      else if (rules.belongs && !rules.belongs(origin, segment.start[row] as number)) count.elsewhere++
      else this.#order[kept++] = row
    }
    const order = this.#order.subarray(0, kept)
    const key = (row: number) => this.keyOf[segment.series[row] as number] as number
    ascending(order, segment.start, 0, kept, key)
    this.#out.clear()
    for (let from = 0; from < kept; ) {
      const first = order[from] as number
      let to = from + 1
      for (; to < kept; to++) {
        const row = order[to] as number
        if (segment.start[row] !== segment.start[first] || key(row) !== key(first)) break
      }
      if (rules.combine === 'components') this.#combine(order.subarray(from, to), count)
      else this.#choose(order.subarray(from, to), count)
      from = to
    }
    return this.#out
  }

  /** The better of two rows of one key; in one document the later row corrects the earlier. */
  #better(one: number, two: number): boolean {
    const { rank } = this.rules.judgement
    const a = rank[this.segment.origin[one] as number] as number
    const b = rank[this.segment.origin[two] as number] as number
    return b >= a
  }

  #choose(group: Uint32Array, count: LeafCounts): void {
    const { segment } = this
    const { state } = this.rules.judgement
    let winner = -1
    for (const row of group) {
      if (state[segment.origin[row] as number] === LOSER) continue
      if (winner < 0 || this.#better(winner, row)) winner = row
    }
    for (const row of group) {
      if (row === winner) continue
      if (winner >= 0 && this.#equal(row, winner)) count.duplicateIdentical++
      else count.superseded++
    }
    if (winner >= 0) this.#emit(winner)
  }

  #equal(one: number, two: number): boolean {
    for (let k = 0; k < this.segment.values.length; k++) {
      if (!this.segment.used[k]) continue
      const column = this.segment.values[k] as Float64Array
      const a = column[one] as number
      const b = column[two] as number
      if (a !== b && !(Number.isNaN(a) && Number.isNaN(b))) return false
    }
    return true
  }

  #emit(row: number): number {
    const out = this.#out
    const { segment } = this
    out.reserve()
    const at = out.rows++
    out.series[at] = segment.series[row] as number
    out.start[at] = segment.start[row] as number
    out.end[at] = segment.end[row] as number
    out.origin[at] = segment.origin[row] as number
    out.mask[at] = segment.mask[row] as number
    for (let k = 0; k < out.values.length; k++)
      (out.values[k] as Float64Array)[at] = (segment.values[k] as Float64Array)[row] as number
    return at
  }

  /**
   * Components are won one by one: for each the best document that has it. The row's own origin is that of its first
   * component. As many candidates count as the most frequent component has; all further partial rows were joined.
   */
  #combine(group: Uint32Array, count: LeafCounts): void {
    const { segment } = this
    if (group.length === 1) {
      this.#emit(group[0] as number)
      return
    }
    const { state } = this.rules.judgement
    let at = -1
    let layers = 0
    let different = 0
    for (let k = 0; k < segment.values.length; k++) {
      const column = segment.values[k] as Float64Array
      let winner = -1
      let seen = 0
      for (const row of group) {
        if (((segment.mask[row] as number) & (1 << k)) === 0) continue
        seen++
        if (state[segment.origin[row] as number] === LOSER) continue
        if (winner < 0 || this.#better(winner, row)) winner = row
      }
      layers = Math.max(layers, seen)
      if (winner < 0 || !segment.used[k]) continue
      if (at < 0) {
        at = this.#emit(winner)
        for (const values of this.#out.values) values[at] = Number.NaN
        this.#out.mask[at] = 0
      }
      ;(this.#out.values[k] as Float64Array)[at] = column[winner] as number
      this.#out.mask[at] = (this.#out.mask[at] as number) | (1 << k)
      let others = 0
      for (const row of group)
        if (((segment.mask[row] as number) & (1 << k)) !== 0 && !Object.is(column[row], column[winner])) others++
      different = Math.max(different, others)
    }
    const losers = layers - (at < 0 ? 0 : 1)
    const superseded = Math.min(losers, at < 0 ? losers : different)
    count.superseded += superseded
    count.duplicateIdentical += losers - superseded
    count.joined += group.length - layers
  }
}
