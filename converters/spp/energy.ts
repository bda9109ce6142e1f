/**
 * SPP energy prices: day-ahead and real-time balancing market (RTBM), by settlement location and by bus. Format facts: spp.md.
 * Both markets share a header that changes its case, its order and its dates from day to day, so names tell the report, columns
 * go by name, and time comes from the GMT column alone. MLC stands before MCC before MEC; all three add up to LMP.
 */
import { column, first, fixed, matched, maybe, number, text, textIf } from '../../src/model/cells.js'
import type { Cell, Report, RowsLayout, Version } from '../../src/model/report.js'
import { utcColumn } from '../../src/shape/time.js'

/** The stamp is the interval's end; `Interval` says the same in local time, without a zone (spp.md 4). */
export const gmtEnd = (minutes: 60 | 5) =>
  utcColumn({
    column: column('GMTIntervalEnd', 'GMT Interval'),
    beside: [maybe('Interval')],
    minutes,
    edge: 'end',
  })

/** Corrected republications beat daily files, which beat the files of single intervals (spp.md 8). */
const REPRICED = { priority: 2, revision: 2, final: true }
export const DAILY = { priority: 1, revision: 2, final: true }
export const INTERVAL = { priority: 0, revision: 1, final: false }
export const DAY_AHEAD = { priority: 0, revision: 1, final: true }
export const versions: readonly Version[] = [{ mark: /Re-?Price/i, finality: REPRICED }]

/** Exact names: others hold the text HUB and are hubs of one participant (spp.md 9). The last four came with RTO West. */
const HUBS = 'SPPNORTH_HUB|SPPSOUTH_HUB|CSWS_HUB|ETEC_HUB|GRDA_HUB|SWPW_HUB|CRSP_HUB|LAP_HUB|WACM_.+'
const INTERFACES =
  'AECI ALTW AMRN BLKW CLEC DPC EDDY EES ERCOTE ERCOTN GRE LAM345 MCWEST MDU MEC MISO NSP OTP RCEAST SCSE SGE SPA SPC'
/** RTO West, since 2026-04-01: interfaces, and seams with its neighbours. */
const WEST = 'PSCO PNM PACE WALC BHBA GRID GWA LAMW AESO AZPS BPA CISO IPCO NEVP NWMT PGE SCE'
/** Ties between east and west first: their names begin like those of hubs. */
const TYPES: readonly (readonly [RegExp, string])[] = [
  [/(STEGALL|SIDNEY|MILES_CITY)$/, 'DC_TIE'],
  [new RegExp(`^(${HUBS})$`), 'HUB'],
  [new RegExp(`^(${`${INTERFACES} ${WEST}`.replaceAll(' ', '|')})$`), 'INTERFACE'],
]

/** Before April 2026 there was one balancing area and no column for it. */
export const area: Cell = first(textIf('BAA'), fixed('SPP'))
const settlement = text('Settlement Location', 'Settlement Location Name')
const bus = text('Pnode', 'Pnode Name')
/** A pnode is no key of settlement locations, and some names are both: the class tells them apart. */
const PLACES = {
  SL: { name: settlement, type: matched(settlement, TYPES, 'NODE') },
  BUS: { name: bus, type: fixed('BUS') },
}

const lmp = (run: 'DAM' | 'RTBM', word: 'SL' | 'BUS'): RowsLayout => ({
  kind: 'rows',
  series: {
    market_run: fixed(run),
    location: PLACES[word].name,
    location_id: PLACES[word].name,
    location_type: PLACES[word].type,
    location_class: fixed(word),
    zone: area,
  },
  values: { lmp: number('LMP'), loss: number('MLC'), congestion: number('MCC'), energy: number('MEC') },
})

type Family = Pick<Report, 'id' | 'title' | 'names' | 'finality' | 'span'> & Partial<Report>
/**
 * Under a foreign name the stamps tell the market: all on the hour are day-ahead, any off it real-time. One hour alone may be
 * either, and is refused.
 */
const told = (grid: 'hourly' | 'finer') => ({ byHeader: true, grid, gridSure: true, feed: 'LMP-SL' }) as const
const dayAhead = (word: 'SL' | 'BUS', family: Family): Report => ({
  dataset: 'da_energy_hourly',
  byHeader: false,
  versions,
  layout: lmp('DAM', word),
  time: gmtEnd(60),
  known: ['Pnode', 'Pnode Name'],
  ...family,
})
const realTime = (word: 'SL' | 'BUS', family: Family): Report => ({
  ...dayAhead(word, family),
  dataset: 'rt_energy_5min',
  layout: lmp('RTBM', word),
  time: gmtEnd(5),
})

export const energy: readonly Report[] = [
  dayAhead('SL', {
    id: 'DA-LMP-SL',
    title: 'Day-ahead LMP by settlement location, hourly',
    names: [/(?<!WEIS-)DA-LMP-SL-(?<day>\d{8})\d{4}[^/]*\.csv$/i, /^SPP_da_lmp_(?<day>\d{8})\.csv$/i],
    finality: DAY_AHEAD,
    span: 'day',
    ...told('hourly'),
  }),
  dayAhead('BUS', {
    id: 'DA-LMP-B',
    title: 'Day-ahead LMP by bus, hourly (layout from readers)',
    names: [/(?<!WEIS-)DA-LMP-B(?:US)?-(?<day>\d{8})\d{4}[^/]*\.csv$/i],
    finality: DAY_AHEAD,
    span: 'day',
  }),
  realTime('SL', {
    id: 'RTBM-LMP-SL',
    title: 'Real-time LMP by settlement location, one file per 5-minute interval, named for its local end',
    names: [/(?<!WEIS-)RTBM-LMP-SL-(?<end>\d{12})d?(?!\d)[^/]*\.csv$/i, /^RTBM-LMP-SL-latestInterval[^/]*\.csv$/i],
    finality: INTERVAL,
    span: 'end',
    ...told('finer'),
  }),
  realTime('SL', {
    id: 'RTBM-LMP-DAILY-SL',
    title:
      'Real-time LMP by settlement location, a day of 5-minute intervals, five days later: beats the interval files',
    names: [/(?<!WEIS-)RTBM-LMP-DAILY-SL-(?<day>\d{8})[^/]*\.csv$/i, /^SPP_rt_lmp_daily_(?<day>\d{8})\.csv$/i],
    finality: DAILY,
    span: 'day',
  }),
  realTime('BUS', {
    id: 'RTBM-LMP-B',
    title: 'Real-time LMP by bus, one file per 5-minute interval (layout from readers)',
    names: [/(?<!WEIS-)RTBM-LMP-B(?:US)?-(?<end>\d{12})d?(?!\d)[^/]*\.csv$/i],
    finality: INTERVAL,
    span: 'end',
  }),
  realTime('BUS', {
    id: 'RTBM-LMP-DAILY-B',
    title: 'Real-time LMP by bus, a day of 5-minute intervals (layout from readers)',
    names: [/(?<!WEIS-)RTBM-LMP-DAILY-B(?:US)?-(?<day>\d{8})[^/]*\.csv$/i],
    finality: DAILY,
    span: 'day',
  }),
]
