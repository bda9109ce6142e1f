/**
 * ERCOT's price corrections, NP4-196-M (day-ahead) and NP4-197-M (real-time): one file for each kind of price. Columns from
 * public readers, in no certain order. A correction beats what it corrects whenever that was posted, and the later
 * PriceCorrectionTime beats the earlier one.
 */
import { maybe } from '../../src/model/cells.js'
import type { Report, RowsLayout } from '../../src/model/report.js'
import { long } from './ancillary.js'
import {
  bus,
  byName,
  hourlyCorrection,
  layout,
  places,
  point,
  posted,
  quarterly,
  sced,
  twins,
  typed,
} from './energy.js'

/** Above every export of the corrected report, too. */
const CORRECTED = { priority: 3, revision: 2, final: true }
/** Both spellings are in use (NP6-787-CD has the first). */
const BUS = ['ElectricalBus', 'ElectricBusName', 'BusName']

const correction = (
  kind: string,
  rest: Pick<Report, 'id' | 'title' | 'dataset' | 'time'>,
  rows: RowsLayout,
): Report => ({
  ...rest,
  published: kind.startsWith('DAM') ? 'NP4-196-M' : 'NP4-197-M',
  // RTM_MCPC_SCED and RTM_MCPC_SPP are two kinds; what follows a kind is no letter.
  names: [new RegExp(`${kind}(?:_Price_?Corrections?)?(?![A-Za-z]|_[A-Za-z])[^/]*\\.csv$`, 'i')],
  needs: ['PriceCorrectionTime'],
  // Day-ahead kinds have the columns of the real-time ones, but for the interval of the hour.
  unless: kind.startsWith('DAM') ? ['DeliveryInterval', 'DeliveryInt', 'SCEDTimestamp'] : [],
  finality: CORRECTED,
  layout: { ...rows, corrected: maybe('PriceCorrectionTime') },
  stamp: posted,
  known: [
    ...['SPPOriginal', 'LMPOriginal', 'MCPCOriginal', 'SettlementPointType', 'PriceCorrectionTime'],
    ...['CappedLMPOriginal', 'UncappedLMPOriginal', 'CappedMCPCOriginal', 'UncappedMCPCOriginal'],
  ],
})

export const corrections: readonly Report[] = [
  correction(
    'DAM_SPP',
    {
      id: 'NP4-196-M',
      title: 'Corrections of day-ahead settlement point prices: beat what they correct',
      dataset: 'da_energy_hourly',
      time: hourlyCorrection,
    },
    layout(places('DAM', point, byName), 'SPPCorrected'),
  ),
  correction(
    'DAM_EBLMP',
    {
      id: 'NP4-196-M_EBLMP',
      title: 'Corrections of day-ahead LMP by electrical bus: beat what they correct',
      dataset: 'da_energy_hourly',
      time: hourlyCorrection,
    },
    layout(bus('DAM', ...BUS), 'LMPCorrected'),
  ),
  correction(
    'DAM_MCPC',
    {
      id: 'NP4-196-M_MCPC',
      title: 'Corrections of day-ahead clearing prices for capacity: beat what they correct',
      dataset: 'da_as_hourly',
      time: hourlyCorrection,
    },
    long('DAM', ['ASType', 'AncillaryType'], 'Corrected'),
  ),
  correction(
    'RTM_SPP',
    {
      id: 'NP4-197-M',
      title: 'Corrections of real-time settlement point prices: beat what they correct',
      dataset: 'rt_energy_15min',
      time: quarterly,
    },
    layout(typed, 'SPPCorrected'),
  ),
  // The kind of the point comes from its name, as in the report that is corrected: both have one key.
  correction(
    'RTM_SPLMP',
    {
      id: 'NP4-197-M_SPLMP',
      title: 'Corrections of real-time LMP by settlement point, SCED run: beat what they correct',
      dataset: 'rt_energy_5min',
      time: sced,
    },
    twins(places('SCED', point, byName), 'LMP', 'Corrected'),
  ),
  correction(
    'RTM_EBLMP',
    {
      id: 'NP4-197-M_EBLMP',
      title: 'Corrections of real-time LMP by electrical bus, SCED run: beat what they correct',
      dataset: 'rt_energy_5min',
      time: sced,
    },
    twins(bus('SCED', ...BUS), 'LMP', 'Corrected'),
  ),
  correction(
    'RTM_MCPC_SCED',
    {
      id: 'NP4-197-M_MCPC_SCED',
      title: 'Corrections of real-time clearing prices for capacity by SCED run: beat what they correct',
      dataset: 'rt_as_5min',
      time: sced,
    },
    long('SCED', ['ASType'], 'Corrected'),
  ),
  correction(
    'RTM_MCPC_SPP',
    {
      id: 'NP4-197-M_MCPC_SPP',
      title: 'Corrections of 15-minute clearing prices for capacity: beat what they correct',
      dataset: 'rt_as_15min',
      time: quarterly,
    },
    long('RTM', ['ASType'], 'Corrected'),
  ),
]
