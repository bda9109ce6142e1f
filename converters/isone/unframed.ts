/**
 * CSV that scripts made of ISO-NE's reports and web service (isone.md 8): reports without their tag column, whose names say more
 * than is true, and flattened web-service rows, whose `BeginDate` carries its offset.
 */
import { column } from '../../src/model/cells.js'
import type { Report } from '../../src/model/report.js'
import { utcColumn } from '../../src/shape/time.js'
import { known, regulation, reserves } from './ancillary.js'
import { FINAL, hourEnding, PRELIM, prices, UNTOLD } from './energy.js'

/** Five-minute stamps are sometimes a second or two late. */
const begin = (minutes: 60 | 5) => utcColumn({ column: column('BeginDate'), minutes, floorMinutes: 5 })
const plain = { byHeader: false, unless: ['H'] } as const
const service = { ...plain, known, finality: FINAL }
/** Answers as people save them; what the answer is stands in its name, as in the service's own addresses. */
const saved = (what: string) => new RegExp(`^(?=.*${what}).*\\.json$`, 'i')
const REAL_TIME = saved(String.raw`(^|[^a-z])(rt|real[-_ ]?time|5[-_ ]?min|five[-_ ]?min\w*?)(lmps?|[^a-z]|$))(?=.*lmp`)
const untold = [{ mark: /prelim/i, finality: PRELIM }]

export const unframed: readonly Report[] = [
  {
    id: 'lmp_day_ahead_hourly',
    published: 'WW_DALMP_ISO',
    title: 'Day-ahead hourly LMP, saved without tags',
    dataset: 'da_energy_hourly',
    names: [/^(?<day>\d{4}-\d\d-\d\d)_lmp_day_ahead_hourly\.csv$/i],
    span: 'day',
    layout: prices('DAM'),
    time: hourEnding,
    needs: ['Location ID'],
    ...plain,
  },
  {
    id: 'lmp_real_time_hourly',
    title: 'Real-time hourly LMP, saved without tags, also under the name lmp_real_time_5_min: final or preliminary',
    dataset: 'rt_energy_hourly',
    names: [/^(?<day>\d{4}-\d\d-\d\d)_lmp_real_time_(?:5_min|hourly)\.csv$/i],
    needsOne: ['Location', 'Location Name'],
    finality: UNTOLD,
    joins: 'location',
    span: 'day',
    layout: prices('RT_HOURLY'),
    time: hourEnding,
    ...plain,
  },
  {
    id: 'hourlylmp_da',
    title: 'Day-ahead hourly LMP, rows of the web service',
    dataset: 'da_energy_hourly',
    names: [/^(?<day>\d{8})_da_lmp_loc\d+\.csv$/i, saved('(^|[^a-z])(da|day[-_ ]?ahead)([^a-z]|$))(?=.*lmp')],
    span: 'day',
    layout: prices('DAM'),
    time: begin(60),
    needs: ['LocId'],
    ...service,
    finality: { ...FINAL, revision: 1 },
  },
  {
    id: 'hourlylmp_rt',
    published: 'hourlylmp',
    feed: 'service_rt_lmp',
    title: 'Real-time hourly LMP, answer of the web service: final unless its name says preliminary',
    dataset: 'rt_energy_hourly',
    names: [REAL_TIME],
    grid: 'hourly',
    versions: untold,
    layout: prices('RT_HOURLY'),
    time: begin(60),
    needs: ['LocId'],
    ...service,
  },
  {
    id: 'fiveminlmp',
    feed: 'service_rt_lmp',
    title: 'Real-time 5-minute LMP, rows of the web service',
    dataset: 'rt_energy_5min',
    names: [/^(?<day>\d{8})_rt_lmp_loc\d+\.csv$/i, REAL_TIME],
    grid: 'finer',
    versions: untold,
    layout: prices('RTD'),
    time: begin(5),
    needs: ['LocId'],
    ...service,
  },
  {
    id: 'rcp_hourly',
    published: 'rcp',
    title: 'Real-time regulation prices, rows of the web service, days on the hour',
    dataset: 'rt_as_hourly',
    names: [/^(?<day>\d{8})_freq_reg\.csv$/i, saved('rcp|freq_?reg|regulation')],
    grid: 'hourly',
    layout: regulation('RT_HOURLY'),
    time: begin(60),
    ...service,
  },
  {
    id: 'rcp_fivemin',
    published: 'rcp',
    title: 'Real-time regulation prices, rows of the web service, days with 5-minute stamps',
    dataset: 'rt_as_5min',
    names: [/^(?<day>\d{8})_freq_reg\.csv$/i, saved('rcp|freq_?reg|regulation')],
    grid: 'finer',
    layout: regulation('RTD'),
    time: begin(5),
    ...service,
  },
  {
    id: 'reserveprice_hourly',
    published: 'reserveprice',
    title: 'Real-time reserve prices, rows of the web service, days on the hour',
    dataset: 'rt_as_hourly',
    names: [/^(?<day>\d{8})_reserve_zone\d+_\w+\.csv$/i, saved('reserve_?prices?')],
    versions: untold,
    grid: 'hourly',
    layout: reserves('RT_HOURLY'),
    time: begin(60),
    ...service,
  },
  {
    id: 'reserveprice_fivemin',
    published: 'reserveprice',
    title: 'Real-time reserve prices, rows of the web service, days with 5-minute stamps',
    dataset: 'rt_as_5min',
    names: [/^(?<day>\d{8})_reserve_zone\d+_\w+\.csv$/i, saved('reserve_?prices?')],
    versions: untold,
    grid: 'finer',
    layout: reserves('RTD'),
    time: begin(5),
    ...service,
  },
]
