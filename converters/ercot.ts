import { Converter } from '../src/model/report.js'
import { ancillary } from './ercot/ancillary.js'
import { corrections } from './ercot/corrections.js'
import { energy } from './ercot/energy.js'
import { former } from './former/markets.js'
import { ercotPivots, pivots } from './gridstatus/ancillary.js'
import { ercot } from './gridstatus/dialects.js'
import { energy as exported, foreign } from './gridstatus/energy.js'

const LAMBDA = 'the system lambda or the price adders: parts of a price, not the price of a location'

export class Ercot extends Converter {
  readonly iso = 'ERCOT'
  readonly fullName = 'Electric Reliability Council of Texas'
  readonly zone = 'America/Chicago'
  readonly reports = [
    ...energy,
    ...ancillary,
    ...corrections,
    ...exported(ercot),
    ...former.ercot,
    ...pivots(ercot, ercotPivots),
  ]
  override readonly outOfScope = [
    foreign(ercot),
    { names: [/\.xml$/i], reason: 'the XML form of a report; the CSV form is read' },
    {
      names: [/^60d_/i],
      header: ['Resource Name', 'Delivery Date'],
      reason: '60-day disclosures: bids and awards, not prices',
    },
    {
      names: [/ACTUALSYSLOAD|NP6345|NP6346|Native_?Load|hourly_load/i],
      header: ['OperDay', 'HourEnding'],
      reason: 'load, not prices',
    },
    { names: [/LFC\w*NP356\d/i], header: ['SystemTotal'], reason: 'load forecast, not prices' },
    {
      names: [/WPPHRLY|PVGRHRLY|NP4732|NP4737/i],
      header: ['SYSTEM_WIDE_GEN'],
      reason: 'wind or solar power and forecast, not prices',
    },
    { names: [/SYSLAMBDA/i], header: ['SCEDTimestamp', 'SystemLambda'], reason: LAMBDA },
    { header: ['DeliveryDate', 'HourEnding', 'SystemLambda'], reason: LAMBDA },
    { header: ['CappedSystemLambda'], reason: LAMBDA },
    { names: [/ORDC|PRC_ADDR/i], header: ['RTRSVPOR'], reason: 'price adders and reserves, not prices of a location' },
    {
      names: [/DASPBCNP4191|SCEDBTCNP686/i],
      header: ['ConstraintName', 'ShadowPrice'],
      reason: 'shadow prices of constraints, not prices of locations',
    },
    {
      names: [/(DAM|RTM)_ShadowPrices?(?![A-Z])/i],
      header: ['ConstraintName', 'PriceCorrectionTime'],
      reason: 'corrections of shadow prices of constraints, not prices of locations',
    },
    {
      names: [/(DAM|RTM)_SOG(PRICE|LMP)s?(?![A-Z])/i],
      reason: 'corrections of prices of settlement-only generators, whose reports are not read',
    },
    { names: [/IntGenbyFuel|FuelMix/i], reason: 'fuel mix, not prices' },
  ]
}
