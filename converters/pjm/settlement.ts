/** PJM's settlement feeds: where they overlap with the verified ones they are the later, better source (pjm.md 4.2). */
import type { Report } from '../../src/model/report.js'
import { feed, known, prices, utc } from './energy.js'

/** Settlement over verified over unverified (SCHEMA.md 3, settled points). */
const SETTLEMENT = { priority: 2, revision: 2, final: true }

/** Each half of a monthly row knows the other's columns. */
const bothHalves = [
  ...known,
  ...['da', 'rt'].flatMap(side =>
    ['system_energy_price', 'total_lmp', 'congestion_price', 'marginal_loss_price'].map(name => `${name}_${side}`),
  ),
]
export const settlement: readonly Report[] = [
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
]
