/** The winner rule at work: of all rows of one sort group, one row per key and instant; the others are counted. */
import { SPOILED, Table, WHOLE } from '../shape/table.js'
import { ascending } from './run.js'
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

export interface MergeRules {
  readonly judgement: Judgement
  readonly combine: 'rows' | 'components'
  /** Value columns by which a loser is a duplicate or superseded: the prices, not the quantities beside them. */
  readonly compared: readonly number[]
  /** Number of value columns. */
  readonly values: number
  /** Ends follow from the next start: the table needs the column. */
  readonly untilNext: boolean
  /** Value columns that are derived after merging: the table needs them. */
  readonly derived: readonly number[]
  /** False for rows that another data set takes. */
  readonly belongs: ((origin: number, start: number) => boolean) | undefined
}

const NOISE = 1e-9

export function newCounts(): LeafCounts {
  return { written: 0, duplicateIdentical: 0, superseded: 0, failed: 0, elsewhere: 0, joined: 0 }
}

/** One row per key and instant, of all rows of one sort group. */
export class Resolver {
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
    for (let row = 0; plain && segment.joined && row < rows; row++)
      plain = ((segment.mask[row] as number) & SPOILED) === 0
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
      const group = this.#whole(order.subarray(from, to), count)
      if (rules.combine === 'components') this.#combine(group, count)
      else this.#choose(group, count)
      from = to
    }
    return this.#out
  }

  /**
   * Rows of one key, parts of one document's row made one (a table may have been sealed between them), without those of which
   * a component could not be read.
   */
  #whole(group: Uint32Array, count: LeafCounts): Uint32Array {
    const { segment } = this
    const { mask } = segment
    if (!segment.joined) return group
    const kept: number[] = []
    for (const row of group) {
      const bits = mask[row] as number
      const first = kept.find(
        each => segment.origin[each] === segment.origin[row] && ((mask[each] as number) & bits & WHOLE) === 0,
      )
      if (first === undefined) {
        kept.push(row)
        continue
      }
      segment.values.forEach((column, k) => {
        if ((bits & (1 << k)) !== 0 && segment.used[k]) column[first] = column[row] as number
      })
      mask[first] = (mask[first] as number) | bits
      count.joined++
    }
    const sound = kept.filter(row => ((mask[row] as number) & SPOILED) === 0)
    count.failed += kept.length - sound.length
    return Uint32Array.from(sound)
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
    for (const k of this.rules.compared) {
      if (!this.segment.used[k]) continue
      const column = this.segment.values[k] as Float64Array
      const a = column[one] as number
      const b = column[two] as number
      if (Number.isNaN(a) !== Number.isNaN(b)) {
        // Energy that is derived after merging is not missing; any other price is.
        if (this.rules.derived.includes(k)) continue
        return false
      }
      // The noise of a binary fraction is no other price.
      if (Math.abs(a - b) > NOISE) return false
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
    if (group.length === 0) return
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
