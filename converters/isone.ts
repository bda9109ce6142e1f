import { Converter } from '../src/model/report.js'
import { former } from './former/markets.js'
import { isone } from './gridstatus/dialects.js'
import { energy as exported, foreign } from './gridstatus/energy.js'
import { ancillary } from './isone/ancillary.js'
import { dayAheadReserves } from './isone/dayahead.js'
import { energy } from './isone/energy.js'
import { smd } from './isone/smd.js'
import { unframed } from './isone/unframed.js'

const UNNAMED =
  'web-service rows whose name does not say day-ahead or real-time (both have this header): give it a name like 20240101_da_lmp_loc4000.csv'

export class Isone extends Converter {
  readonly iso = 'ISONE'
  readonly fullName = 'ISO New England'
  readonly zone = 'America/New_York'
  readonly reports = [
    ...energy,
    ...ancillary,
    ...dayAheadReserves,
    ...unframed,
    ...smd,
    ...exported(isone),
    ...former.isone,
  ]
  override readonly outOfScope = [
    foreign(isone),
    {
      names: [/^seven_day_(solar|wind)_power_forecast_/i, /^(solar|wind)_power_forecast/i],
      reason: 'wind or solar forecast, not prices',
    },
    { names: [/fiveminsysload|fiveminutesystemload/i], header: ['Native Load'], reason: 'load, not prices' },
    { names: [/hourlysystemdemand|hourlydayaheaddemand|zonalload/i], reason: 'load, not prices' },
    { names: [/reliabilityregionloadforecast|_forecast_/i], reason: 'load forecast, not prices' },
    { names: [/genfuelmix/i], header: ['Fuel Category'], reason: 'fuel mix, not prices' },
    { header: ['ConstraintName'], reason: 'binding constraints, not prices' },
    { header: ['BeginDate', 'LocId', 'LmpTotal'], reason: UNNAMED },
    {
      names: [/^ISO NE CA(\.csv)?$/i, /smd_hourly[ _-]ISO[ _-]?NE[ _-]?CA\b/i],
      reason: 'the SMD table of the whole system: its price is not that of one location; read the zones',
    },
  ]
}
