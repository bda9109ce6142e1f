/** PJM metered load (pjm.md 6): the report that shows that a new data set takes a declaration and fixtures only. */
import { fixed, maybe, number, text, textIf } from '../../src/model/cells.js'
import type { Report, RowsLayout } from '../../src/model/report.js'
import { eastern, feed, utc } from './energy.js'

const layout: RowsLayout = {
  kind: 'rows',
  series: { market_run: fixed('METERED'), area: text('load_area'), zone: textIf('zone') },
  values: { load_mw: number('mw') },
  // A verified row wins against an unverified one; where there is no verified one, the other stands.
  current: maybe('is_verified'),
}
const known = ['datetime_beginning_ept', 'nerc_region', 'mkt_region']

export const load: readonly Report[] = [
  {
    id: 'hrl_load_metered',
    title: 'Metered load, hourly, by load area (area RTO is the total of the others)',
    dataset: 'load_hourly',
    names: [feed('hrl_load_metered')],
    layout,
    time: utc(60),
    known,
  },
  {
    id: 'hrl_load_metered_ept',
    published: 'hrl_load_metered',
    title: 'Metered load, hourly, re-saved without its UTC column',
    dataset: 'load_hourly',
    names: [feed('hrl_load_metered')],
    unless: ['datetime_beginning_utc'],
    layout,
    time: eastern(60),
    known,
  },
]
