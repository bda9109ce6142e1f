/** Counts for the receipt: coverage, price ranges, component sums. Counting happens here, judging in run/. */
import type { Dataset } from '../model/dataset.js'
import { type Clock, dateText } from '../shape/clock.js'
import type { Origin } from '../shape/context.js'
import { roundTo } from '../shape/decimal.js'
import type { Leaf } from '../shape/leaves.js'
import type { Table } from '../shape/table.js'

export interface PriceRange {
  min: number | null
  max: number | null
  nulls: number
}

export interface DayCoverage {
  expected: number
  present: number
  /** First missing interval starts, at most `MISSING_SHOWN`. */
  missing?: string[]
}

const MISSING_SHOWN = 24
/** Rounding of the published components explains this much, in $/MWh, unless the report says otherwise. */
const TOLERANCE = 0.011

/** First and last interval start of each series that was written. */
export type SeriesSpans = Map<number, { first: number; last: number }>

export class Quality {
  readonly prices: PriceRange[]
  componentMismatch = 0
  rows = 0
  first = Number.POSITIVE_INFINITY
  last = 0
  /** Distinct locations, or regions and products; known once the leaf is complete. */
  locations = 0
  #keys = new Set<number>()
  #series: SeriesSpans = new Map()
  readonly #seen: Uint8Array
  readonly #step: number
  readonly #derive: Int8Array
  readonly #tolerance: Float64Array
  readonly #untilNext: Uint8Array
  readonly #lmp: number

  constructor(
    readonly dataset: Dataset,
    readonly clock: Clock,
    readonly leaf: Leaf,
    readonly valueColumns: readonly string[],
    origins: readonly Origin[],
    /** Key of each series. */
    readonly keyOf: readonly number[],
  ) {
    this.prices = valueColumns.map(() => ({ min: null, max: null, nulls: 0 }))
    this.#step = dataset.minutes * 60
    this.#seen = new Uint8Array(Math.ceil((leaf.to - leaf.from) / this.#step))
    this.#lmp = valueColumns.indexOf('lmp')
    this.#derive = Int8Array.from(origins, origin => origin.report.layout.deriveEnergy ?? -1)
    this.#tolerance = Float64Array.from(origins, origin => origin.report.tolerance ?? TOLERANCE)
    this.#untilNext = Uint8Array.from(origins, origin => (origin.report.time.untilNext ? 1 : 0))
  }

  /** The leaf is complete: gives what was seen of each series, and forgets it, for a unit may have hundreds of leaves. */
  complete(): SeriesSpans {
    const spans = this.#series
    this.locations = this.#keys.size
    this.#keys = new Set()
    this.#series = new Map()
    return spans
  }

  /** Completes the rows of one series (ends of runs off the grid, derived energy) and counts them. */
  take(rows: Table): void {
    this.rows += rows.rows
    if (this.#lmp === 0) this.#energy(rows)
    this.#intervals(rows)
    for (let k = 0; k < rows.values.length; k++) {
      const range = this.prices[k] as PriceRange
      if (rows.used[k]) this.#range(range, rows.values[k] as Float64Array, rows.rows)
      else range.nulls += rows.rows
    }
  }

  /** Columns lmp, energy, congestion, loss, ghg stand first in every energy data set. */
  #energy(rows: Table): void {
    const [lmp, energy, congestion, loss, ghg] = rows.values as [
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
    ]
    // Without all of these nothing can be derived or checked; ghg may be missing.
    if (!(rows.used[0] && rows.used[1] && rows.used[2] && rows.used[3])) return
    const hasGhg = rows.used[4] === true
    for (let row = 0; row < rows.rows; row++) {
      const origin = rows.origin[row] as number
      const total = lmp[row] as number
      const c = congestion[row] as number
      const l = loss[row] as number
      const places = this.#derive[origin] as number
      if (places >= 0) {
        const e = energy[row] as number
        if (Number.isNaN(e) && !Number.isNaN(total - c - l)) energy[row] = roundTo(total - c - l, places)
        continue
      }
      const e = energy[row] as number
      if (Number.isNaN(total - e - c - l)) continue
      const g = hasGhg ? (ghg[row] as number) : Number.NaN
      const rest = Math.abs(total - e - c - l - (Number.isNaN(g) ? 0 : g))
      if (rest > (this.#tolerance[origin] as number)) this.componentMismatch++
    }
  }

  #intervals(rows: Table): void {
    const { start, end } = rows
    const count = rows.rows
    const first = start[0] as number
    const last = start[count - 1] as number
    if (first < this.first) this.first = first
    if (last > this.last) this.last = last
    let series = -1
    for (let row = 0; row < count; row++) {
      const at = start[row] as number
      if (rows.series[row] !== series) {
        series = rows.series[row] as number
        this.#keys.add(this.keyOf[series] as number)
        this.#see(series, at)
        if (row > 0) this.#see(rows.series[row - 1] as number, start[row - 1] as number)
      }
      this.#seen[Math.floor((at - this.leaf.from) / this.#step)] = 1
      if (this.#untilNext[rows.origin[row] as number] === 0) continue
      const next = row + 1 < count ? (start[row + 1] as number) : Number.POSITIVE_INFINITY
      end[row] = next - at <= 900 ? next : at + this.#step
    }
    this.#see(series, last)
  }

  #see(series: number, start: number): void {
    const known = this.#series.get(series)
    if (!known) this.#series.set(series, { first: start, last: start })
    else if (start < known.first) known.first = start
    else if (start > known.last) known.last = start
  }

  #range(range: PriceRange, values: Float64Array, rows: number): void {
    let min = range.min ?? Number.POSITIVE_INFINITY
    let max = range.max ?? Number.NEGATIVE_INFINITY
    let nulls = 0
    for (let row = 0; row < rows; row++) {
      const value = values[row] as number
      if (value < min) min = value
      if (value > max) max = value
      if (Number.isNaN(value)) nulls++
    }
    range.nulls += nulls
    if (max >= min) {
      range.min = min
      range.max = max
    }
  }

  /** Expected and present intervals per market day. A run off the grid counts for the interval that it starts in. */
  coverage(): Record<string, DayCoverage> {
    const days: Record<string, DayCoverage> = {}
    const firstDay = this.clock.dayAt(this.leaf.from).day
    for (let day = firstDay; ; day++) {
      const local = this.clock.day(day)
      if (local.start >= this.leaf.to) return days
      const from = (local.start - this.leaf.from) / this.#step
      const to = (local.end - this.leaf.from) / this.#step
      const entry: DayCoverage = { expected: to - from, present: 0 }
      const missing: string[] = []
      for (let at = from; at < to; at++) {
        if (this.#seen[at]) entry.present++
        else if (missing.length < MISSING_SHOWN) missing.push(instantText(this.leaf.from + at * this.#step))
      }
      if (entry.present > 0 && missing.length > 0) entry.missing = missing
      days[dateText(day)] = entry
    }
  }
}

export function instantText(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z')
}
