/**
 * What a market's data set holds besides prices: hubs, zones, nodes and ancillary products as JSON, with the first and last
 * delivery date seen. Taken from what was written, merged over runs; no wall clock in it.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { columnsFrom, datasetOf } from '../model/dataset.js'
import type { SeenSeries } from '../model/unit.js'
import { writeWhole } from '../write/atomic.js'

interface Entry {
  readonly [column: string]: string | number | null
}

const FILES = ['hubs', 'zones', 'nodes', 'as_products'] as const
type File = (typeof FILES)[number]

export class Metadata {
  readonly #entries: Record<File, Map<string, Entry>>
  #changed = false

  constructor(
    readonly output: string,
    readonly iso: string,
  ) {
    const read = (file: File) => new Map(this.#read(file).map(entry => [keyOf(file, entry), entry]))
    this.#entries = { hubs: read('hubs'), zones: read('zones'), nodes: read('nodes'), as_products: read('as_products') }
  }

  add(datasetId: string, series: readonly SeenSeries[]): void {
    const dataset = datasetOf(datasetId)
    const columns = columnsFrom(dataset, 'series')
    for (const { tuple, first, last } of series) {
      const value = (name: string) => tuple[columns.indexOf(name)] ?? null
      if (dataset.kind === 'energy') {
        const type = value('location_type')
        const voltage = value('voltage_kv')
        this.#merge(type === 'HUB' ? 'hubs' : type === 'ZONE' ? 'zones' : 'nodes', {
          id: value('location_id'),
          name: value('location'),
          type,
          class: value('location_class'),
          zone: value('zone'),
          voltage_kv: voltage === null ? null : Number(voltage),
          first_seen: first,
          last_seen: last,
        })
      } else if (dataset.kind === 'ancillary')
        this.#merge('as_products', {
          product: value('product'),
          product_standard: value('product_standard'),
          region: value('region'),
          resource_side: value('resource_side'),
          unit: value('unit'),
          market: dataset.market,
          first_seen: first,
          last_seen: last,
        })
    }
  }

  write(): void {
    if (!this.#changed) return
    for (const file of FILES) {
      const entries = [...this.#entries[file]].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry)
      const text = `[\n${entries.map(entry => ` ${JSON.stringify(entry)}`).join(',\n')}\n]\n`
      writeWhole(this.#path(file), text)
    }
  }

  #merge(file: File, entry: Entry): void {
    const key = keyOf(file, entry)
    const known = this.#entries[file].get(key)
    const earlier = (name: string) => String(known?.[name] ?? entry[name])
    const [first] = [earlier('first_seen'), String(entry.first_seen)].sort()
    const [, last] = [earlier('last_seen'), String(entry.last_seen)].sort()
    // What is printed latest is what the location is called today.
    const newest = known && String(known.last_seen) > String(entry.last_seen) ? known : entry
    const merged: Entry = { ...newest, first_seen: first as string, last_seen: last as string }
    if (known && JSON.stringify(known) === JSON.stringify(merged)) return
    this.#entries[file].set(key, merged)
    this.#changed = true
  }

  #path(file: File): string {
    return join(this.output, 'metadata', this.iso.toLowerCase(), `${file}.json`)
  }

  #read(file: File): Entry[] {
    try {
      return JSON.parse(readFileSync(this.#path(file), 'utf8')) as Entry[]
    } catch {
      // None yet, or damaged: it is made anew from what is written from now on.
      return []
    }
  }
}

function keyOf(file: File, entry: Entry): string {
  const names = file === 'as_products' ? ['product', 'region', 'resource_side', 'market'] : ['id', 'class']
  return JSON.stringify(names.map(name => entry[name] ?? ''))
}
