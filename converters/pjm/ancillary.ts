/** PJM ancillary-service prices. Format facts: pjm.md 5. Areas are unified so that series join across feeds (SCHEMA.md 3). */
import { fixed, mapped, matched, maybe, number, text } from '../../src/model/cells.js'
import type { Report, RowsLayout } from '../../src/model/report.js'
import { utc, VERIFIED } from './energy.js'

export const STANDARD: readonly (readonly [RegExp, string])[] = [
  [/^(RTO|MAD)? ?Regulation Capability$/i, 'REG_CAPACITY'],
  [/^(RTO|MAD)? ?Regulation Performance$/i, 'REG_PERFORMANCE'],
  [/^(RTO|MAD)? ?(Regulation|REG)$/i, 'REG'],
  [/^(RTO|MAD)? ?(Non-Synchronized Reserve|NSR)$/i, 'NON_SPIN'],
  [/^(RTO|MAD)? ?(Synchronized Reserve|SR)$/i, 'SPIN'],
  [/^(RTO|MAD)? ?(Primary Reserve|PR)$/i, 'PRIMARY'],
  [/^(RTO|MAD)? ?(Thirty Minutes? Reserve|30MIN|Secondary Reserve)$/i, 'OPERATING_30'],
]
const AREAS: Readonly<Record<string, string>> = {
  PJM_RTO: 'RTO',
  'PJM RTO Reserve Zone': 'RTO',
  'Mid-Atlantic/Dominion Reserve Subzone': 'MAD',
}

export const area = (column: string) => mapped(text(column), AREAS)

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

const known = ['datetime_beginning_ept']
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
]
