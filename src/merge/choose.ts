/**
 * Chooses among rows of one key and instant. Facts of the documents decide; rows between which none does are told as conflicting, so that
 * no price is ever lost to a coin without a word. A partial row never beats a whole one: what documents of equal standing say of the
 * components is put together before anything is judged, and a component that is not there says nothing.
 */
import { type Table, WHOLE } from '../shape/table.js'
import type { LeafCounts, MergeRules } from './rules.js'
import { LOSER } from './winner.js'

/** The noise of a binary fraction is no other price. */
const NOISE = 1e-9
const CONFLICTS_SHOWN = 10
const NONE: readonly number[] = []

export class Chooser {
  /** The row that was written last, or that a written row took its origin from; -1 when none was. */
  #kept = -1
  readonly #price: number

  constructor(
    readonly segment: Table,
    readonly out: Table,
    readonly rules: MergeRules,
  ) {
    this.#price = rules.compared[0] ?? 0
  }

  /** An ancillary row without a price: it says that there is none, and is no row. */
  silent(row: number): boolean {
    const { priced } = this.rules
    return priced >= 0 && (!this.segment.used[priced] || Number.isNaN(this.segment.values[priced]?.[row]))
  }

  /** Writes the winner to `out` and counts all others; rows of `weak` lose to any. */
  choose(group: ArrayLike<number> & Iterable<number>, count: LeafCounts, weak: readonly number[] = NONE): void {
    const { rules } = this
    this.#kept = -1
    const components = rules.combine === 'components'
    const at = components && group.length > 1 ? this.#byComponents(group, count) : this.#combined(group)
    if (!components || group.length === 1) for (const row of group) this.#beaten(row, at, false, count)
    for (const row of weak) this.#beaten(row, at, true, count)
    // A document that says there is no price has spoken: those that it beats are not written either.
    if (at >= 0 && this.#isSilent(at)) this.out.rows--
  }

  /** Counts a row that was not written, or not alone. */
  #beaten(row: number, at: number, weak: boolean, count: LeafCounts): void {
    if (row === this.#kept || this.silent(row)) return
    const different = at < 0 ? this.#price : this.#differs(row, at)
    // A part that gave its component to the row beat the one that the row itself had.
    const own = different < 0 && this.segment.joined ? this.#contradicts(row, this.#kept) : -1
    if (own >= 0) this.#conflict(this.#kept, row, at, own, count)
    else if (different < 0) count.duplicateIdentical++
    else if (at < 0 || weak || !this.#equals(row, this.#kept)) count.superseded++
    else this.#conflict(row, this.#kept, at, different, count)
  }

  #isSilent(at: number): boolean {
    const { priced } = this.rules
    return priced >= 0 && Number.isNaN(this.out.values[priced]?.[at])
  }

  #standing(row: number): number {
    return this.rules.judgement.standing[this.segment.origin[row] as number] as number
  }

  #equals(row: number, other: number): boolean {
    return this.#standing(row) === this.#standing(other)
  }

  /** The best of some rows in one value column, -1 if all are of copies that lost; in one document the later corrects the earlier. */
  #best(rows: Iterable<number>, column: number): number {
    const { state } = this.rules.judgement
    const { origin } = this.segment
    let best = -1
    for (const row of rows)
      if (state[origin[row] as number] !== LOSER && (best < 0 || this.#beats(row, best, column))) best = row
    return best
  }

  /** Whether a row that comes later is at least as good: by facts, then because it has a price, then by digest or place. */
  #beats(row: number, best: number, column: number): boolean {
    const { rank } = this.rules.judgement
    const { segment } = this
    const difference = this.#standing(row) - this.#standing(best)
    if (difference !== 0) return difference > 0
    const values = segment.used[column] ? segment.values[column] : undefined
    const missing = !values || Number.isNaN(values[row])
    if (missing !== (!values || Number.isNaN(values[best]))) return !missing
    return (rank[segment.origin[row] as number] as number) >= (rank[segment.origin[best] as number] as number)
  }

  /** Of the best standing whose documents together have all components: one row of them. Else of the best standing. -1: none at all. */
  #combined(group: Iterable<number>): number {
    const { segment, rules } = this
    if (!segment.joined) {
      const best = this.#best(group, this.#price)
      return best < 0 ? -1 : this.#emit(best)
    }
    const { state } = rules.judgement
    const rows = [...group].filter(row => state[segment.origin[row] as number] !== LOSER)
    if (rows.length < 2) return rows.length === 0 ? -1 : this.#emit(rows[0] as number)
    const standings = [...new Set(rows.map(row => this.#standing(row)))].sort((a, b) => b - a)
    const classes = standings.map(standing => rows.filter(row => this.#standing(row) === standing))
    const whole = classes.find(some =>
      some.some(row => {
        const wanted = rules.whole[segment.origin[row] as number] as number
        const stated = some.reduce((bits, each) => bits | (segment.mask[each] as number), 0)
        return (stated & wanted) === wanted
      }),
    )
    const own = whole ?? (classes[0] as number[])
    const at = this.#emit(this.#best(own, this.#price))
    for (let k = 0; k < segment.values.length; k++) {
      const stating = own.filter(row => ((segment.mask[row] as number) & (1 << k)) !== 0)
      if (stating.length === 0 || !segment.used[k]) continue
      ;(this.out.values[k] as Float64Array)[at] = segment.values[k]?.[this.#best(stating, k)] as number
    }
    this.out.mask[at] = own.reduce((bits, row) => bits | (segment.mask[row] as number), 0) & WHOLE
    return at
  }

  /** Rows that say all the same, of copies that count: the common case of overlapping downloads. */
  #alike([first, ...rest]: readonly number[]): boolean {
    const { segment, rules } = this
    const { state } = rules.judgement
    if (first === undefined || state[segment.origin[first] as number] === LOSER) return false
    return rest.every(
      row =>
        segment.mask[row] === segment.mask[first] &&
        state[segment.origin[row] as number] !== LOSER &&
        segment.values.every((column, k) => !segment.used[k] || Object.is(column[row], column[first])),
    )
  }

  /** The first compared column in which a row says another price than the one that was written; -1 if there is none. */
  #differs(row: number, at: number): number {
    const { segment, rules, out } = this
    const partial = segment.joined && rules.whole[segment.origin[row] as number] !== 0
    for (const k of rules.compared) {
      if (!segment.used[k] || (partial && ((segment.mask[row] as number) & (1 << k)) === 0)) continue
      const a = segment.values[k]?.[row] as number
      const b = out.values[k]?.[at] as number
      if (Number.isNaN(a) !== Number.isNaN(b)) {
        // Energy that is derived after merging is not missing, nor is what only some documents print; any other price is.
        if (rules.derived.includes(k) || rules.optional.includes(k)) continue
        return k
      }
      if (Math.abs(a - b) > NOISE) return k
    }
    return -1
  }

  /** The first compared column of which two rows of equal standing both say something, and not the same; -1 if there is none. */
  #contradicts(row: number, other: number): number {
    const { segment, rules } = this
    if (!this.#equals(row, other)) return -1
    const both = (segment.mask[row] as number) & (segment.mask[other] as number)
    const differ = (k: number) =>
      Math.abs((segment.values[k]?.[row] as number) - (segment.values[k]?.[other] as number)) > NOISE
    return rules.compared.find(k => segment.used[k] && (both & (1 << k)) !== 0 && differ(k)) ?? -1
  }

  #conflict(row: number, kept: number, at: number, column: number, count: LeafCounts): void {
    const { segment, out } = this
    count.conflicting++
    if (count.conflicts.length >= CONFLICTS_SHOWN) return
    const value = out.values[column]?.[at] as number
    count.conflicts.push({
      series: segment.series[row] as number,
      start: segment.start[row] as number,
      column,
      kept: { origin: segment.origin[kept] as number, value },
      beaten: { origin: segment.origin[row] as number, value: segment.values[column]?.[row] as number },
    })
  }

  #emit(row: number): number {
    const { out, segment } = this
    this.#kept = row
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
  #byComponents(rows: Iterable<number>, count: LeafCounts): number {
    const { segment, rules, out } = this
    const { state } = rules.judgement
    const group = [...rows]
    if (this.#alike(group)) {
      count.duplicateIdentical += group.length - 1
      const best = this.#best(group, this.#price)
      return best < 0 ? -1 : this.#emit(best)
    }
    let at = -1
    let layers = 0
    const superseded = new Set<number>()
    const conflicting = new Map<number, { kept: number; column: number }>()
    for (let k = 0; k < segment.values.length; k++) {
      const stating = group.filter(row => ((segment.mask[row] as number) & (1 << k)) !== 0)
      layers = Math.max(layers, stating.length)
      const fit = stating.filter(row => state[segment.origin[row] as number] !== LOSER)
      if (fit.length === 0 || !segment.used[k]) continue
      const column = segment.values[k] as Float64Array
      const winner = this.#best(fit, k)
      if (at < 0) {
        at = this.#emit(winner)
        for (const values of out.values) values[at] = Number.NaN
        out.mask[at] = 0
      }
      ;(out.values[k] as Float64Array)[at] = column[winner] as number
      out.mask[at] = (out.mask[at] as number) | (1 << k)
      for (const row of stating) {
        if (Object.is(column[row], column[winner])) continue
        if (this.#equals(row, winner)) conflicting.set(row, { kept: winner, column: k })
        else superseded.add(row)
      }
    }
    const losers = layers - (at < 0 ? 0 : 1)
    let told = 0
    for (const [row, { kept, column }] of conflicting)
      if (told < losers) {
        told++
        this.#conflict(row, kept, at, column, count)
      }
    const beaten = Math.min(losers - told, at < 0 ? losers : superseded.size)
    count.superseded += beaten
    count.duplicateIdentical += losers - told - beaten
    count.joined += group.length - layers
    return at
  }
}
