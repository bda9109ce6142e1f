/**
 * Locations of ISO-NE. Preliminary hourly files give names only and 5-minute files ids only (isone.md 4 and 5): the hub, the
 * zones and the interfaces are known here, all others from another source of the same partition, or not at all.
 */
import { first, fixed, fromPath, integerId, mapped, textIf } from '../../src/model/cells.js'
import type { Cell, RowsLayout } from '../../src/model/report.js'

export const PLACES: readonly (readonly [string, string, string])[] = [
  ['4000', '.H.INTERNAL_HUB', 'HUB'],
  ['4001', '.Z.MAINE', 'LOAD ZONE'],
  ['4002', '.Z.NEWHAMPSHIRE', 'LOAD ZONE'],
  ['4003', '.Z.VERMONT', 'LOAD ZONE'],
  ['4004', '.Z.CONNECTICUT', 'LOAD ZONE'],
  ['4005', '.Z.RHODEISLAND', 'LOAD ZONE'],
  ['4006', '.Z.SEMASS', 'LOAD ZONE'],
  ['4007', '.Z.WCMASS', 'LOAD ZONE'],
  ['4008', '.Z.NEMASSBOST', 'LOAD ZONE'],
  ['4010', '.I.SALBRYNB345 1', 'EXT. NODE'],
  ['4011', '.I.ROSETON 345 1', 'EXT. NODE'],
  ['4012', '.I.HQ_P1_P2345 5', 'EXT. NODE'],
  ['4013', '.I.HQHIGATE120 2', 'EXT. NODE'],
  ['4014', '.I.SHOREHAM138 99', 'EXT. NODE'],
  ['4017', '.I.NRTHPORT138 5', 'EXT. NODE'],
  ['4018', '.I.HQMRL_RD345 1', 'EXT. NODE'],
]
const idOf = Object.fromEntries(PLACES.map(([id, name]) => [name, id]))
const nameOf = Object.fromEntries(PLACES.map(([id, name]) => [id, name]))
const wordOf = Object.fromEntries(PLACES.flatMap(([id, name, word]) => [[id, word] as const, [name, word] as const]))

const TYPES = {
  HUB: 'HUB',
  'HUB NODE': 'NODE',
  'LOAD ZONE': 'ZONE',
  'EXT. NODE': 'INTERFACE',
  'NETWORK NODE': 'NODE',
  DRRAZ: 'AGGREGATE',
}

/** Each of the three from its own column, else by way of the others; blanks inside names count. */
const id = integerId(textIf('Location ID', 'LocId'))
const name = textIf('Location Name', 'LocationName', 'Location')
const location = first(name, mapped(id, nameOf))
const locationId = first(id, mapped(name, idOf))
const word: Cell = first(textIf('Location Type', 'LocType'), mapped(id, wordOf, null), mapped(name, wordOf, null))

export const place = (run: string): RowsLayout['series'] => ({
  market_run: fixed(run),
  location,
  location_id: locationId,
  location_type: mapped(word, TYPES, 'OTHER'),
  location_class: word,
})

/** Zones by the letters on the sheets of the SMD workbooks, and in the names of files that were made of them. */
const SHEETS = { ME: '4001', NH: '4002', VT: '4003', CT: '4004', RI: '4005', SEMA: '4006', WCMA: '4007', NEMA: '4008' }
/** As a word of the last part of the path: `2025_smd_hourly.xlsx > CT`, `2025_smd_hourly_CT.csv`, `CT.csv`. */
const letters = (sheets: string) => new RegExp(`(?:^|[/> _-])(?:${sheets})(?=[ _.-][^/>]*$|$)`)
export const ANY_SHEET = letters(Object.keys(SHEETS).join('|'))
const sheet = fromPath(Object.entries(SHEETS).map(([word, zone]) => [letters(word), zone] as const))

export const placeOfSheet = (run: string): RowsLayout['series'] => ({
  market_run: fixed(run),
  location: mapped(sheet, nameOf),
  location_id: sheet,
  location_type: fixed('ZONE'),
  location_class: fixed('LOAD ZONE'),
})
