/**
 * Locations of a market as its documents describe them, by name and id: for sources that say no more of a location than one of the two.
 * Fed by all data sets of all runs, so that the id of a location depends neither on the month in which somebody names it nor on the order
 * in which partitions are converted. When a location becomes known later, the partitions that may hold it are made anew.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { columnsFrom, datasetOf } from '../model/dataset.js'
import type { Converter } from '../model/report.js'
import type { SeenSeries } from '../model/unit.js'
import { writeWhole } from '../write/atomic.js'

export type Description = readonly (string | null)[]

/** Whether some report of the market needs the table. */
export function joinsLocations(converter: Converter): boolean {
  return converter.reports.some(report => report.joins !== undefined)
}

export class Locations {
  readonly #known: Set<string>
  #changed = false

  constructor(
    readonly output: string,
    readonly iso: string,
  ) {
    this.#known = new Set(this.#read())
  }

  /** Series that were written: those whose id is more than their name describe a location. */
  add(datasetId: string, series: readonly SeenSeries[]): void {
    const dataset = datasetOf(datasetId)
    const columns = columnsFrom(dataset, 'series')
    const [name, id, run] = ['location', 'location_id', 'market_run'].map(column => columns.indexOf(column)) as number[]
    if (dataset.kind !== 'energy') return
    for (const { tuple } of series) {
      if (tuple[name as number] === tuple[id as number]) continue
      const text = JSON.stringify(tuple.map((each, at) => (at === run ? null : each)))
      if (this.#known.has(text)) continue
      this.#known.add(text)
      this.#changed = true
    }
  }

  /** In the order of the series columns of energy, without a market run. */
  get all(): Description[] {
    return this.#sorted().map(text => JSON.parse(text) as Description)
  }

  get digest(): string {
    return createHash('sha256').update(this.#sorted().join('\n')).digest('hex').slice(0, 16)
  }

  write(): void {
    if (!this.#changed) return
    writeWhole(
      this.#path,
      `[\n${this.#sorted()
        .map(text => ` ${text}`)
        .join(',\n')}\n]\n`,
    )
    this.#changed = false
  }

  #sorted(): string[] {
    return [...this.#known].sort()
  }

  get #path(): string {
    return join(this.output, 'metadata', this.iso.toLowerCase(), 'locations.json')
  }

  #read(): string[] {
    try {
      return (JSON.parse(readFileSync(this.#path, 'utf8')) as Description[]).map(each => JSON.stringify(each))
    } catch {
      // None yet, or damaged: it is made anew from what is written from now on.
      return []
    }
  }
}
