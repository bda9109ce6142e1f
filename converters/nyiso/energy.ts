/** NYISO LBMP: six reports with one header, told apart by name only. Format facts: nyiso.md 2. */
import { column, fixed, integerId, mapped, matched, negated, number, text } from '../../src/model/cells.js'
import type { Cell, Report, RowsLayout } from '../../src/model/report.js'
import { Clock } from '../../src/shape/clock.js'
import { localByOrder } from '../../src/shape/time.js'

export const clock = new Clock('America/New_York')
const stamp = column('Time Stamp')
/** Day-ahead and integrated hourly stamps are starts; RTD stamps are ends of runs off the grid (nyiso.md 2.4). */
const hourStart = localByOrder({ clock, column: stamp, minutes: 60 })
const runEnd = localByOrder({ clock, column: stamp, minutes: 5, sincePrevious: true })
/** Advisory runs (RTC) stand behind the last RTD run of a running day and name the end of their 15 minutes. */
const quarterEnd = localByOrder({ clock, column: stamp, minutes: 15, edge: 'end' })

const PROXIES = { 'H Q': 'INTERFACE', NPX: 'INTERFACE', 'O H': 'INTERFACE', PJM: 'INTERFACE' }
export const zoneType = (name: Cell): Cell => mapped(name, PROXIES, 'ZONE')
export const generatorType = (name: Cell): Cell => matched(name, [[/^NYISO_LBMP_REFERENCE$/, 'REFERENCE']], 'GEN')

/** LBMP = energy + losses - congestion as printed: congestion is turned into the summing sign (nyiso.md 2.3). */
const lbmp = (run: string, word: 'ZONE' | 'GEN'): RowsLayout => ({
  kind: 'rows',
  series: {
    market_run: fixed(run),
    location: text('Name'),
    location_id: integerId(text('PTID')),
    location_type: word === 'ZONE' ? zoneType(text('Name')) : generatorType(text('Name')),
    location_class: fixed(word),
  },
  values: {
    lmp: number('LBMP ($/MWHr)'),
    loss: number('Marginal Cost Losses ($/MWHr)'),
    // Cut short to `Marginal Cost Congestion ($/MWH` before about 2016-07.
    congestion: negated(number('Marginal Cost Congestion ($/MWHr)')),
  },
  deriveEnergy: 2,
})

/** Copies and cuts have something behind the published name: `(1)`, `- copy`, `_cut3`. The reference bus is another report. */
export const dayFile = (stem: string) => new RegExp(`^(?<day>\\d{8})${stem}(?:[ _(-](?!refbus).*)?\\.csv$`, 'i')

const report = (
  stem: string,
  title: string,
  word: 'ZONE' | 'GEN',
  rest: Pick<Report, 'dataset' | 'time'> & { run: string },
): Report => ({
  id: stem,
  title,
  dataset: rest.dataset,
  names: [dayFile(stem)],
  byHeader: false,
  span: 'day',
  whole: true,
  layout: lbmp(rest.run, word),
  time: rest.time,
  ...(rest.run === 'RTD' ? { advisory: 'leave' as const } : {}),
})

const DAY_AHEAD = { dataset: 'da_energy_hourly', time: hourStart, run: 'DAM' } as const
const HOURLY = { dataset: 'rt_energy_hourly', time: hourStart, run: 'RT_HOURLY' } as const
const RTD = { dataset: 'rt_energy_5min', time: runEnd, run: 'RTD' } as const

/** What a running day's file holds behind its last RTD run: never final, and gone from the file when the day is finished. */
const advisory = (stem: string, title: string, word: 'ZONE' | 'GEN'): Report => ({
  id: `${stem}_rtc`,
  published: stem,
  title,
  dataset: 'rt_energy_15min',
  names: [],
  byHeader: false,
  advisory: 'take',
  finality: { priority: 0, revision: 1, final: false },
  layout: lbmp('RTC', word),
  time: quarterEnd,
})

export const energy: readonly Report[] = [
  report('damlbmp_zone', 'Day-ahead LBMP, zones (P-2A)', 'ZONE', DAY_AHEAD),
  report('damlbmp_gen', 'Day-ahead LBMP, generators (P-2B)', 'GEN', DAY_AHEAD),
  report('rtlbmp_zone', 'Real-time LBMP, hourly time-weighted, zones (P-4A)', 'ZONE', HOURLY),
  report('rtlbmp_gen', 'Real-time LBMP, hourly time-weighted, generators (P-4B)', 'GEN', HOURLY),
  report('realtime_zone', 'Real-time LBMP, RTD about 5 minutes, zones (P-24A)', 'ZONE', RTD),
  report('realtime_gen', 'Real-time LBMP, RTD about 5 minutes, generators (P-24B)', 'GEN', RTD),
  advisory('realtime_zone', 'Advisory runs (RTC) at the end of a running day, zones', 'ZONE'),
  advisory('realtime_gen', 'Advisory runs (RTC) at the end of a running day, generators', 'GEN'),
]
