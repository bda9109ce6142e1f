/** Words of gridstatus' `Market` column, the data sets that they mean, and how such exports stand (gridstatus-style.md 2). */
import type { DatasetId } from '../../src/model/dataset.js'

/** Words of the `Market` column. An export loses against the ISO's own file of the same standing. */
export const MARKETS: readonly (readonly [DatasetId, readonly string[], 'final' | 'preliminary' | 'only'])[] = [
  ['da_energy_hourly', ['DAY_AHEAD_HOURLY', 'DAY_AHEAD_HOURLY_EX_POST'], 'only'],
  ['da_energy_hourly_exante', ['DAY_AHEAD_HOURLY_EX_ANTE'], 'only'],
  ['rt_energy_hourly', ['REAL_TIME_HOURLY', 'REAL_TIME_HOURLY_FINAL', 'REAL_TIME_HOURLY_EX_POST_FINAL'], 'final'],
  ['rt_energy_hourly', ['REAL_TIME_HOURLY_PRELIM', 'REAL_TIME_HOURLY_EX_POST_PRELIM'], 'preliminary'],
  ['rt_energy_15min', ['REAL_TIME_15_MIN'], 'only'],
  ['rt_energy_hasp', ['REAL_TIME_HASP', 'HASP'], 'only'],
  [
    'rt_energy_5min',
    ['REAL_TIME_5_MIN', 'REAL_TIME_5_MIN_FINAL', 'REAL_TIME_5_MIN_EX_POST_FINAL', 'REAL_TIME_SCED'],
    'final',
  ],
  [
    'rt_energy_5min',
    ['REAL_TIME_5_MIN_PRELIM', 'REAL_TIME_5_MIN_EX_ANTE', 'REAL_TIME_5_MIN_EX_POST_PRELIM'],
    'preliminary',
  ],
]
export const WORDS = MARKETS.flatMap(([, words]) => words)
/** Most markets' own files have one standing only, and exports stand below it. */
const BELOW_ALL = { final: -0.5, preliminary: -0.6 }
export const standingOf = (standing: 'final' | 'preliminary' | 'only', priority = BELOW_ALL) =>
  ({
    only: { priority: -0.5, revision: 1, final: true },
    final: { priority: priority.final, revision: 1, final: true },
    preliminary: { priority: priority.preliminary, revision: 1, final: false },
  })[standing]
export const MINUTES: Readonly<Partial<Record<DatasetId, number>>> = {
  rt_energy_15min: 15,
  rt_energy_hasp: 15,
  rt_energy_5min: 5,
}
