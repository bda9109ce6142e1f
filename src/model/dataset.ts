/**
 * The data contract: which data sets exist, which columns they have and what a row's key is.
 * Adding a data set is one entry here; nothing else in src knows a column by name.
 */

export type ColumnType = 'instant' | 'wall' | 'date' | 'int32' | 'text' | 'double' | 'boolean'

/**
 * What a column's value depends on, and so how often it is computed:
 * - `time`: on the interval only; - `series`: on the location or product only;
 * - `value`: a number of the row itself; - `origin`: the document that the row came from; - `constant`: the data set.
 */
export type ColumnSource = 'time' | 'series' | 'value' | 'origin' | 'constant'

export interface Column {
  readonly name: string
  readonly type: ColumnType
  readonly nullable: boolean
  readonly source: ColumnSource
}

export type Kind = 'energy' | 'ancillary' | 'load'
export type Market = 'DA' | 'RT'

export interface Dataset {
  readonly id: string
  readonly kind: Kind
  readonly market: Market
  /** One leaf partition, one file: a delivery month or a delivery day. */
  readonly leaf: 'month' | 'day'
  /** Nominal interval length. */
  readonly minutes: 60 | 15 | 5
  readonly columns: readonly Column[]
  /** Series columns that identify a row together with `interval_start_utc`. */
  readonly key: readonly string[]
  /**
   * Series columns that join the key where one document proves that they must: two names of one id at one instant, or one settlement
   * location in two balancing areas, are two rows.
   */
  readonly distinguishes: readonly string[]
  /** Series columns that order the file, before `interval_start_utc` and the rest of the key. */
  readonly sort: readonly string[]
  /** Value columns by which rows of one key are compared: prices, not the quantities beside them. */
  readonly prices: readonly string[]
  /** Of these, columns that many documents do not print: where one says nothing, it says nothing else. */
  readonly optional: readonly string[]
  readonly units: Readonly<Record<string, string>>
}

const column = (source: ColumnSource, type: ColumnType, name: string, nullable = false): Column => ({
  name,
  type,
  nullable,
  source,
})

const TIME_COLUMNS: readonly Column[] = [
  column('time', 'instant', 'interval_start_utc'),
  column('time', 'instant', 'interval_end_utc'),
  column('time', 'wall', 'interval_start_local'),
  column('time', 'int32', 'utc_offset_minutes'),
  column('time', 'date', 'delivery_date'),
  column('time', 'int32', 'delivery_hour'),
  column('time', 'int32', 'delivery_interval'),
  column('constant', 'int32', 'interval_minutes'),
  column('constant', 'text', 'iso'),
  column('constant', 'text', 'market'),
  column('series', 'text', 'market_run'),
]

const ORIGIN_COLUMNS: readonly Column[] = [
  column('origin', 'int32', 'revision'),
  column('origin', 'boolean', 'is_final'),
  column('origin', 'text', 'source_report'),
]

const ENERGY = {
  kind: 'energy',
  columns: [
    ...TIME_COLUMNS,
    column('series', 'text', 'location'),
    column('series', 'text', 'location_id'),
    column('series', 'text', 'location_type'),
    column('series', 'text', 'location_class', true),
    column('series', 'text', 'zone', true),
    column('series', 'double', 'voltage_kv', true),
    ...['lmp', 'energy', 'congestion', 'loss', 'ghg', 'lmp_uncapped'].map(name =>
      column('value', 'double', name, true),
    ),
    ...ORIGIN_COLUMNS,
  ],
  key: ['location_id', 'location_class', 'market_run'],
  distinguishes: ['location', 'zone'],
  sort: ['location_id', 'location_class'],
  prices: ['lmp', 'energy', 'congestion', 'loss', 'ghg', 'lmp_uncapped'],
  optional: ['lmp_uncapped'],
  units: {
    ...Object.fromEntries(['lmp', 'energy', 'congestion', 'loss', 'ghg', 'lmp_uncapped'].map(name => [name, '$/MWh'])),
    voltage_kv: 'kV',
  },
} as const

const ANCILLARY = {
  kind: 'ancillary',
  columns: [
    ...TIME_COLUMNS,
    column('series', 'text', 'region'),
    column('series', 'text', 'zone', true),
    column('series', 'text', 'product'),
    column('series', 'text', 'product_standard'),
    column('series', 'text', 'resource_side', true),
    column('value', 'double', 'price', true),
    column('series', 'text', 'unit'),
    column('value', 'double', 'cleared_mw', true),
    column('value', 'double', 'requirement_mw', true),
    column('value', 'double', 'price_uncapped', true),
    ...ORIGIN_COLUMNS,
  ],
  key: ['region', 'product', 'resource_side', 'market_run'],
  distinguishes: ['zone'],
  sort: ['region', 'product'],
  prices: ['price', 'price_uncapped'],
  optional: ['price_uncapped'],
  units: {
    price: 'see column unit',
    cleared_mw: 'MW',
    requirement_mw: 'MW',
    price_uncapped: 'see column unit',
  },
} as const

const LOAD = {
  kind: 'load',
  columns: [
    ...TIME_COLUMNS,
    column('series', 'text', 'area'),
    column('series', 'text', 'zone', true),
    column('value', 'double', 'load_mw', true),
    ...ORIGIN_COLUMNS,
  ],
  key: ['area', 'market_run'],
  distinguishes: ['zone'],
  sort: ['area'],
  prices: ['load_mw'],
  optional: [],
  units: { load_mw: 'MW' },
} as const

const define = <const T extends readonly Dataset[]>(list: T): T => list

const LIST = define([
  { id: 'da_energy_hourly', market: 'DA', leaf: 'month', minutes: 60, ...ENERGY },
  { id: 'da_energy_hourly_exante', market: 'DA', leaf: 'month', minutes: 60, ...ENERGY },
  { id: 'rt_energy_hourly', market: 'RT', leaf: 'month', minutes: 60, ...ENERGY },
  { id: 'rt_energy_15min', market: 'RT', leaf: 'month', minutes: 15, ...ENERGY },
  { id: 'rt_energy_hasp', market: 'RT', leaf: 'month', minutes: 15, ...ENERGY },
  { id: 'rt_energy_5min', market: 'RT', leaf: 'day', minutes: 5, ...ENERGY },
  { id: 'da_as_hourly', market: 'DA', leaf: 'month', minutes: 60, ...ANCILLARY },
  { id: 'rt_as_hourly', market: 'RT', leaf: 'month', minutes: 60, ...ANCILLARY },
  { id: 'rt_as_15min', market: 'RT', leaf: 'month', minutes: 15, ...ANCILLARY },
  { id: 'rt_as_5min', market: 'RT', leaf: 'month', minutes: 5, ...ANCILLARY },
  { id: 'load_hourly', market: 'RT', leaf: 'month', minutes: 60, ...LOAD },
])

export type DatasetId = (typeof LIST)[number]['id']

/** Raised when the meaning of anything above changes. */
export const SCHEMA_VERSION = 2

export const DATASETS: readonly Dataset[] = LIST

const BY_ID = new Map<string, Dataset>(LIST.map(dataset => [dataset.id, dataset]))

export function datasetOf(id: string): Dataset {
  const dataset = BY_ID.get(id)
  if (!dataset) throw new Error(`no data set called ${id}`)
  return dataset
}

/** Names of the columns of one source, in schema order. */
export function columnsFrom(dataset: Dataset, source: ColumnSource): readonly string[] {
  return dataset.columns.filter(each => each.source === source).map(each => each.name)
}
