/**
 * ISO-NE reserve and regulation prices. Files have no fixed name: the first comment line says what they are (isone.md 6). No
 * published file was seen; columns are matched by the words in their names. Reserve prices cascade and must not be added.
 */
import { fixed, integerId, mapped, text } from '../../src/model/cells.js'
import type { ProductColumns, Report, RowsLayout } from '../../src/model/report.js'
import { FINAL, framed, hourEnding, timeOfDay } from './energy.js'

const reserve = (product: string, product_standard: string) => ({ product, product_standard, unit: '$/MWh' })
const paid = (product: string, product_standard: string) => ({ product, product_standard, unit: '$/MW' })
/** Names as the web service has them; `Ten-Minute Reserve` is what it calls TMNSR, `Total Reserve` is TMOR. */
const RESERVES: ProductColumns['match'] = [
  [/^(ten|10).?min(ute)? spin.*price|^tmsr.?clearing.?price$/i, reserve('TmsrClearingPrice', 'SPIN')],
  [
    /^(ten|10).?min(ute)? (non.?spin\w* )?reserve.*price|^tmnsr.?clearing.?price$/i,
    reserve('TmnsrClearingPrice', 'NON_SPIN'),
  ],
  [/^(total|thirty|30).*reserve.*price|^tmor.?clearing.?price$/i, reserve('TmorClearingPrice', 'OPERATING_30')],
  [/^forecast(ed)? energy.*price|^fer.*price$/i, reserve('FerClearingPrice', 'OTHER')],
]
/** One regulation price until 2015-03, two since: three quantities, three products. Service is paid per MW of movement. */
const REGULATION: ProductColumns['match'] = [
  [/^reg(ulation)?.?(service|svc).*price/i, paid('RegServiceClearingPrice', 'REG_MOVEMENT')],
  [/^reg(ulation)?.?cap(acity)?.*price/i, paid('RegCapacityClearingPrice', 'REG_CAPACITY')],
  [/^reg(ulation)?.?clearing.?price/i, paid('RegClearingPrice', 'REG')],
]

/** 7000 is the rest of the system, the row that holds everywhere. */
const ZONES = { '7000': 'ROS', '7001': 'SWCT', '7002': 'CT', '7003': 'NEMABSTN' }
const layout = (run: string, region: RowsLayout['series'][string], match: ProductColumns['match']): RowsLayout => ({
  kind: 'rows',
  series: { market_run: fixed(run), region },
  values: {},
  products: { match, series: {} },
})
export const reserves = (run: string): RowsLayout =>
  layout(run, mapped(integerId(text('Reserve Zone ID', 'ReserveZoneId')), ZONES), RESERVES)
export const regulation = (run: string): RowsLayout => layout(run, fixed('SYSTEM'), REGULATION)

/** Requirements and designated MW stand beside the prices. */
export const known = [
  'H',
  ...['Reserve Zone Name', 'Ten-Minute Spinning Requirement', 'Ten-Minute Requirement', 'Total Requirement'],
  'Ten Minute Spinning Reserve Designated MW',
  'Ten Minute Non Spinning Reserve Designated MW',
  'Thirty Minute OperatingReserve Designated MW',
  ...['TenMinSpinRequirement', 'Total10MinRequirement', 'Total30MinRequirement'],
  ...['TmsrDesignatedMw', 'TmnsrDesignatedMw', 'TmorDesignatedMw', 'HourEnd'],
]
const base = { ...framed, known, finality: FINAL, names: [] }
const preliminary = [{ mark: /\bprelim/i, finality: { priority: 1, revision: 1, final: false } }]

export const ancillary: readonly Report[] = [
  {
    id: 'hourly_reserve',
    title: 'Real-time reserve prices by reserve zone, hourly',
    dataset: 'rt_as_hourly',
    heading: /\bHourly Reserve Zone Prices/i,
    versions: preliminary,
    layout: reserves('RT_HOURLY'),
    time: hourEnding,
    ...base,
  },
  {
    id: 'fivemin_reserve',
    title: 'Real-time reserve prices by reserve zone, 5-minute',
    dataset: 'rt_as_5min',
    heading: /Five-?Minute Reserve Zone Prices/i,
    versions: preliminary,
    layout: reserves('RTD'),
    time: timeOfDay,
    ...base,
  },
  {
    id: 'hourly_regulation',
    title: 'Real-time regulation prices, hourly',
    dataset: 'rt_as_hourly',
    heading: /Hourly Regulation Clearing Price/i,
    versions: preliminary,
    layout: regulation('RT_HOURLY'),
    time: hourEnding,
    ...base,
  },
  {
    id: 'fivemin_regulation',
    title: 'Real-time regulation prices, 5-minute',
    dataset: 'rt_as_5min',
    heading: /Five-?Minute Regulation Clearing Price/i,
    versions: preliminary,
    layout: regulation('RTD'),
    time: timeOfDay,
    ...base,
  },
]
