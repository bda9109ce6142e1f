/** The winner rule at work: of all rows of one sort group, one row per key and instant; the others are counted. */

import type { Rejection } from '../shape/rejection.js'
import { SPOILED, Table, WHOLE } from '../shape/table.js'
import { Chooser } from './choose.js'
import type { LeafCounts, MergeRules } from './rules.js'
import { ascending } from './run.js'
import { FAILED } from './winner.js'

/** One row per key and instant, of all rows of one sort group. */
export class Resolver {
  readonly #out: Table
  readonly #chooser: Chooser
  #order = new Uint32Array(1 << 12)

  constructor(
    readonly segment: Table,
    readonly rules: MergeRules,
    /** Rank of each series' key. */
    readonly keyOf: Int32Array,
    /** Rank of what tells two rows of one key in one document apart. */
    readonly nameOf: Int32Array,
    /** Nominal interval length in seconds. */
    readonly step: number,
  ) {
    this.#out = new Table(segment.values.length)
    this.#out.offGrid = segment.offGrid
    this.#out.joined = segment.joined
    segment.used.forEach((used, k) => {
      this.#out.used[k] = used
    })
    this.#chooser = new Chooser(segment, this.#out, rules)
  }

  resolve(count: LeafCounts): Table {
    const { segment, rules } = this
    const { start, rows } = segment
    if (rules.startOf) this.#findStarts(rules.startOf)
    let plain = !rules.judgement.special && !rules.belongs && !rules.doubts
    for (let row = 1; plain && row < rows; row++) plain = (start[row] as number) > (start[row - 1] as number)
    if (plain && rules.priced >= 0) for (let row = 0; plain && row < rows; row++) plain = !this.#chooser.silent(row)
    for (let row = 0; plain && segment.joined && row < rows; row++)
      plain = ((segment.mask[row] as number) & SPOILED) === 0
    return plain ? segment : this.#slow(count)
  }

  #findStarts(startOf: NonNullable<MergeRules['startOf']>): void {
    const { start, end, origin, rows } = this.segment
    for (let row = 0; row < rows; row++) {
      const found = startOf(origin[row] as number, end[row] as number)
      if (found !== undefined) start[row] = found
    }
  }

  #slow(count: LeafCounts): Table {
    const { segment, rules } = this
    const { state } = rules.judgement
    if (this.#order.length < segment.rows) this.#order = new Uint32Array(segment.rows * 2)
    let kept = 0
    for (let row = 0; row < segment.rows; row++) {
      const origin = segment.origin[row] as number
      const counts = this.#chooser.silent(row) ? 0 : 1
      if (state[origin] === FAILED) count.failed += counts
      else if (rules.belongs && !rules.belongs(origin, segment.start[row] as number, this.#endOf(row)))
        count.elsewhere += counts
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
      const all = order.subarray(from, to)
      const group = segment.joined ? this.#whole(all, count) : all
      if (this.#oneName(group)) this.#one(group, count)
      else for (const part of this.#parts(group)) this.#one(part, count)
      from = to
    }
    return this.#out
  }

  #endOf(row: number): number {
    const { segment } = this
    return segment.offGrid ? (segment.end[row] as number) : (segment.start[row] as number) + this.step
  }

  /** One row of those of one key and instant. Rows whose time is doubtful lose to any other, and to none. */
  #one(rows: ArrayLike<number> & Iterable<number>, count: LeafCounts): void {
    const { segment, rules } = this
    if (rows.length === 0) return
    if (!rules.doubts) {
      this.#chooser.choose(rows, count)
      return
    }
    const group = [...rows]
    const doubtOf = (row: number) =>
      rules.doubts?.[segment.origin[row] as number]?.of(segment.series[row] as number, this.#endOf(row))
    const certain = group.filter(row => doubtOf(row) === undefined)
    if (certain.length > 0) {
      this.#chooser.choose(
        certain,
        count,
        group.filter(row => doubtOf(row) !== undefined),
      )
      return
    }
    for (const row of group) {
      if (this.#chooser.silent(row)) continue
      count.failed++
      rules.quarantine(segment.origin[row] as number, segment.start[row] as number, doubtOf(row) as Rejection)
    }
  }

  /**
   * Rows of one key, parts of one document's row made one (a table may have been sealed between them), without those of which
   * a component could not be read.
   */
  #whole(group: Uint32Array, count: LeafCounts): number[] {
    const { segment } = this
    const { mask } = segment
    const kept: number[] = []
    for (const row of group) {
      const bits = mask[row] as number
      const first = kept.find(
        each =>
          segment.origin[each] === segment.origin[row] &&
          segment.series[each] === segment.series[row] &&
          ((mask[each] as number) & bits & WHOLE) === 0,
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
    return sound
  }

  /** Nearly always: then there is nothing to tell apart. */
  #oneName(rows: ArrayLike<number>): boolean {
    const { series } = this.segment
    const name = this.nameOf[series[rows[0] as number] as number]
    for (let k = 1; k < rows.length; k++) if (this.nameOf[series[rows[k] as number] as number] !== name) return false
    return true
  }

  /**
   * One document that names two locations, or two balancing areas, of one key at one instant has two rows: the names join the key.
   * Two documents that do so are of two vintages, and one of them wins.
   */
  #parts(rows: Iterable<number>): readonly (readonly number[])[] {
    const { segment } = this
    const group = [...rows]
    const name = (row: number) => this.nameOf[segment.series[row] as number] as number
    const several = group.some((row, at) =>
      group.some((other, k) => k < at && segment.origin[other] === segment.origin[row] && name(other) !== name(row)),
    )
    if (!several) return [group]
    const parts = new Map<number, number[]>()
    for (const row of group) parts.set(name(row), [...(parts.get(name(row)) ?? []), row])
    return [...parts].sort(([a], [b]) => a - b).map(([, rows]) => rows)
  }
}
