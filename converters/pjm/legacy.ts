/**
 * PJM daily files of before Data Miner 2 (up to about 2018), `20151122-da.csv` and `20140606.csv`. Reconstructed from six public
 * readers (pjm.md 8): sections found by their marker text, hours across in hour-ending EPT with three cells an hour, the blank
 * 0300 of the short day, and the second 0200 of the long day in the last columns. Years before 2007-06 have another layout.
 */
import { column, fixed, integerId, kilovolts, mapped, textAt } from '../../src/model/cells.js'
import type { FileContext, HoursLayout, Report } from '../../src/model/report.js'
import { Clock } from '../../src/shape/clock.js'
import { hourEndingLabel } from '../../src/shape/time.js'
import { TYPES } from './energy.js'

/** The marker line carries the hour labels; its first cell stands over the dates. Columns 1 to 6 have no names on it. */
const layout = (marker: string, run: string): HoursLayout => ({
  kind: 'hours',
  hour: /^(\d{3,4}\s*(?:\[?DST\]?|\*)?)$/i,
  values: ['lmp', 'congestion', 'loss'],
  spread: true,
  skip: /^"?(End of|Start of)|TotalLMP/i,
  day: column(marker),
  series: {
    market_run: fixed(run),
    location_id: integerId(textAt(1)),
    location: textAt(2),
    voltage_kv: kilovolts(textAt(3)),
    location_type: mapped(textAt(5), TYPES, 'OTHER'),
    location_class: textAt(5),
    zone: textAt(6),
  },
  deriveEnergy: 2,
})

/** `_updated2` beats `_updated`, which beats the plain file of that day. */
const restated = ({ path }: FileContext): number => {
  const match = /_updated?(\d*)\.(csv|zip)/i.exec(path)
  return match ? Number(match[1] || 1) : 0
}

const base = {
  time: hourEndingLabel({ clock: new Clock('America/New_York'), minutes: 60 }),
  /** Data Miner's copy of the same hour wins. */
  finality: { priority: 0.5, revision: 1, final: true },
  stamp: restated,
  ragged: true,
} as const

export const legacy: readonly Report[] = [
  {
    id: 'legacy_da',
    title: 'Day-ahead hourly LMP, daily file of 2007-06 to about 2018 (from readers; no real file was seen)',
    dataset: 'da_energy_hourly',
    names: [/^(?<day>\d{8})-da(_update\w*)?\.csv$/i],
    layout: layout('Start of Day Ahead LMP Data', 'DAM'),
    ...base,
  },
  {
    id: 'legacy_rt',
    title: 'Real-time hourly LMP, daily file of 2007-06 to about 2018 (from readers; no real file was seen)',
    dataset: 'rt_energy_hourly',
    names: [],
    layout: layout('Start of Real Time LMP Data', 'RT_HOURLY'),
    ...base,
  },
]
