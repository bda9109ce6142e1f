import { Converter } from '../src/model/report.js'
import { ancillary } from './caiso/ancillary.js'
import { energy } from './caiso/energy.js'
import { former } from './former/markets.js'
import { caisoPivots, pivots } from './gridstatus/ancillary.js'
import { caiso } from './gridstatus/dialects.js'
import { energy as exported, foreign } from './gridstatus/energy.js'

const RUC = 'residual unit commitment (RUC) prices: another run, never mixed with day-ahead LMP'
const IMBALANCE =
  'capacity prices of imbalance reserve and reliability capacity by node (from 2026-04-30), whose layout nobody has verified'
const other = (header: string[], reason: string) => ({ header, reason: `${reason}, not prices` })

export class Caiso extends Converter {
  readonly iso = 'CAISO'
  readonly fullName = 'California Independent System Operator'
  readonly zone = 'America/Los_Angeles'
  /** The components of one price may lie in different members, files and downloads. */
  override readonly combine = 'components'
  readonly reports = [...energy, ...ancillary, ...exported(caiso), ...former.caiso, ...pivots(caiso, caisoPivots)]
  override readonly outOfScope = [
    foreign(caiso),
    {
      names: [/PRC_(MPM|CD)_/i],
      reason: 'market-power-mitigation or contingency-dispatch prices: they look like LMPs and are no market prices',
    },
    { names: [/PRC_SPTIE_LMP/i], reason: 'scheduling-point tie prices, keyed by tie: no plain nodal LMP' },
    {
      names: [/PRC_(CORR|CURR|DS_REF|FUEL|GHG|NOMOGRAM|CNSTR|RTM_)/i],
      reason: 'constraints, fuel or notices, not LMPs',
    },
    { names: [/_PRC_LMP_RUC_/i], reason: RUC },
    { header: ['LMP_TYPE', 'MARKET_RUN_ID'], first: { column: 'MARKET_RUN_ID', texts: ['RUC'] }, reason: RUC },
    { names: [/SLD_(REN_)?FCST/i], reason: 'load and renewable forecasts, not prices' },
    other(['TAC_AREA_NAME', 'EXECUTION_TYPE'], 'load and load forecast'),
    other(['RENEWABLE_TYPE', 'TRADING_HUB'], 'renewable forecast and generation'),
    other(['SLRS_TYPE', 'SCHEDULE'], 'load and resource schedules'),
    other(['PRODUCT_TYPE', 'SUMMARY_CAT'], 'convergence bidding summary'),
    other(['RESOURCE_TYPE', 'STARTTIME', 'STOPTIME'], 'public bids'),
    other(['APNODE_ID', 'PNODE_ID'], 'map of pricing nodes'),
    ...[
      { names: [/DAM_CAP_PRC/i], header: ['MARGINAL_CLEARING_PRICE', 'CAPACITY_PRICE'] },
      { header: ['Product', 'MCP', 'Capacity', 'Congestion'] },
    ].map(each => ({ ...each, reason: IMBALANCE })),
    {
      header: ['Region', 'Regulation Mileage Up', 'Spinning Reserves'],
      last: true,
      reason: 'an hourly export of ancillary prices that does not say day-ahead or hour-ahead: keep its column Market',
    },
  ]
}
