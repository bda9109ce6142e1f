/** What the seven markets put into gridstatus' one layout. Words and columns: gridstatus-style.md 1 and 2. */
import { Clock } from '../../src/shape/clock.js'
import { PLACES } from '../isone/places.js'
import { PTID } from '../nyiso/ptid.js'
import type { Dialect } from './energy.js'

const place = (name: string) => ({ path: new RegExp(`(^|[^a-z])${name}([^a-z]|$)`, 'i') })
const same = (words: readonly string[], type: string) => words.map(word => [word, type] as const)

export const nyiso: Dialect = {
  iso: 'NYISO',
  clock: new Clock('America/New_York'),
  evidence: {
    ...place('nyiso'),
    columns: ['10 Min Spin Reserves'],
    words: { column: 'Location Type', texts: ['Reference Bus'] },
  },
  runs: { da_energy_hourly: 'DAM', rt_energy_hourly: 'RT_HOURLY', rt_energy_15min: 'RTC', rt_energy_5min: 'RTD' },
  advisory: ['rt_energy_15min'],
  types: { Zone: 'ZONE', Generator: 'GEN', 'Reference Bus': 'REFERENCE' },
  classes: [
    [/^Zone$/, 'ZONE'],
    [/^(Generator|Reference Bus)$/, 'GEN'],
  ],
  ids: PTID,
  bare: { rt_energy_15min: 'end', rt_energy_5min: 'end' },
  detectSign: true,
}

export const caiso: Dialect = {
  iso: 'CAISO',
  clock: new Clock('America/Los_Angeles'),
  evidence: { ...place('caiso'), columns: ['GHG'], words: { column: 'Location Type', texts: ['DLAP', 'AP Node'] } },
  runs: { da_energy_hourly: 'DAM', rt_energy_15min: 'FMM', rt_energy_hasp: 'HASP', rt_energy_5min: 'RTD' },
  withoutMarket: 'HASP',
  typeByName: [
    [/^TH_(NP15|SP15|ZP26)_GEN-APND$/, 'Trading Hub'],
    [/^DLAP_/, 'DLAP'],
    [/-APND$/, 'AP Node'],
  ],
  types: { Node: 'NODE', 'AP Node': 'AGGREGATE', 'Trading Hub': 'HUB', DLAP: 'ZONE' },
  classes: [],
  tolerance: 0.001,
}

export const spp: Dialect = {
  iso: 'SPP',
  clock: new Clock('America/Chicago'),
  evidence: {
    ...place('spp'),
    columns: ['PNode', 'BAA'],
    words: { column: 'Location Type', texts: ['Settlement Location'] },
  },
  runs: { da_energy_hourly: 'DAM', rt_energy_5min: 'RTBM' },
  types: { Hub: 'HUB', Interface: 'INTERFACE', 'Settlement Location': 'NODE', Bus: 'BUS' },
  classes: [
    [/^Bus$/, 'BUS'],
    [/./, 'SL'],
  ],
  // Library 0.17: the hour's end less five minutes.
  bare: { da_energy_hourly: 'within' },
}

export const ercot: Dialect = {
  iso: 'ERCOT',
  clock: new Clock('America/Chicago'),
  evidence: {
    ...place('ercot'),
    columns: ['SPP', 'MCPC', 'SCED Timestamp'],
    words: { column: 'Location Type', texts: ['Electrical Bus', 'Load Zone DC Tie', 'Resource Node'] },
  },
  runs: { da_energy_hourly: 'DAM', rt_energy_15min: 'RTM_SPP', rt_energy_5min: 'SCED' },
  types: Object.fromEntries([
    ['Trading Hub', 'HUB'],
    ...same(['Load Zone', 'Load Zone Energy Weighted'], 'ZONE'),
    ...same(['Load Zone DC Tie', 'Load Zone DC Tie Energy Weighted'], 'DC_TIE'),
    ['Resource Node', 'NODE'],
    ['Electrical Bus', 'BUS'],
  ]),
  classes: [
    [/^Trading Hub$/, 'HU'],
    [/^Load Zone$/, 'LZ'],
    [/^Load Zone Energy Weighted$/, 'LZEW'],
    [/^Load Zone DC Tie$/, 'LZ_DC'],
    [/^Load Zone DC Tie Energy Weighted$/, 'LZ_DCEW'],
    [/^Resource Node$/, 'RN'],
    [/^Electrical Bus$/, 'BUS'],
  ],
  names: [[/^(.*)_EW$/, '$1']],
  price: ['Capped LMP', 'LMP', 'SPP'],
  runStamps: true,
}

export const pjm: Dialect = {
  iso: 'PJM',
  // Settlement 2, verified 1, unverified 0.
  priority: { final: 0.5, preliminary: -0.6 },
  clock: new Clock('America/New_York'),
  evidence: {
    ...place('pjm'),
    columns: ['Location Short Name'],
    words: { column: 'Location Type', texts: ['EHV', 'RESIDUAL_METERED_EDC', 'AGGREGATE', 'ZONE'] },
  },
  runs: { da_energy_hourly: 'DAM', rt_energy_hourly: 'RT_HOURLY', rt_energy_5min: 'RTD' },
  types: {
    ...{ ZONE: 'ZONE', LOAD: 'LOAD', GEN: 'GEN', HUB: 'HUB', EHV: 'BUS', AGGREGATE: 'AGGREGATE' },
    ...{ RESIDUAL_METERED_EDC: 'AGGREGATE', INTERFACE: 'INTERFACE', EXT: 'INTERFACE', TIE: 'INTERFACE' },
  },
  classes: [],
}

export const isone: Dialect = {
  iso: 'ISONE',
  priority: { final: 1.5, preliminary: 0.4 },
  clock: new Clock('America/New_York'),
  evidence: {
    path: /(^|[^a-z])(isone|iso-ne|neiso)([^a-z]|$)/i,
    words: { column: 'Location Type', texts: ['NETWORK NODE', 'DRRAZ'] },
  },
  runs: { da_energy_hourly: 'DAM', rt_energy_hourly: 'RT_HOURLY', rt_energy_5min: 'RTD' },
  withoutMarket: 'REAL_TIME_5_MIN_PRELIM',
  ids: Object.fromEntries(PLACES.map(([id, name]) => [name, id])),
  types: {
    ...{ 'NETWORK NODE': 'NODE', 'HUB NODE': 'NODE', HUB: 'HUB', 'LOAD ZONE': 'ZONE' },
    ...{ 'EXT. NODE': 'INTERFACE', DRRAZ: 'AGGREGATE' },
  },
  classes: [],
}

export const miso: Dialect = {
  iso: 'MISO',
  priority: { final: 1.5, preliminary: 0.4 },
  clock: new Clock('UTC-5'),
  evidence: { ...place('miso'), words: { column: 'Location Type', texts: ['Gennode', 'Loadzone'] } },
  runs: {
    da_energy_hourly: 'EXPOST',
    da_energy_hourly_exante: 'EXANTE',
    rt_energy_hourly: 'RT_HOURLY',
    rt_energy_5min: 'RTD',
  },
  types: { Gennode: 'GEN', Loadzone: 'LOAD', Hub: 'HUB', Interface: 'INTERFACE', 'Pricing Node': 'OTHER' },
  classes: [],
  // The printed zone changed with the library (Central, Eastern, EST): only a printed offset can be trusted.
  naive: 'refuse',
  // Library 0.17 to 0.19.
  bare: { da_energy_hourly: 'end' },
}
