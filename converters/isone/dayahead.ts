/**
 * ISO-NE's day-ahead ancillary services (DASI, from 2025-03-01), as the transform `daasreservedata` gives them; header from a
 * public reader. One location, 7000, which is the system. Prices cascade and must not be added. Hours are told by row order: the
 * repeated one is `02` twice, the skipped one's `03` is absent.
 */
import { column, fixed, integerId, mapped, number, numberIf, text } from '../../src/model/cells.js'
import type { Lane, NumberCell, Report } from '../../src/model/report.js'
import { hourEndingByOrder } from '../../src/shape/time-local.js'
import { clock, FINAL, framed } from './energy.js'

/** Product codes are those of the real-time reports and of the web service. */
const product = (code: string, standard: string, price: NumberCell, beside: Lane['values']): Lane => ({
  series: { product: fixed(code), product_standard: fixed(standard) },
  values: { price, ...beside },
})
const megawatts = (requirement: string, designated: string): Lane['values'] => ({
  requirement_mw: numberIf(requirement),
  cleared_mw: numberIf(designated),
})

export const dayAheadReserves: readonly Report[] = [
  {
    id: 'daas_reserve',
    title: 'Day-ahead reserve prices, hourly (from 2025-03; earlier reports hold no rows)',
    dataset: 'da_as_hourly',
    names: [],
    layout: {
      kind: 'rows',
      series: {
        market_run: fixed('DAM'),
        region: mapped(integerId(text('Location ID', 'Reserve Zone ID')), { '7000': 'SYSTEM' }),
        unit: fixed('$/MWh'),
      },
      values: {},
      // A ten-minute or thirty-minute requirement is the total that the price of its slowest product stands for.
      lanes: [
        product(
          'TmsrClearingPrice',
          'SPIN',
          number('Ten Minute Spinning Reserve Clearing Price'),
          megawatts('Ten Minute Spinning Reserve Requirement', 'TMSR Designated MW'),
        ),
        product(
          'TmnsrClearingPrice',
          'NON_SPIN',
          number('Ten Minute Reserve Clearing Price'),
          megawatts('Total Ten Minute Reserve Requirement', 'TMNSR Designated MW'),
        ),
        product(
          'TmorClearingPrice',
          'OPERATING_30',
          number('Total Thirty Reserve Clearing Price', 'Total Reserve Clearing Price'),
          megawatts('Total Thirty Minute Reserve Requirement', 'TMOR Designated MW'),
        ),
        // Energy and EIR together meet the forecast: neither quantity is this product's alone.
        product('FerClearingPrice', 'OTHER', number('FER Price'), {
          requirement_mw: numberIf('Forecasted MW Requirement'),
        }),
      ],
    },
    time: hourEndingByOrder({ clock, date: column('Local Date', 'Date'), hour: column('Hour Ending') }),
    ...framed,
    known: ['H', 'EIR Designated MW'],
    finality: { ...FINAL, revision: 1 },
  },
]
