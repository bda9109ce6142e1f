/** PJM ancillary-service prices. Format facts: pjm.md 5. Areas are unified so that series join across feeds (SCHEMA.md 3). */
import { firstNumber, fixed, mapped, matched, maybe, number, numberBeside, numberIf, onlyIf, text } from '../../src/model/cells.js'
import type { Lane, Report, RowsLayout } from '../../src/model/report.js'
import { utc, VERIFIED } from './energy.js'

const STANDARD: readonly (readonly [RegExp, string])[] = [
  [/^(RTO|MAD)? ?Regulation Capability$/i, 'REG_CAPACITY'],
  [/^(RTO|MAD)? ?Regulation Performance$/i, 'REG_PERFORMANCE'],
  [/^(RTO|MAD)? ?(Regulation|REG)$/i, 'REG'],
  [/^(RTO|MAD)? ?(Non-Synchronized Reserve|NSR)$/i, 'NON_SPIN'],
  [/^(RTO|MAD)? ?(Synchronized Reserve|SR)$/i, 'SPIN'],
  [/^(RTO|MAD)? ?(Primary Reserve|PR)$/i, 'PRIMARY'],
  [/^(RTO|MAD)? ?(Thirty Minutes? Reserve|30MIN|Secondary Reserve)$/i, 'OPERATING_30'],
]
const AREAS = { PJM_RTO: 'RTO', 'PJM RTO Reserve Zone': 'RTO', 'Mid-Atlantic/Dominion Reserve Subzone': 'MAD' }

/** Area and product in one text, `RTO Synchronized Reserve`; `unit` tells prices from the mileage ratio. */
const services = (run: string): RowsLayout => ({
  kind: 'rows',
  series: {
    market_run: fixed(run),
    region: matched(text('ancillary_service'), [[/^(RTO|MAD) /, '$1']], 'SYSTEM'),
    product: matched(text('ancillary_service'), [[/^(?:RTO|MAD) (.+)$/, '$1']]),
    product_standard: matched(text('ancillary_service'), STANDARD, 'OTHER'),
    unit: mapped(text('unit'), { Price: '$/MWh', Ratio: 'ratio' }, null),
  },
  values: { price: number('value') },
  current: maybe('row_is_current'),
  version: maybe('version_nbr'),
})

const results: Lane['values'] = { cleared_mw: numberIf('total_mw'), requirement_mw: numberIf('as_req_mw') }
const regulation = (product: string, column: string): Lane => ({
  series: {
    product: onlyIf(text('service'), { REG: product }),
    product_standard: fixed(product),
  },
  values: { ...results, price: numberIf(column) },
})
/** Market results: the capped price; REG rows also give their capability and performance prices. */
const reserves = (run: string): RowsLayout => ({
  kind: 'rows',
  series: {
    market_run: fixed(run),
    region: mapped(text('locale'), AREAS),
    product: text('service'),
    product_standard: matched(text('service'), STANDARD, 'OTHER'),
    unit: fixed('$/MWh'),
  },
  values: {},
  lanes: [
    {
      series: {},
      values: {
        ...results,
        price: firstNumber('mcp_capped', 'mcp'),
        price_uncapped: numberBeside('mcp', 'mcp_capped'),
      },
    },
    regulation('REG_CAPACITY', 'reg_ccp'),
    regulation('REG_PERFORMANCE', 'reg_pcp'),
  ],
})

const known = [
  'datetime_beginning_ept',
  ...['mcp', 'as_mw', 'ss_mw', 'tier1_mw', 'ircmwt2', 'dsr_as_mw', 'nsr_mw', 'regd_mw', 'reg_ccp', 'reg_pcp'],
]
const base = { finality: VERIFIED, known }

export const ancillary: readonly Report[] = [
  {
    id: 'da_ancillary_services',
    title: 'Day-ahead ancillary prices, hourly (from 2022-10)',
    dataset: 'da_as_hourly',
    names: [/da_ancillary_services.*\.csv$/i, /^ancillary_services_\d{4}-\d{2}-\d{2}_\d{4}-\d{2}-\d{2}\.csv$/i],
    byHeader: false,
    layout: services('DAM'),
    time: utc(60),
    ...base,
  },
  {
    id: 'ancillary_services',
    title: 'Real-time ancillary prices, hourly (from 2012-10)',
    dataset: 'rt_as_hourly',
    names: [/^ancillary_services( ?\(\d+\))?\.csv$/i],
    byHeader: false,
    grid: 'hourly',
    feed: 'ancillary_services',
    layout: services('RT_HOURLY'),
    time: utc(60),
    ...base,
  },
  {
    id: 'ancillary_services_fivemin_hrl',
    title: 'Real-time ancillary prices, 5-minute: the header of the hourly feed with two columns swapped',
    dataset: 'rt_as_5min',
    names: [/ancillary_services_fivemin_hrl.*\.csv$/i],
    byHeader: false,
    grid: 'finer',
    feed: 'ancillary_services',
    layout: services('RTD'),
    time: utc(5),
    ...base,
  },
  {
    id: 'da_reserve_market_results',
    title: 'Day-ahead reserve market results, hourly (from 2022-10)',
    dataset: 'da_as_hourly',
    names: [/da_reserve_market_results.*\.csv$/i],
    unless: ['reg_ccp'],
    layout: reserves('DAM'),
    time: utc(60),
    ...base,
    // The same prices as da_ancillary_services, with their quantities.
    finality: { ...VERIFIED, priority: 1.1 },
  },
  {
    id: 'reserve_market_results_hourly',
    published: 'reserve_market_results',
    title: 'Real-time reserve market results, days of the hourly era (to 2022-09)',
    dataset: 'rt_as_hourly',
    names: [/^reserve_market_results.*\.csv$/i],
    needs: ['reg_ccp'],
    grid: 'hourly',
    gridChanged: true,
    layout: reserves('RT_HOURLY'),
    time: utc(60),
    ...base,
  },
  {
    id: 'reserve_market_results',
    published: 'reserve_market_results',
    title: 'Real-time reserve market results, days with 5-minute stamps',
    dataset: 'rt_as_5min',
    names: [/^reserve_market_results.*\.csv$/i],
    needs: ['reg_ccp'],
    grid: 'finer',
    gridChanged: true,
    layout: reserves('RTD'),
    time: utc(5),
    ...base,
  },
]
