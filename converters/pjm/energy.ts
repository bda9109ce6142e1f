/** PJM energy prices, Data Miner 2 feeds. Format facts: pjm.md 3 and 4. Names carry no date; headers and rows decide. */
import { column, fixed, kilovolts, mapped, maybe, number, text, textIf } from '../../src/model/cells.js'
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
const eastern = (minutes: number) => localByOrder({ clock, column: column('datetime_beginning_ept'), minutes })

/** Settlement over verified over unverified (SCHEMA.md 3, settled points). */
const SETTLEMENT = { priority: 2, revision: 2, final: true }
export const VERIFIED = { priority: 1, revision: 1, final: true }
const UNVERIFIED = { priority: 0, revision: 1, final: false }

const series = (run: string): RowsLayout['series'] => ({
  market_run: fixed(run),
  location: text('pnode_name'),
  location_id: text('pnode_id'),
  location_type: mapped(text('type'), TYPES, 'OTHER'),
  location_class: text('type'),
  zone: textIf('zone'),
  voltage_kv: kilovolts(textIf('voltage')),
})
/** Unverified hourly and short 5-minute feeds have no id: the name stands for it. */
const byName = (run: string, name: string): RowsLayout['series'] => ({
  ...series(run),
  location: text(name),
  location_id: text(name),
})

const versions = { current: maybe('row_is_current'), version: maybe('version_nbr') }
const prices = (side: 'da' | 'rt', run: string): RowsLayout => ({
  kind: 'rows',
  series: series(run),
  values: {
    lmp: number(`total_lmp_${side}`),
    energy: number(`system_energy_price_${side}`),
    congestion: number(`congestion_price_${side}`),
    loss: number(`marginal_loss_price_${side}`),
  },
  ...versions,
})
const unverified = (run: string, layout: Partial<RowsLayout>): RowsLayout => ({
  kind: 'rows',
  series: series(run),
  values: {
    lmp: number('total_lmp_rt'),
    congestion: number('congestion_price_rt'),
    loss: number('marginal_loss_price_rt'),
  },
  deriveEnergy: 6,
  ...layout,
})

const known = ['datetime_beginning_ept', 'equipment', 'occ_check', 'ref_caseid_used_multi_interval', 'hourly_lmp']
/** Each half of a monthly row knows the other's columns. */
const bothHalves = [
  ...known,
  ...['da', 'rt'].flatMap(side =>
    ['system_energy_price', 'total_lmp', 'congestion_price', 'marginal_loss_price'].map(name => `${name}_${side}`),
  ),
]
const feed = (name: string) => new RegExp(`(^|[^a-z])${name}\\b.*\\.csv$|(^|[^a-z])${name}[^a-z].*\\.csv$`, 'i')

export const energy: readonly Report[] = [
  {
    id: 'da_hrl_lmps',
    title: 'Day-ahead hourly LMP',
    dataset: 'da_energy_hourly',
    names: [feed('da_hrl_lmps'), /^nodal_da_lmp_.*\.csv$/i],
    unless: ['total_lmp_rt'],
    finality: VERIFIED,
    layout: prices('da', 'DAM'),
    time: utc(60),
    known,
  },
  {
    id: 'da_hrl_lmps_ept',
    published: 'da_hrl_lmps',
    title: 'Day-ahead hourly LMP, re-saved without its UTC column',
    dataset: 'da_energy_hourly',
    names: [],
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
  {
    id: 'rt_fivemin_mnt_lmps',
    title: 'Real-time 5-minute LMP, settlement',
    dataset: 'rt_energy_5min',
    names: [feed('rt_fivemin_mnt_lmps')],
    byHeader: false,
    finality: SETTLEMENT,
    layout: prices('rt', 'RTD'),
    time: utc(5),
    known,
  },
  {
    id: 'rt_da_monthly_lmps_rt',
    published: 'rt_da_monthly_lmps',
    title: 'Settlement hourly LMP, real-time half of the row',
    dataset: 'rt_energy_hourly',
    names: [feed('rt_da_monthly_lmps')],
    finality: SETTLEMENT,
    layout: prices('rt', 'RT_HOURLY'),
    needs: ['total_lmp_da'],
    time: utc(60),
    known: bothHalves,
  },
  {
    id: 'rt_da_monthly_lmps_da',
    published: 'rt_da_monthly_lmps',
    title: 'Settlement hourly LMP, day-ahead half of the row',
    dataset: 'da_energy_hourly',
    names: [feed('rt_da_monthly_lmps')],
    finality: SETTLEMENT,
    layout: prices('da', 'DAM'),
    needs: ['total_lmp_rt'],
    time: utc(60),
    known: bothHalves,
  },
  {
    id: 'rt_unverified_fivemin_lmps',
    title: 'Real-time 5-minute LMP, unverified',
    dataset: 'rt_energy_5min',
    names: [feed('rt_unverified_fivemin_lmps')],
    unless: ['system_energy_price_rt', 'zone'],
    finality: UNVERIFIED,
    layout: unverified('RTD', {}),
    time: utc(5),
    known,
  },
  {
    id: 'rt_unverified_hrl_lmps',
    title: 'Real-time hourly LMP, unverified (names only)',
    dataset: 'rt_energy_hourly',
    names: [feed('rt_unverified_hrl_lmps')],
    unless: ['system_energy_price_rt', 'pnode_id'],
    finality: UNVERIFIED,
    layout: unverified('RT_HOURLY', { series: byName('RT_HOURLY', 'pnode_name') }),
    time: utc(60),
    known,
  },
  {
    id: 'unverified_five_min_lmps',
    title: 'Real-time 5-minute LMP, unverified, short form (names only, no components)',
    dataset: 'rt_energy_5min',
    names: [feed('unverified_five_min_lmps')],
    finality: UNVERIFIED,
    layout: { kind: 'rows', series: byName('RTD', 'name'), values: { lmp: number('five_min_rtlmp') } },
    time: utc(5),
    known,
  },
]
