/**
 * PJM regulation prices by 5 minutes, after the redesign of 2025-10-01 (columns from PJM's field list). The feed does not say
 * how final it is: it never beats the market results.
 */
import { firstNumber, fixed, number, numberBeside, numberIf } from '../../src/model/cells.js'
import type { Report, RowsLayout } from '../../src/model/report.js'
import { area } from './ancillary.js'
import { eastern, feed, utc } from './energy.js'

const quantities = { cleared_mw: numberIf('reserve_quantity'), requirement_mw: numberIf('reserve_requirement') }
const product = (code: string) => ({ product: fixed(code), product_standard: fixed(code) })

/** Products as in the market results, so that both are one series. */
const layout: RowsLayout = {
  kind: 'rows',
  series: { market_run: fixed('RTD'), region: area('area'), unit: fixed('$/MWh') },
  values: {},
  lanes: [
    {
      series: product('REG'),
      values: {
        ...quantities,
        price: firstNumber('market_capped_clearing_price', 'market_clearing_price'),
        price_uncapped: numberBeside('market_clearing_price', 'market_capped_clearing_price'),
      },
    },
    { series: product('REG_CAPACITY'), values: { ...quantities, price: number('capability_clearing_price') } },
    { series: product('REG_PERFORMANCE'), values: { ...quantities, price: number('performance_clearing_price') } },
  ],
}
const base = {
  dataset: 'rt_as_5min',
  names: [feed('reg_prices')],
  needsOne: ['market_capped_clearing_price', 'market_clearing_price'],
  finality: { priority: 0.9, revision: 1, final: false },
  layout,
  known: ['datetime_beginning_ept'],
} as const

export const regulation: readonly Report[] = [
  {
    id: 'reg_prices',
    title: 'Real-time regulation prices, 5-minute (from 2025-10)',
    time: utc(5),
    ...base,
  },
  {
    id: 'reg_prices_ept',
    published: 'reg_prices',
    title: 'Real-time regulation prices, 5-minute, saved without the UTC column',
    unless: ['datetime_beginning_utc'],
    time: eastern(5),
    ...base,
  },
]
