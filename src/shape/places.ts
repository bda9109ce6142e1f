/**
 * What is known of a market's locations, for sources that give a name or an id and nothing else (ISO-NE's preliminary and 5-minute
 * files): from the table of the market and from the sources of the unit. Such sources are read last, so that the answer depends on what
 * is there, not on the order of the files.
 */
import type { Series } from './table.js'

type Tuple = readonly (string | null)[]

export class Places {
  readonly #known = { location: new Map<string, Tuple>(), location_id: new Map<string, Tuple>() }
  #seen = 0

  /** @param described what other data sets and earlier runs know, as tuples without a market run */
  constructor(
    readonly series: Series,
    described: readonly Tuple[] = [],
  ) {
    for (const tuple of described) this.#describe(tuple)
  }

  /** The tuple, with all that another source says of the location that it names. */
  complete(tuple: Tuple, by: 'location' | 'location_id'): Tuple {
    this.#learn()
    const { columns } = this.series
    const other = this.#known[by].get(tuple[columns.indexOf(by)] ?? '')
    if (!other) return tuple
    return tuple.map((own, at) => (columns[at] === 'market_run' ? own : (other[at] ?? null)))
  }

  /**
   * A location with an id that is not its name, or with a class, was described by somebody. Of several descriptions one with an id of
   * its own counts, then the greatest text.
   */
  #learn(): void {
    const { tuples } = this.series
    for (; this.#seen < tuples.length; this.#seen++) this.#describe(tuples[this.#seen] as Tuple)
  }

  #describe(tuple: Tuple): void {
    const { columns } = this.series
    const [name, id] = [tuple[columns.indexOf('location')], tuple[columns.indexOf('location_id')]]
    if (name == null || id == null || (name === id && tuple[columns.indexOf('location_class')] == null)) return
    // Every run of the market says the same of a location.
    const place = tuple.map((each, at) => (columns[at] === 'market_run' ? null : each))
    this.#keep(this.#known.location, name, place)
    this.#keep(this.#known.location_id, id, place)
  }

  #keep(known: Map<string, Tuple>, text: string, tuple: Tuple): void {
    const held = known.get(text)
    if (!held || this.#rank(held) < this.#rank(tuple)) known.set(text, tuple)
  }

  #rank(tuple: Tuple): string {
    const { columns } = this.series
    const own = tuple[columns.indexOf('location')] !== tuple[columns.indexOf('location_id')]
    return `${own ? 1 : 0}${JSON.stringify(tuple)}`
  }
}
