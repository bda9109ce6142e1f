/**
 * The data set of the earlier pandas converters, 24 columns for all markets (`market_data` of views.sql has them still): taken over as
 * one more source, which gives way to every file that an ISO published and to every export. Its type words are coarse (all of
 * ERCOT's day-ahead points are NODE), so a market says in `Earlier` how its own files would have called a location.
 */
import {
  column,
  first,
  fixed,
  kilovolts,
  mapped,
  maybe,
  number,
  numberIf,
  text,
  textIf,
} from '../../src/model/cells.js'
import type { DatasetId } from '../../src/model/dataset.js'
import type { Cell, Report, RowsLayout, TimeRule } from '../../src/model/report.js'
import { utcColumn } from '../../src/shape/time.js'

export interface Earlier {
  readonly iso: string
  readonly path: RegExp
  readonly runs: Readonly<Partial<Record<DatasetId, string>>>
  readonly id: Cell
  /** location_type and location_class, by data set. */
  readonly type: Cell
  readonly classOf: (dataset: DatasetId) => Cell
  /** Where the UTC columns cannot be believed. */
  readonly time?: (minutes: number) => TimeRule
  readonly joins?: Report['joins']
  readonly detectSign?: boolean
}

export const name = text('settlement_location')
/** Of locations that have an id besides their name. */
export const printedId = first(textIf('settlement_location_id'), name)
export const word = text('settlement_location_type')

/** What market, interval and source together say: market, minutes, and the run where a market has two. */
const RUNS: readonly (readonly [DatasetId, number, readonly string[]])[] = [
  ['da_energy_hourly', 60, ['DA 60']],
  ['da_energy_hourly_exante', 60, ['DA 60 exante']],
  ['rt_energy_hourly', 60, ['RT 60']],
  ['rt_energy_15min', 15, ['RT 15']],
  ['rt_energy_hasp', 15, ['RT 15 hasp']],
  ['rt_energy_5min', 5, ['RT 5']],
]
const OTHER_MARKET = 'rows of another market'

/** Which data set a row belongs to. The column of the source is free text, and names the two runs that share a grid with another. */
const runOf = (iso: string): Cell => ({
  wanted: [column('market_type'), column('interval_minutes'), column('iso'), maybe('data_source')],
  make: ([market = '', minutes = '', whose = '', source = '']) => {
    if (whose.trim().toUpperCase() !== iso) return OTHER_MARKET
    const run = /ex[-_ ]?ante/i.test(source) ? ' exante' : /hasp/i.test(source) ? ' hasp' : ''
    return `${market.trim().toUpperCase()} ${Number(minutes)}${run}`
  },
})

function layoutOf(market: Earlier, dataset: DatasetId, run: string, take: readonly string[]): RowsLayout {
  const others = RUNS.flatMap(([id, , words]) => (market.runs[id] === undefined ? [] : words))
  return {
    kind: 'rows',
    only: { cell: runOf(market.iso), take, leave: [...others.filter(each => !take.includes(each)), OTHER_MARKET] },
    series: {
      market_run: fixed(run),
      location: name,
      location_id: market.id,
      location_type: market.type,
      location_class: market.classOf(dataset),
      zone: textIf('zone'),
      voltage_kv: kilovolts(textIf('voltage_kv')),
    },
    values: {
      lmp: number('lmp_total'),
      energy: numberIf('lmp_energy'),
      congestion: numberIf('lmp_congestion'),
      loss: numberIf('lmp_loss'),
    },
    current: maybe('is_current'),
    version: maybe('version'),
    ...(market.detectSign ? { detectSign: true } : {}),
  }
}

const KNOWN = [
  ...['datetime_utc', 'datetime_local', 'interval_start_utc', 'interval_end_utc', 'delivery_date', 'delivery_hour'],
  ...['delivery_interval', 'interval_minutes', 'iso', 'settlement_location_id', 'settlement_location_type'],
  ...['zone', 'system_lambda', 'dst_flag', 'data_source'],
]

/** One report per data set that the market has. */
export function earlier(market: Earlier): Report[] {
  return RUNS.flatMap(([dataset, minutes, take]): Report[] => {
    const run = market.runs[dataset]
    if (run === undefined) return []
    return [
      {
        id: `former_${dataset}`,
        published: 'former_dataset',
        title: `Data set of earlier converters, ${dataset.replaceAll('_', ' ')}`,
        dataset,
        names: [],
        evidence: { path: market.path, words: { column: 'iso', texts: [market.iso] } },
        needs: ['settlement_location', 'settlement_location_id', 'is_current', 'dst_flag'],
        finality: { priority: -2, revision: 1, final: true },
        ...(market.joins ? { joins: market.joins } : {}),
        layout: layoutOf(market, dataset, run, take),
        time: market.time?.(minutes) ?? utcColumn({ column: column('interval_start_utc', 'datetime_utc'), minutes }),
        known: KNOWN,
        tolerance: 0.021,
      },
    ]
  })
}

/** Words of the earlier converters and of `market_data`, as location types. */
export const TYPES = {
  ...{ HUB: 'HUB', ZONE: 'ZONE', LOAD_ZONE: 'ZONE', NODE: 'NODE', PNODE: 'NODE', RESOURCE_NODE: 'NODE', BUS: 'BUS' },
  ...{ SETTLEMENT_LOCATION: 'NODE', INTERFACE: 'INTERFACE', AGGREGATE: 'AGGREGATE', GEN: 'GEN', LOAD: 'LOAD' },
  ...{ DC_TIE: 'DC_TIE', REFERENCE: 'REFERENCE' },
}
export const typed = mapped(word, TYPES, 'OTHER')
