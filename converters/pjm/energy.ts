/** PJM energy prices, Data Miner 2 feeds. Format facts: pjm.md 3 and 4. Names carry no date; headers and rows decide. */
import {
  column,
  fixed,
  integerId,
  kilovolts,
  mapped,
  maybe,
  number,
  numberIf,
  text,
  textIf,
} from '../../src/model/cells.js'
import type { Report, RowsLayout } from '../../src/model/report.js'
import { Clock } from '../../src/shape/clock.js'
import { localByOrder, utcColumn } from '../../src/shape/time.js'

export const TYPES = {
  ZONE: 'ZONE',
  LOAD: 'LOAD',
  GEN: 'GEN',
  AGGREGATE: 'AGGREGATE',
  RESIDUAL_METERED_EDC: 'AGGREGATE',
  INTERFACE: 'INTERFACE',
  EXT: 'INTERFACE',
  TIE: 'INTERFACE',
  HUB: 'HUB',
  EHV: 'BUS',
}

const clock = new Clock('America/New_York')
/** Both columns of a Data Miner feed name the interval's beginning; the UTC one needs nothing else. */
export const utc = (minutes: number) =>
  utcColumn({
    column: column('datetime_beginning_utc', 'datetime_beginning_gmt'),
    beside: [maybe('datetime_beginning_ept')],
    minutes,
  })
/** Re-saved copies that lost the UTC column: row order tells the repeated hour. */
export const eastern = (minutes: number) => localByOrder({ clock, column: column('datetime_beginning_ept'), minutes })

export const VERIFIED = { priority: 1, revision: 1, final: true }

export const series = (run: string): RowsLayout['series'] => ({
  market_run: fixed(run),
  location: text('pnode_name'),
  location_id: integerId(text('pnode_id')),
  location_type: mapped(text('type'), TYPES, 'OTHER'),
  location_class: text('type'),
  zone: textIf('zone'),
  voltage_kv: kilovolts(textIf('voltage')),
})
const versions = { current: maybe('row_is_current'), version: maybe('version_nbr') }
/** An answer of the API has the columns that were asked for; real-time feeds without components are told apart by nothing. */
export const prices = (side: 'da' | 'rt', run: string, component = number): RowsLayout => ({
  kind: 'rows',
  series: series(run),
  values: {
    lmp: number(`total_lmp_${side}`),
    energy: component(`system_energy_price_${side}`),
    congestion: component(`congestion_price_${side}`),
    loss: component(`marginal_loss_price_${side}`),
  },
  ...versions,
})
export const known = [
  'datetime_beginning_ept',
  'equipment',
  'occ_check',
  'ref_caseid_used_multi_interval',
  'hourly_lmp',
]
export const feed = (name: string) => new RegExp(`(^|[^a-z])${name}\\b.*\\.csv$|(^|[^a-z])${name}[^a-z].*\\.csv$`, 'i')

export const energy: readonly Report[] = [
  {
    id: 'da_hrl_lmps',
    title: 'Day-ahead hourly LMP',
    dataset: 'da_energy_hourly',
    names: [feed('da_hrl_lmps'), /^nodal_da_lmp_.*\.csv$/i],
    unless: ['total_lmp_rt'],
    finality: VERIFIED,
    layout: prices('da', 'DAM', numberIf),
    time: utc(60),
    known,
  },
  {
    id: 'da_hrl_lmps_ept',
    published: 'da_hrl_lmps',
    title: 'Day-ahead hourly LMP, re-saved without its UTC column',
    dataset: 'da_energy_hourly',
    names: [feed('da_hrl_lmps')],
    unless: ['total_lmp_rt', 'datetime_beginning_utc'],
    finality: VERIFIED,
    layout: prices('da', 'DAM'),
    time: eastern(60),
    known,
  },
  {
    id: 'rt_hrl_lmps',
    feed: 'rt_lmps',
    title: 'Real-time hourly LMP, verified',
    dataset: 'rt_energy_hourly',
    names: [feed('rt_hrl_lmps'), /^nodal_rt_hourly_lmp_.*\.csv$/i],
    unless: ['total_lmp_da'],
    finality: VERIFIED,
    grid: 'hourly',
    layout: prices('rt', 'RT_HOURLY'),
    time: utc(60),
    known,
  },
  {
    id: 'rt_fivemin_hrl_lmps',
    feed: 'rt_lmps',
    title: 'Real-time 5-minute LMP, verified: the header of the hourly feed, told by name or stamps',
    dataset: 'rt_energy_5min',
    names: [feed('rt_fivemin_hrl_lmps'), /^nodal_rt_5min_lmp_.*\.csv$/i],
    unless: ['total_lmp_da'],
    finality: VERIFIED,
    grid: 'finer',
    layout: prices('rt', 'RTD'),
    time: utc(5),
    known,
  },
]
