/** ERCOT clearing prices for capacity: system-wide, $/MW. Real-time ones exist since RTC+B, 2025-12-05. Format facts: ercot.md 4. */
import { fixed, mapped, number, numberIf, text } from '../../src/model/cells.js'
import type { Report, RowsLayout } from '../../src/model/report.js'
import { hourly, posted, quarterly, sced } from './energy.js'

/** ECRS, since June 2023, is a product of its own and no kind of non-spin. */
const STANDARD = {
  REGUP: 'REG_UP',
  REGDN: 'REG_DOWN',
  RRS: 'RESPONSIVE',
  NSPIN: 'NON_SPIN',
  ECRS: 'CONTINGENCY',
}
const series = (run: string) => ({ market_run: fixed(run), region: fixed('SYSTEM'), unit: fixed('$/MW') })

/**
 * One row per product; their order changes from hour to hour. Since 2026-08-27 prices by run come capped, which goes on with the
 * series of before, and uncapped.
 */
export const long = (run: string, types: readonly string[], suffix = ''): RowsLayout => ({
  kind: 'rows',
  series: { ...series(run), product: text(...types), product_standard: mapped(text(...types), STANDARD, 'OTHER') },
  values: {
    price: number(`CappedMCPC${suffix}`, `MCPC${suffix}`),
    price_uncapped: numberIf(`UncappedMCPC${suffix}`),
  },
})
/** One column per product; older years print `REGUP ` with a blank, and ECRS is empty before its first day. */
const wide: RowsLayout = {
  kind: 'rows',
  series: series('DAM'),
  values: {},
  products: {
    match: Object.entries(STANDARD).map(([product, product_standard]) => [
      new RegExp(`^${product}$`, 'i'),
      { product, product_standard },
    ]),
    series: {},
  },
}

/** The yearly workbooks spell the same columns with blanks. */
const _yearly = (published: string) => [{ mark: /HIST_15Min_RTM_MCPC|Repeated Hour Flag/i, published }]

export const ancillary: readonly Report[] = [
  {
    id: 'NP4-188-CD',
    title: 'Day-ahead clearing prices for capacity, hourly',
    dataset: 'da_as_hourly',
    names: [/DAMCPCNP4188[^/]*\.csv$/i],
    layout: long('DAM', ['AncillaryType']),
    time: hourly,
    stamp: posted,
  },
  {
    id: 'NP4-181-ER',
    title: 'Day-ahead clearing prices for capacity, a year, one column per product',
    dataset: 'da_as_hourly',
    names: [/DAMASMCPC_\d{4}[^/]*\.csv$/i],
    layout: wide,
    time: hourly,
    stamp: posted,
  },
  {
    id: 'NP6-331-CD',
    title: 'Real-time clearing prices for capacity, 15-minute (since 2025-12-05)',
    dataset: 'rt_as_15min',
    names: [/NP6331[^/]*\.csv$/i, /HIST_15Min_RTM_MCPC_\d{4}[^/]*\.csv$/i],
    versions: [{ mark: /NP6331/i }, { mark: /Repeated Hour Flag|HIST_15Min/i, published: 'NP6-796-ER' }],
    layout: long('RTM', ['ASType']),
    time: quarterly,
    stamp: posted,
  },
  {
    id: 'NP6-332-CD',
    title: 'Real-time clearing prices for capacity by SCED run (since 2025-12-05)',
    dataset: 'rt_as_5min',
    names: [/NP6332[^/]*\.csv$/i],
    // A year of them is NP6-795-ER, whose name nobody has seen: its header writes the flag apart, as the workbooks do.
    versions: [{ mark: /NP6332/i }, { mark: /Repeated Hour Flag/i, published: 'NP6-795-ER' }],
    known: ['Interval Start', 'Interval End'],
    layout: long('SCED', ['ASType']),
    time: sced,
    stamp: posted,
  },
]
