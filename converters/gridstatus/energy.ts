/**
 * CSVs that users made with the gridstatus library (L1-L3) or its hosted service (H1, H2): one layout for all markets, in which
 * no column names the market. Format facts: gridstatus-style.md. What differs between markets is a `Dialect`.
 */
import {
  first,
  fixed,
  integerId,
  kilovolts,
  mapped,
  matched,
  number,
  numberIf,
  text,
  textIf,
} from '../../src/model/cells.js'
import type { DatasetId } from '../../src/model/dataset.js'
import type { Cell, Evidence, OutOfScope, Report, RowsLayout, TimeRule } from '../../src/model/report.js'
import type { Clock } from '../../src/shape/clock.js'
import { exportTime } from '../../src/shape/time.js'
import { MARKETS, MINUTES, standingOf, WORDS } from './markets.js'

type Patterns = readonly (readonly [RegExp, string | null])[]

export interface Dialect {
  readonly iso: string
  readonly clock: Clock
  readonly evidence: Evidence
  /** Market run as the ISO's own files say it, by data set. */
  readonly runs: Readonly<Partial<Record<DatasetId, string>>>
  /** Data set of a file without a `Market` column. */
  readonly withoutMarket?: string
  /** Type word to location_type and to the class of the ISO's own files, so that both are one series. */
  readonly types: Readonly<Record<string, string>>
  readonly classes: Patterns
  /** Names of the price column, LMP unless said otherwise. */
  readonly price?: readonly string[]
  /** Type word of a location where the file has no such column. */
  readonly typeByName?: Patterns
  /** Stamps of dispatch runs come before their rounded intervals, and a price holds until the next run. */
  readonly runStamps?: boolean
  /** Parts of the location's name that its type says already. */
  readonly names?: Patterns
  /** Ids of locations that exports know by name only. */
  readonly ids?: Readonly<Record<string, string>>
  /** What `Time` alone names in the oldest files, where it is not the start. */
  readonly bare?: Readonly<Partial<Record<DatasetId, 'end' | 'within'>>>
  readonly naive?: 'order' | 'refuse'
  readonly detectSign?: boolean
  /** Below the market's own final files and above its preliminary ones, where it has both; else below all of them. */
  readonly priority?: { readonly final: number; readonly preliminary: number }
  /** Data sets whose run is advisory: no such price is ever final. */
  readonly advisory?: readonly DatasetId[]
  readonly tolerance?: number
}

export function timeOf(dialect: Dialect, dataset: DatasetId, minutes: number): TimeRule {
  const { clock, bare, naive = 'order', runStamps = false } = dialect
  return exportTime({ clock, minutes, bare: bare?.[dataset] ?? 'start', naive, runStamps: runStamps && minutes === 5 })
}

export const STAMPS = ['interval_start_utc', 'Interval Start', 'Time', 'SCED Timestamp', 'sced_timestamp_utc']
export const KNOWN = [
  ...['Interval End', 'interval_end_utc', 'interval_end_local', 'interval_start_local', 'Time', 'Interval Start'],
  ...['PNode', 'Location Short Name', 'Equipment', 'Publish Time', 'Node', 'SCED Timestamp'],
]

function layout(dialect: Dialect, run: string, words: readonly string[]): RowsLayout {
  const named = text('Location Name', 'Location')
  const type = first(
    textIf('Location Type'),
    dialect.typeByName ? matched(named, dialect.typeByName, 'Node') : fixed('Node'),
  )
  const printed = named
  const name: Cell = dialect.names ? matched(printed, dialect.names) : printed
  const id = integerId(text('Location Id', 'Location'))
  const market = first(textIf('Market'), fixed(dialect.withoutMarket ?? ''))
  return {
    kind: 'rows',
    only: { cell: market, take: words, leave: WORDS.filter(word => !words.includes(word)) },
    series: {
      market_run: fixed(run),
      location: name,
      location_id: dialect.ids ? mapped(name, dialect.ids) : dialect.names ? name : id,
      location_type: mapped(type, dialect.types, 'OTHER'),
      location_class: matched(type, dialect.classes),
      zone: textIf('BAA', 'Zone'),
      voltage_kv: kilovolts(textIf('Voltage')),
    },
    values: {
      lmp: number(...(dialect.price ?? ['Capped LMP', 'LMP'])),
      energy: numberIf('Energy'),
      congestion: numberIf('Congestion'),
      loss: numberIf('Loss'),
      ghg: numberIf('GHG'),
      lmp_uncapped: numberIf('Uncapped LMP', 'LMP Uncapped'),
    },
    ...(dialect.detectSign ? { detectSign: true } : {}),
  }
}

/** Rows of markets that this ISO's own files do not have (one record tells, if a file holds no other). */
export function foreign(dialect: Dialect): OutOfScope {
  const own = MARKETS.filter(([dataset]) => dialect.runs[dataset] !== undefined).flatMap(([, words]) => words)
  return {
    header: ['Market', 'Location', 'LMP'],
    first: { column: 'Market', texts: WORDS.filter(word => !own.includes(word)) },
    last: true,
    reason: 'an export of a market for which there is no data set here',
  }
}

/** One report per data set that the market has, preliminary ones apart. */
export function energy(dialect: Dialect): Report[] {
  return MARKETS.flatMap(([dataset, words, standing]) => {
    const run = dialect.runs[dataset]
    if (run === undefined) return []
    const report: Report = {
      id: `gridstatus_${dataset}${standing === 'preliminary' ? '_preliminary' : ''}`,
      published: 'gridstatus_lmp',
      title: `Export of gridstatus, ${dataset.replaceAll('_', ' ')}${standing === 'preliminary' ? ', preliminary' : ''}`,
      dataset,
      names: [],
      evidence: dialect.evidence,
      needsOne: STAMPS,
      unless: ['LMP_TYPE', 'ASType', 'pnode_id', 'Settlement Location'],
      finality: {
        ...standingOf(standing, dialect.priority),
        ...(dialect.advisory?.includes(dataset) ? { final: false } : {}),
      },
      layout: layout(dialect, run, words),
      time: timeOf(dialect, dataset, MINUTES[dataset] ?? 60),
      known: KNOWN,
      tolerance: dialect.tolerance ?? 0.021,
    }
    return [report]
  })
}
