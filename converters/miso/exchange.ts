/**
 * MISO's Data Exchange: answers in JSON that people save (miso.md 5). Nothing in them says which market or run they are, so the name
 * must: day-ahead or real-time, ex-post or ex-ante. Stamps are EST and name the start of the interval; here the energy component
 * is published.
 */
import { column, fixed, number, numberIf, text } from '../../src/model/cells.js'
import type { DatasetId } from '../../src/model/dataset.js'
import type { Report, RowsLayout } from '../../src/model/report.js'
import { fixedOffset } from '../../src/shape/time.js'
import { EST, FINAL, node, PRELIM } from './energy.js'

const DAY_AHEAD = '(?=.*(^|[^a-z])(da|day[-_ ]?ahead)([^a-z]|$))'
const REAL_TIME = '(?=.*(^|[^a-z])(rt|real[-_ ]?time)([^a-z]|$))'
const names = (market: string, run: string) => [new RegExp(`^${market}(?=.*${run})(?=.*lmp).*\\.json$`, 'i')]
const EX_POST = 'ex[-_ ]?post'

const layout = (run: string): RowsLayout => ({
  kind: 'rows',
  // No type is given: other files of the same month tell it.
  series: { ...node(text('node'), fixed(null), run), location_type: fixed('OTHER') },
  values: { lmp: number('lmp'), energy: numberIf('mec'), congestion: numberIf('mcc'), loss: numberIf('mlc') },
})
const start = (minutes: number) => fixedOffset({ column: column('timeInterval.start'), minutes, offsetMinutes: EST })
const shared = {
  byHeader: false,
  joins: 'location_id',
  known: ['interval', 'timeInterval.resolution', 'timeInterval.end', 'timeInterval.value'],
  tolerance: 0.021,
} as const
const dayAhead = (id: string, run: string, word: string, dataset: DatasetId): Report => ({
  ...shared,
  id,
  title: `Day-ahead LMP, hourly, ${word}, from the Data Exchange`,
  dataset,
  names: names(DAY_AHEAD, word.replace('-', '[-_ ]?')),
  // The same prices as in the daily file, which beats it.
  finality: { priority: -0.25, revision: 1, final: true },
  layout: layout(run),
  time: start(60),
})
const realTime = {
  ...shared,
  published: 'exchange_rt_lmp',
  names: names(REAL_TIME, EX_POST),
  finality: { priority: 0, revision: 1, final: false },
  versions: [
    { mark: /prelim/i, finality: { ...PRELIM, priority: PRELIM.priority - 0.25 } },
    { mark: /final/i, finality: { ...FINAL, priority: FINAL.priority - 0.25 } },
  ],
}

export const exchange: readonly Report[] = [
  dayAhead('exchange_da_expost_lmp', 'EXPOST', 'ex-post', 'da_energy_hourly'),
  dayAhead('exchange_da_exante_lmp', 'EXANTE', 'ex-ante', 'da_energy_hourly_exante'),
  {
    ...realTime,
    id: 'exchange_rt_lmp_hourly',
    title: 'Real-time LMP, hourly, ex-post, from the Data Exchange: final or preliminary as the name says',
    dataset: 'rt_energy_hourly',
    grid: 'hourly',
    layout: layout('RT_HOURLY'),
    time: start(60),
  },
  {
    ...realTime,
    id: 'exchange_rt_lmp_fivemin',
    title: 'Real-time LMP, 5-minute, ex-post, from the Data Exchange: final or preliminary as the name says',
    dataset: 'rt_energy_5min',
    grid: 'finer',
    layout: layout('RTD'),
    time: start(5),
  },
]

/** Under a name that does not say what they are. */
export const untold = [
  {
    header: ['timeInterval.start', 'node', 'lmp'],
    reason:
      'prices of the Data Exchange under a name that does not say day-ahead or real-time, ex-post or ex-ante (their content does not): give it a name like 20250101_da_expost_lmp.json or 20250101_rt_expost_lmp_final.json',
  },
  {
    header: ['timeInterval.start', 'product', 'mcp'],
    reason: 'ancillary prices of the Data Exchange, which nobody has verified',
  },
]
