/**
 * What the sources of a unit say of its locations, for sources that give a name or an id and nothing else (ISO-NE's preliminary
 * and 5-minute files). Such sources are read last, so that the answer depends on what is there, not on the order of the files.
 */
import type { Series } from './table.js'

type Tuple = readonly (string | null)[]

export class Places {
  readonly #known = { location: new Map<string, Tuple>(), location_id: new Map<string, Tuple>() }
  #seen = 0

  constructor(readonly series: Series) {}

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
    const { columns, tuples } = this.series
    for (; this.#seen < tuples.length; this.#seen++) {
      const tuple = tuples[this.#seen] as Tuple
      const [name, id] = [tuple[columns.indexOf('location')], tuple[columns.indexOf('location_id')]]
      if (name == null || id == null || (name === id && tuple[columns.indexOf('location_class')] == null)) continue
      this.#keep(this.#known.location, name, tuple)
      this.#keep(this.#known.location_id, id, tuple)
    }
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
