/** MISO 5-minute LMP in CSV. No real file was at hand: what public readers agree on (miso.md 2); columns are found by name. */
import { column, fixed, number, text } from '../../src/model/cells.js'
import type { Report } from '../../src/model/report.js'
import { fixedOffset } from '../../src/shape/time.js'
import { EST, FINAL, node } from './energy.js'

export const fiveMinute: readonly Report[] = [
  {
    id: '5MIN_LMP',
    title: 'Real-time LMP, 5-minute, weekly ex-post final',
    dataset: 'rt_energy_5min',
    names: [/^\d{8}_5MIN_LMP\.csv$/i],
    unless: ['LMP_TYPE', 'PRICINGTYPE'],
    finality: FINAL,
    trailer: true,
    tolerance: 0.021,
    layout: {
      kind: 'rows',
      series: { ...node(text('PNODENAME'), fixed(null), 'RTD'), location_type: fixed('OTHER') },
      values: { lmp: number('LMP'), congestion: number('CON_LMP'), loss: number('LOSS_LMP') },
      deriveEnergy: 2,
    },
    time: fixedOffset({ column: column('MKTHOUR_EST'), minutes: 5, offsetMinutes: EST }),
  },
  {
    id: 'rolling_5min_lmp',
    title: 'Real-time LMP, 5-minute, from the display service (MLC stands before MCC)',
    dataset: 'rt_energy_5min',
    names: [],
    finality: { priority: -1, revision: 1, final: false },
    tolerance: 0.021,
    layout: {
      kind: 'rows',
      series: { ...node(text('CPNODE'), fixed(null), 'RTD'), location_type: fixed('OTHER') },
      values: { lmp: number('LMP'), congestion: number('MCC'), loss: number('MLC') },
      deriveEnergy: 2,
    },
    // The label is the interval's END: 00:00 closes the day before. From a public reader that was corrected by people who hold
    // the final prices beside it; a sibling feed of the service calls the same value MKT_INT_END_EST.
    time: fixedOffset({ column: column('INTERVAL'), minutes: 5, edge: 'end', offsetMinutes: EST }),
  },
]
