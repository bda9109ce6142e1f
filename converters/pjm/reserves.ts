/** PJM market results of reserves and regulation: prices before and after the cap, with their quantities (pjm.md 5.2). */
import { firstNumber, fixed, matched, numberBeside, numberIf, onlyIf, text } from '../../src/model/cells.js'
import type { Lane, Report, RowsLayout } from '../../src/model/report.js'
import { area, STANDARD } from './ancillary.js'
import { utc, VERIFIED } from './energy.js'

const results: Lane['values'] = { cleared_mw: numberIf('total_mw'), requirement_mw: numberIf('as_req_mw') }
const regulation = (product: string, column: string): Lane => ({
  series: {
    product: onlyIf(text('service'), { REG: product }),
    product_standard: fixed(product),
  },
  values: { ...results, price: numberIf(column) },
})
/** Market results: the capped price; REG rows also give their capability and performance prices. */
const layout = (run: string): RowsLayout => ({
  kind: 'rows',
  series: {
    market_run: fixed(run),
    region: area('locale'),
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

export const reserves: readonly Report[] = [
  {
    id: 'da_reserve_market_results',
    title: 'Day-ahead reserve market results, hourly (from 2022-10)',
    dataset: 'da_as_hourly',
    names: [/da_reserve_market_results.*\.csv$/i],
    unless: ['reg_ccp'],
    layout: layout('DAM'),
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
    layout: layout('RT_HOURLY'),
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
    layout: layout('RTD'),
    time: utc(5),
    ...base,
  },
]
