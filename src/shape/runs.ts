/**
 * Dispatch runs off the grid, which a document stamps with their ends (nyiso.md 2.4): each began where the run before it ended. The runs
 * are the document's, not a location's, and their order is that of time, so that neither a missing nor a misplaced line moves a price.
 *
 * The file of a running day goes on behind its last dispatch run with advisory runs every 15 minutes (N1): another run of the market.
 */
import type { Clock } from './clock.js'

/** A run lasts at most so long; after a longer gap it has its nominal length. */
export const LONGEST_RUN = 900
/** Dispatch runs follow each other within ten minutes; advisory ones end on quarters of an hour, the first of them soon after. */
const DISPATCH_STEP = 600
const QUARTER = 900
const SOON = 1800

/** Ends of all runs that a document names, ascending, seconds since 1970. */
export class RunTimes {
  /** End of the last dispatch run: what comes behind it is advisory. */
  readonly last: number

  constructor(readonly ends: Uint32Array) {
    this.last = lastDispatch(ends)
  }

  get advisory(): boolean {
    return this.last < (this.ends.at(-1) ?? 0)
  }

  /** Start of the run that ends at `end`: the end before it, or midnight, unless that lies too far back. */
  startOf(end: number, clock: Clock, minutes: number): number {
    const { ends } = this
    let low = 0
    let high = ends.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((ends[middle] as number) < end) low = middle + 1
      else high = middle
    }
    const midnight = clock.dayAt(end - 1).start
    const before = Math.max(midnight, low > 0 ? (ends[low - 1] as number) : 0)
    return end - before > LONGEST_RUN ? Math.max(midnight, end - minutes * 60) : before
  }
}

/** Until it is merged a row stands at the last second of its run: in the right day, and in order, whatever runs lie around it. */
export const provisionalStart = (end: number): number => end - 1

function lastDispatch(ends: Uint32Array): number {
  const final = ends.at(-1) ?? 0
  /** From the stamp at hand to the one behind it. */
  let behind = 0
  for (let at = ends.length - 1; at > 0; at--) {
    const step = (ends[at] as number) - (ends[at - 1] as number)
    if (step < DISPATCH_STEP) return behind <= SOON ? (ends[at] as number) : final
    behind = step
    if ((ends[at] as number) % QUARTER !== 0) return final
  }
  // No step of a dispatch run at all: nothing shows that any of these is advisory.
  return final
}
