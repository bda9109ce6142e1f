/** PJM's unverified real-time feeds: no energy component, and two of them know locations by name only (pjm.md 4.3). */
import { fixed, number, numberIf, text } from '../../src/model/cells.js'
import type { Report, RowsLayout } from '../../src/model/report.js'
import { feed, known, series, utc } from './energy.js'

const UNVERIFIED = { priority: 0, revision: 1, final: false }

/** Unverified hourly and short 5-minute feeds have no id: the name stands for it. */
const byName = (run: string, name: string): RowsLayout['series'] => ({
  ...series(run),
  location: text(name),
  location_id: text(name),
})

const layout = (run: string, layout: Partial<RowsLayout>): RowsLayout => ({
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

export const unverified: readonly Report[] = [
  {
    id: 'rt_unverified_fivemin_lmps',
    title: 'Real-time 5-minute LMP, unverified',
    dataset: 'rt_energy_5min',
    names: [feed('rt_unverified_fivemin_lmps')],
    unless: ['system_energy_price_rt', 'zone'],
    finality: UNVERIFIED,
    layout: layout('RTD', {}),
    time: utc(5),
    known,
  },
  {
    id: 'rt_unverified_fivemin_lmps_untyped',
    published: 'rt_unverified_fivemin_lmps',
    title: 'Real-time 5-minute LMP, unverified, an answer of the API to which types were not asked for',
    dataset: 'rt_energy_5min',
    names: [feed('rt_unverified_fivemin_lmps')],
    byHeader: false,
    unless: ['type'],
    finality: UNVERIFIED,
    // What kind of location it is, other files of the same day tell.
    joins: 'location_id',
    layout: layout('RTD', {
      series: { ...series('RTD'), location_type: fixed('OTHER'), location_class: fixed(null) },
      values: {
        lmp: number('total_lmp_rt'),
        congestion: numberIf('congestion_price_rt'),
        loss: numberIf('marginal_loss_price_rt'),
      },
    }),
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
    layout: layout('RT_HOURLY', { series: byName('RT_HOURLY', 'pnode_name') }),
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
