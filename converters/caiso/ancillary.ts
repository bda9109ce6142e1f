/** CAISO ancillary-service prices: regional shadow prices that nest, stored as published (caiso.md 5). */
import { fixed, mapped, matched, number, onlyIf, text } from '../../src/model/cells.js'
import type { Report, RowsLayout } from '../../src/model/report.js'
import { known, made, start } from './energy.js'

const STANDARD = {
  RU: 'REG_UP',
  RD: 'REG_DOWN',
  SR: 'SPIN',
  NR: 'NON_SPIN',
  RMU: 'REG_MILEAGE_UP',
  RMD: 'REG_MILEAGE_DOWN',
}
const RUNS = ['DAM', 'HASP', 'RTM']

const prices = (market: string): RowsLayout => ({
  kind: 'rows',
  only: { cell: text('MARKET_RUN_ID'), take: [market], leave: RUNS.filter(each => each !== market) },
  // Requirements and procured quantities have the same columns in other reports, and say MW.
  nothing: { cell: text('XML_DATA_ITEM'), texts: /_MW$/i },
  series: {
    market_run: fixed(market),
    region: text('ANC_REGION'),
    product: text('ANC_TYPE'),
    product_standard: mapped(text('ANC_TYPE'), STANDARD, 'OTHER'),
    // Clearing prices only: the same columns carry requirements in other reports.
    unit: onlyIf(matched(text('XML_DATA_ITEM'), [[/_CLR_PRC$/, 'price']]), { price: '$/MW' }),
  },
  values: { price: number('MW') },
})
const base = { stamp: made, known, byHeader: true } as const

export const ancillary: readonly Report[] = [
  {
    id: 'PRC_AS',
    title: 'Day-ahead ancillary prices, regional shadow prices',
    dataset: 'da_as_hourly',
    names: [/_PRC_AS_DAM_.*\.(csv|xml)$/i],
    needs: ['OPR_TYPE'],
    layout: prices('DAM'),
    time: start(60),
    ...base,
  },
  {
    id: 'PRC_AS_HASP',
    published: 'PRC_AS',
    title: 'Hour-ahead ancillary prices, regional shadow prices',
    dataset: 'rt_as_hourly',
    names: [/_PRC_AS_HASP_.*\.(csv|xml)$/i],
    needs: ['OPR_TYPE'],
    layout: prices('HASP'),
    time: start(60),
    ...base,
  },
  {
    id: 'PRC_INTVL_AS',
    title: 'Real-time ancillary prices, 15-minute, regional shadow prices',
    dataset: 'rt_as_15min',
    names: [/_PRC_INTVL_AS_.*\.(csv|xml)$/i],
    needs: ['OPR_TYPE'],
    layout: prices('RTM'),
    time: start(15),
    ...base,
  },
]
