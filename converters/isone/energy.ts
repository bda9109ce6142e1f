/**
 * ISO-NE energy prices, reports of ISO Express. Every line is tagged in its first field: C comment, H header (twice), D data, T
 * trailer. Format facts: isone.md; the hourly files from published ones, the preliminary and 5-minute ones from readers.
 */
import { column, number } from '../../src/model/cells.js'
import type { Finality, Report, RowsLayout } from '../../src/model/report.js'
import { Clock } from '../../src/shape/clock.js'
import { stampInLine } from '../../src/shape/stamp.js'
import { hourEndingEitherWay, localTimeOfDay } from '../../src/shape/time-local.js'
import { place } from './places.js'

export const clock = new Clock('America/New_York')
/** Labels 01 to 24, with 02X for the repeated hour; the rolling report calls them otherwise. */
export const hourEnding = hourEndingEitherWay({
  clock,
  minutes: 60,
  date: column('Date', 'Local Date'),
  hour: column('Hour Ending', 'Local Time'),
})
/** Blocks of four hours print a time of day; rolling and reserve reports a whole stamp. Stamps are starts (isone.md 2). */
export const timeOfDay = localTimeOfDay({
  clock,
  column: column('Local Time'),
  dayLine: /Report for:?\s*(\d\d\/\d\d\/\d{4})(?:\s*-\s*(\d\d\/\d\d\/\d{4}))?/i,
  floorMinutes: 5,
})

export const FINAL: Finality = { priority: 2, revision: 2, final: true }
export const PRELIM: Finality = { priority: 1, revision: 1, final: false }
export const UNTOLD: Finality = { priority: 0, revision: 1, final: false }

/** `H` is the tag of the header line itself: without it the file is no report of ISO Express. */
export const framed = {
  tagged: true,
  needs: ['H'],
  known: ['H'],
  stamp: stampInLine(clock, /Report generated:?\s*(.+?)\s+(E[DS]T)/i),
} as const

/** All three components add up, exact to the cent; the loss and the price have two names each. */
export const prices = (run: 'DAM' | 'RT_HOURLY' | 'RTD'): RowsLayout => ({
  kind: 'rows',
  series: place(run),
  values: {
    lmp: number('Locational Marginal Price', 'LMP', 'LmpTotal'),
    energy: number('Energy Component'),
    congestion: number('Congestion Component'),
    loss: number('Marginal Loss Component', 'Loss Component'),
  },
})

export const energy: readonly Report[] = [
  {
    id: 'WW_DALMP_ISO',
    title: 'Day-ahead hourly LMP',
    dataset: 'da_energy_hourly',
    names: [/^WW_DALMP_ISO_(?<day>\d{8})[^/]*\.csv$/i],
    heading: /Day-?Ahead Energy Market Hourly LMP/i,
    span: 'day',
    layout: prices('DAM'),
    time: hourEnding,
    ...framed,
    needs: ['H', 'Location ID'],
  },
  {
    id: 'lmp_rt_final',
    title: 'Real-time hourly LMP, final',
    dataset: 'rt_energy_hourly',
    names: [/^lmp_rt_final_(?<day>\d{8})[^/]*\.csv$/i],
    heading: /Filename: lmp_rt_final|Real-?Time.*Hourly LMP.*\bfinal\b/i,
    finality: FINAL,
    span: 'day',
    layout: prices('RT_HOURLY'),
    time: hourEnding,
    ...framed,
    needs: ['H', 'Location ID'],
  },
  {
    id: 'lmp_rt_prelim',
    title: 'Real-time hourly LMP, preliminary: names only, completed from the final files of the month',
    dataset: 'rt_energy_hourly',
    names: [/^lmp_rt_prelim_(?<day>\d{8})[^/]*\.csv$/i],
    heading: /Filename: lmp_rt_prelim|(Real-?Time|RT).*Hourly LMP.*\bprelim/i,
    needsOne: ['Location', 'Location Name'],
    finality: PRELIM,
    joins: 'location',
    span: 'day',
    layout: prices('RT_HOURLY'),
    time: hourEnding,
    ...framed,
  },
  {
    id: 'lmp_5min',
    title: 'Real-time 5-minute LMP in blocks of four hours; final and preliminary files share their names',
    dataset: 'rt_energy_5min',
    names: [/^lmp_5min_(?<day>\d{8})_[^/]*\.csv$/i],
    heading: /Five-?Minute Locational Marginal Price/i,
    finality: UNTOLD,
    versions: [
      { mark: /\b5min-rt-final\b|Five-?Minute.*\bfinal\b/i, finality: FINAL },
      { mark: /\b5min-rt-prelim\b|Five-?Minute.*\bprelim/i, finality: PRELIM },
      {
        mark: /^/,
        warning: 'neither its folder (5min-rt-final, 5min-rt-prelim) nor its title says final: taken as preliminary',
      },
    ],
    joins: 'location_id',
    span: 'day',
    layout: prices('RTD'),
    time: timeOfDay,
    ...framed,
    needs: ['H', 'Location ID'],
  },
]
