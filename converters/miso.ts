import { Converter } from '../src/model/report.js'
import { former } from './former/markets.js'
import { miso } from './gridstatus/dialects.js'
import { energy as exported, foreign } from './gridstatus/energy.js'
import { ancillary } from './miso/ancillary.js'
import { energy } from './miso/energy.js'
import { exchange, untold } from './miso/exchange.js'
import { fiveMinute } from './miso/fiveminute.js'

export class Miso extends Converter {
  readonly iso = 'MISO'
  readonly fullName = 'Midcontinent Independent System Operator'
  readonly zone = 'UTC-5'
  readonly reports = [...energy, ...fiveMinute, ...exchange, ...ancillary, ...exported(miso), ...former.miso]
  override readonly outOfScope = [
    foreign(miso),
    ...untold,
    {
      header: ['MCP Type', 'HE 1'],
      reason:
        'ancillary prices under a name that does not say ex-post, ex-ante, final or preliminary: give it its published name',
    },
    {
      names: [/\.xlsx?$/i],
      reason: 'a workbook: load, fuel mix, constraints, short-term reserve and ramp prices',
    },
    {
      names: [/^RT LMP Hourly\d*(?:[ (-].*)?\.csv$/i],
      header: ['PNODENAME', 'MKTHOUR_EST', 'PRICINGTYPE'],
      reason:
        'hourly prices whose column MKTHOUR_EST nobody has settled: start or end of the hour; read the daily or quarterly files',
    },
    { names: [/_(da|rt)_p?bc(_HIST)?\.csv$/i], reason: 'binding constraints, not prices' },
    { names: [/_Load_EPNodes_\d{8}\.csv$/i], reason: 'prices at elemental load nodes, not at pricing nodes' },
    { header: ['INTERVALEST', 'CATEGORY', 'ACT'], reason: 'fuel mix, not prices' },
  ]
}
