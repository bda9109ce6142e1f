/**
 * "Custom report" exports of NYISO's OASIS page: one table over any period, with columns of its own (real exports of 2024). A
 * day-ahead stamp is the start of the hour and has its zone beside it; commitment (RTC) and dispatch (RTD) stamps are ends. They
 * rank below the daily files, and an RTC price is advisory: nobody settles on it.
 */
import { column, fixed, integerId, maybe, negated, number, text } from '../../src/model/cells.js'
import type { Report, RowsLayout } from '../../src/model/report.js'
import { localByOrder } from '../../src/shape/time.js'
import { clock, generatorType, zoneType } from './energy.js'

/** Zonal exports are real; generator exports are known from hearsay, hence two words. */
const PLACES = {
  ZONE: { columns: ['Zone'], words: ['Zonal'], type: zoneType },
  GEN: { columns: ['Generator', 'Gen'], words: ['Gen', 'Generator'], type: generatorType },
} as const

const rows = (run: 'DAM' | 'RTC' | 'RTD', place: 'ZONE' | 'GEN'): RowsLayout => {
  const { columns, words, type } = PLACES[place]
  const name = text(...columns.map(each => `${each} Name`))
  const named = (what: string) => words.map(word => `${run} ${word} ${what}`)
  return {
    kind: 'rows',
    series: {
      market_run: fixed(run),
      location: name,
      location_id: integerId(text(...columns.map(each => `${each} PTID`))),
      location_type: type(name),
      location_class: fixed(place),
    },
    values: {
      lmp: number(...named('LBMP')),
      loss: number(...named('Losses')),
      // As in the daily files: LBMP = energy + losses - congestion.
      congestion: negated(number(...named('Congestion'))),
    },
    deriveEnergy: 2,
    version: maybe(...named('Price Version')),
  }
}

const BELOW = { priority: -0.25, revision: 1, final: true }
const RUNS = {
  DAM: {
    dataset: 'da_energy_hourly',
    title: 'Day-ahead LBMP',
    finality: BELOW,
    time: localByOrder({
      clock,
      minutes: 60,
      column: column('Eastern Date Hour'),
      zoneColumn: maybe('Eastern Date Hour Time Zone'),
    }),
  },
  RTC: {
    dataset: 'rt_energy_15min',
    title: 'Real-time commitment LBMP, 15-minute, advisory',
    finality: { ...BELOW, final: false },
    time: localByOrder({
      clock,
      minutes: 15,
      edge: 'end',
      column: column('RTC End Time Stamp'),
      zoneColumn: maybe('RTC End Time Stamp Time Zone'),
    }),
  },
  RTD: {
    dataset: 'rt_energy_5min',
    title: 'Real-time dispatch LBMP, about 5 minutes',
    finality: BELOW,
    time: localByOrder({
      clock,
      minutes: 5,
      sincePrevious: true,
      column: column('RTD End Time Stamp'),
      zoneColumn: maybe('RTD End Time Stamp Time Zone'),
    }),
  },
} as const

const report = (run: keyof typeof RUNS, place: 'ZONE' | 'GEN'): Report => {
  const { dataset, title, finality, time } = RUNS[run]
  return {
    id: `OASIS_${run}_${place === 'ZONE' ? 'zone' : 'gen'}`,
    title: `${title}, ${place === 'ZONE' ? 'zones' : 'generators'}, custom report of the OASIS page`,
    dataset,
    names: [],
    finality,
    layout: rows(run, place),
    time,
  }
}

export const oasis: readonly Report[] = (['DAM', 'RTC', 'RTD'] as const).flatMap(run => [
  report(run, 'ZONE'),
  report(run, 'GEN'),
])
