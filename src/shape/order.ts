/**
 * Which passage of a repeated hour a record stands in, where nothing but the order of a location's records tells. What comes in one
 * reading only cannot be told: it is doubtful until another document of that day settles it (merge/resolve.ts).
 */
import type { Rejection } from './rejection.js'

const HOUR = 3600
/** Stamps inside the hour step back by so much from one passage to the next; two lines that changed places, by less. */
const STEP_BACK = HOUR / 2
/** A step back over more than the repeated hour: the same day begins once more (a copy behind another in one file). */
const ANEW = 2 * HOUR
/** Raw texts that are kept for quarantine; a document of hundreds of thousands of doubtful rows says no more than these. */
const TEXTS = 2000

/** Rows in the first passage of a repeated hour whose second never came, by series and start. */
export class Doubts {
  readonly #rows = new Map<number, Map<number, Rejection>>()
  #texts = 0

  get size(): number {
    return this.#rows.size
  }

  add(series: number, start: number, place: () => Rejection): void {
    let own = this.#rows.get(series)
    if (!own) this.#rows.set(series, (own = new Map()))
    const { raw, ...rest } = place()
    own.set(start, { ...rest, raw: this.#texts++ < TEXTS ? raw : '' })
  }

  /** The second passage has come, one hour later: the first is what it seemed. */
  settle(series: number, second: number): void {
    const own = this.#rows.get(series)
    if (!own) return
    const hour = Math.floor((second - HOUR) / HOUR)
    // A run off the grid may end in the hour and begin before it.
    for (const start of own.keys()) if (Math.abs(Math.floor(start / HOUR) - hour) <= 1) own.delete(start)
    if (own.size === 0) this.#rows.delete(series)
  }

  /** A row that its own text puts into the second passage: its twin an hour before is the first. */
  settleTwin(series: number, second: number): void {
    const own = this.#rows.get(series)
    if (own?.delete(second - HOUR) && own.size === 0) this.#rows.delete(series)
  }

  of(series: number, start: number): Rejection | undefined {
    return this.#rows.get(series)?.get(start)
  }
}

/** The order of one version of rows in one document. Locations are numbered by series, never by how a text was spelt. */
export class PassageOrder {
  readonly #wall: number[] = []
  readonly #repeated: boolean[] = []
  readonly #back: number

  constructor(minutes: number) {
    // Of hourly rows the repeated hour is one row that comes twice.
    this.#back = minutes < 60 ? STEP_BACK : 0
  }

  /**
   * True in the second passage. `wall` is the record's local stamp, in order of the file; `inHour` says that the clock shows it twice.
   */
  second(location: number, wall: number, inHour: boolean): boolean {
    const before = this.#wall[location]
    this.#wall[location] = wall
    if (before === undefined) return false
    const back = before - wall
    if (back > ANEW) this.#repeated[location] = false
    else if (inHour && back >= this.#back) this.#repeated[location] = true
    return inHour && this.#repeated[location] === true
  }
}
