import { Converter } from '../src/model/report.js'
import { former } from './former/markets.js'
import { pjm } from './gridstatus/dialects.js'
import { energy as exported } from './gridstatus/energy.js'
import { ancillary } from './pjm/ancillary.js'
import { energy } from './pjm/energy.js'
import { legacy } from './pjm/legacy.js'
import { load } from './pjm/load.js'
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
    ...[...energy, ...settlement, ...unverified, ...ancillary, ...legacy, ...load].map(report => ({
      ...report,
      page: PAGE,
    })),
    ...exported(pjm),
    ...former.pjm,
  ]
  override readonly outOfScope = [
    other(['area', 'instantaneous_load'], 'instantaneous load'),
    other(['fuel_type', 'fuel_percentage_of_total'], 'generation by fuel'),
    other(['wind_generation_mw'], 'wind generation'),
    other(['solar_generation_mw'], 'solar generation'),
    other(['forecast_area', 'forecast_load_mw'], 'load forecast'),
    other(['monitored_facility', 'contingency_facility'], 'binding constraints'),
    other(['requirement', 'regd_ssmw'], 'regulation results (MW and performance scores)'),
    other(['case_approval_datetime_utc'], 'five_min_itsced_lmps is a look-ahead forecast, no market price'),
    { names: [/five_min_itsced_lmps/i], reason: 'a look-ahead forecast, no market price' },
    {
      names: [/dispatched_reserves|reg_zone_prelim_bill|reg_prices/i],
      reason: 'a layout that nobody has verified (pjm.md 5.3)',
    },
    {
      header: ['ancillary_service', 'unit', 'value'],
      reason:
        'ancillary prices under a name that does not say whether they are day-ahead or real-time (both feeds have this header): give it its published name',
    },
  ]
}
