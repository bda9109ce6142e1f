import { Converter } from '../src/model/report.js'
import { former } from './former/markets.js'
import { pjm } from './gridstatus/dialects.js'
import { energy as exported, foreign } from './gridstatus/energy.js'
import { ancillary } from './pjm/ancillary.js'
import { energy } from './pjm/energy.js'
import { legacy } from './pjm/legacy.js'
import { load } from './pjm/load.js'
import { regulation } from './pjm/regulation.js'
import { reserves } from './pjm/reserves.js'
import { settlement } from './pjm/settlement.js'
import { unverified } from './pjm/unverified.js'

const other = (header: string[], reason: string) => ({ header, reason: `${reason}, not prices` })

/** Rows of one answer of the API at most; exports of Data Miner end there as well. */
const PAGE = 50_000

export class Pjm extends Converter {
  readonly iso = 'PJM'
  readonly fullName = 'PJM Interconnection'
  readonly zone = 'America/New_York'
  readonly reports = [
    ...[...energy, ...settlement, ...unverified, ...ancillary, ...reserves, ...regulation, ...legacy, ...load].map(
      report => ({ ...report, page: PAGE }),
    ),
    ...exported(pjm),
    ...former.pjm,
  ]
  override readonly outOfScope = [
    foreign(pjm),
    other(['area', 'instantaneous_load'], 'instantaneous load'),
    other(['fuel_type', 'fuel_percentage_of_total'], 'generation by fuel'),
    other(['wind_generation_mw'], 'wind generation'),
    other(['solar_generation_mw'], 'solar generation'),
    other(['forecast_area', 'forecast_load_mw'], 'load forecast'),
    other(['monitored_facility', 'contingency_facility'], 'binding constraints'),
    other(['requirement', 'regd_ssmw'], 'regulation results (MW and performance scores)'),
    ...[['case_approval_datetime_utc'], ['Case Approval Time', 'LMP'], ['case_approval_time_utc', 'lmp']].map(
      header => ({
        header,
        reason: 'prices of the look-ahead IT SCED (five_min_itsced_lmps): a forecast, no market price',
      }),
    ),
    { names: [/five_min_itsced_lmps/i], reason: 'a look-ahead forecast (IT SCED), no market price' },
    { names: [/rt_dispatch_reserves/i], reason: 'reserves in MW, not prices' },
    {
      names: [/dispatched_reserves/i],
      header: ['reserve_type', 'reserve_quantity'],
      reason: 'reserves that were dispatched: quantities, with preliminary prices in a layout that nobody has verified',
    },
    {
      names: [/reg_zone_prelim_bill/i],
      header: ['rmccp', 'rmpcp'],
      reason: 'preliminary bills of regulation: the same prices as in the market results',
    },
    {
      header: ['ancillary_service', 'unit', 'value'],
      reason:
        'ancillary prices under a name that does not say whether they are day-ahead or real-time (both feeds have this header): give it its published name',
    },
  ]
}
