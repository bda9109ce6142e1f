import { Converter } from '../src/model/report.js'
import { former } from './former/markets.js'
import { nyisoPivots, pivots } from './gridstatus/ancillary.js'
import { nyiso } from './gridstatus/dialects.js'
import { energy as exported, foreign } from './gridstatus/energy.js'
import { ancillary } from './nyiso/ancillary.js'
import { energy } from './nyiso/energy.js'
import { oasis } from './nyiso/oasis.js'

export class Nyiso extends Converter {
  readonly iso = 'NYISO'
  readonly fullName = 'New York Independent System Operator'
  readonly zone = 'America/New_York'
  readonly reports = [
    ...energy,
    ...ancillary,
    ...oasis,
    ...exported(nyiso),
    ...former.nyiso,
    ...pivots(nyiso, nyisoPivots),
  ]
  override readonly outOfScope = [
    foreign(nyiso),
    {
      names: [/^\d{8}(pal|palIntegrated)\.csv$/i],
      header: ['Time Stamp', 'Time Zone', 'Name', 'PTID', 'Load'],
      reason: 'load, not prices',
    },
    {
      names: [/^\d{8}\w*lbmp_(?:gen_)?refbus/i],
      reason: 'the reference bus alone, in a file without a header line; the generators of that day hold it, too',
    },
    { names: [/^\d{8}isolf\.csv$/i], reason: 'load forecast, not prices' },
    { names: [/^\d{8}rtfuelmix\.csv$/i], header: ['Fuel Category'], reason: 'fuel mix, not prices' },
    {
      names: [/ExternalLimitsFlows\.csv$/i],
      header: ['Interface Name', 'Point ID'],
      reason: 'interface flows, not prices',
    },
    { names: [/LimitingConstraints\.csv$/i], header: ['Limiting Facility'], reason: 'binding constraints, not prices' },
    {
      header: ['Eastern Date Hour', 'Zone Name', 'TWI Actual Load'],
      reason: 'a custom load report of the web site, not prices',
    },
    { header: ['Time Stamp', 'PTID', 'Integrated Load'], reason: 'load, not prices' },
    {
      header: ['Time Stamp', 'Name', 'PTID', 'LBMP'],
      reason:
        'an LBMP file whose name does not say which of six reports it is (all have this header): give it its published name, for example 20240101damlbmp_zone.csv',
    },
  ]
}
