/** SPP operating-reserve prices (MCP), wide: a column per product, $/MW. Format facts: spp.md 5; RTBM names from a public note. */
import { first, fixed, integerId, matched, text, textIf } from '../../src/model/cells.js'
import type { Report, RowsLayout } from '../../src/model/report.js'
import { DAILY, DAY_AHEAD, gmtEnd, INTERVAL, versions } from './energy.js'

/** Ramp products exist since 2022-03, UncUP later: a column that is not there gives no row, not a zero. */
const PRODUCTS: readonly (readonly [string, string])[] = [
  ['RegUP', 'REG_UP'],
  ['RegDN', 'REG_DOWN'],
  // Real-time regulation is two prices, neither of which is the day-ahead one.
  ['RegUPService', 'REG_UP'],
  ['RegDNService', 'REG_DOWN'],
  ['RegUpMile', 'REG_MILEAGE_UP'],
  ['RegDNMile', 'REG_MILEAGE_DOWN'],
  ['Spin', 'SPIN'],
  ['Supp', 'SUPPLEMENTAL'],
  ['RampUP', 'RAMP_UP'],
  ['RampDN', 'RAMP_DOWN'],
  ['UncUP', 'UNCERTAINTY_UP'],
]
/** On single days headers come in upper case with underscores: `REG_UP`. */
const spelt = (product: string) => new RegExp(`^${product.split(/(?=[A-Z][a-z]|UP|DN)/).join('[_ ]?')}$`, 'i')

/** Zones are texts: `1` to `7`, `SPP`; in the west 21, and `SWPW` for all of it, which tells the area where no column does. */
const region = integerId(text('Reserve Zone'))
const zone = first(textIf('BAA'), matched(region, [[/^(21|SWPW)$/, 'SWPW']], 'SPP'))
const layout = (run: 'DAM' | 'RTBM'): RowsLayout => ({
  kind: 'rows',
  series: { market_run: fixed(run), region, zone, unit: fixed('$/MW') },
  values: {},
  products: {
    match: PRODUCTS.map(([product, product_standard]) => [spelt(product), { product, product_standard }]),
    series: {},
  },
})

const known = ['BAA']
const realTime = {
  dataset: 'rt_as_5min',
  needs: ['RegUPService'],
  versions,
  layout: layout('RTBM'),
  time: gmtEnd(5),
  known,
} as const

export const ancillary: readonly Report[] = [
  {
    id: 'DA-MCP',
    title: 'Day-ahead reserve prices by reserve zone, hourly',
    dataset: 'da_as_hourly',
    names: [/(?<!WEIS-)DA-MCP-(?<day>\d{8})\d{4}[^/]*\.csv$/i],
    unless: ['RegUPService'],
    finality: DAY_AHEAD,
    versions,
    span: 'day',
    layout: layout('DAM'),
    time: gmtEnd(60),
    known,
  },
  {
    id: 'RTBM-MCP',
    title: 'Real-time reserve prices by reserve zone, one file per 5-minute interval',
    names: [/(?<!WEIS-)RTBM-MCP-(?<end>\d{12})d?(?!\d)[^/]*\.csv$/i, /^RTBM-MCP-latestInterval[^/]*\.csv$/i],
    finality: INTERVAL,
    span: 'end',
    ...realTime,
  },
  {
    id: 'RTBM-MCP-DAILY',
    title: 'Real-time reserve prices by reserve zone, a day or a year of 5-minute intervals: beats the interval files',
    names: [/(?<!WEIS-)RTBM-MCP-DAILY-(?<day>\d{8})[^/]*\.csv$/i, /^RTBM_MCP_\d{4}[^/]*?\.?csv$/i],
    byHeader: false,
    finality: DAILY,
    span: 'day',
    ...realTime,
  },
]
