/** Peak memory of units before they run: base + gamma x bytes + overhead, gamma measured per layout, never above what a share allows. */
import { GUARD_DEFAULTS } from '../model/guard.js'

/** What is to be estimated: bytes of text, and the layout that decides what a byte costs. */
export interface Sized {
  readonly bytes: number
  readonly layout?: string
}

/** For layouts that nobody has measured. */
export const DEFAULT_GAMMA = 3

/**
 * Bytes of peak memory per byte of text, measured with `npm run bench:memory` (scripts/bench/RESULTS.md has the figures): long rows need
 * least, pivoted lines of 24 prices most, and of components four records make one row. Of rows the shortest that was measured counts
 * (MISO's 5-minute week: 47 bytes), so that the others are estimated too high rather than too low.
 */
export const MEASURED_GAMMA: Readonly<Record<string, number>> = { rows: 0.8, hours: 3.8, components: 0.15 }

export interface EstimatorOptions {
  /** One factor for all layouts, instead of the measured ones. */
  readonly gamma?: number | undefined
  /** Bytes of a worker beside its rows. */
  readonly overhead?: number
  /** Bytes of the parent. */
  readonly base?: number
  /** A unit spills beyond this: it never needs more, however large it is. */
  readonly ceiling?: number
}

export class MemoryEstimator {
  readonly overhead: number
  readonly base: number
  readonly ceiling: number

  constructor(readonly options: EstimatorOptions = {}) {
    this.overhead = options.overhead ?? GUARD_DEFAULTS.overhead
    this.base = options.base ?? 0
    this.ceiling = options.ceiling ?? Number.POSITIVE_INFINITY
  }

  gammaOf(layout?: string): number {
    return this.options.gamma ?? MEASURED_GAMMA[layout ?? ''] ?? DEFAULT_GAMMA
  }

  /** Bytes at the peak of one unit, or of one file that is converted alone. */
  estimate({ bytes, layout }: Sized): number {
    return Math.min(this.ceiling, this.gammaOf(layout) * bytes + this.overhead)
  }

  /** Bytes at the peak of a run in which the `workers` largest of these run at once. */
  estimateRun(units: readonly Sized[], workers: number): number {
    const largest = units.map(unit => this.estimate(unit)).sort((a, b) => b - a)
    return largest.slice(0, workers).reduce((sum, each) => sum + each, this.base)
  }
}
