/** How the seven markets' own files would have called what the earlier converters' data set holds of them. */
import { column, first, fixed, mapped, matched, maybe } from '../../src/model/cells.js'
import type { Cell } from '../../src/model/report.js'
import { Clock } from '../../src/shape/clock.js'
import { hourEndingFlag } from '../../src/shape/time.js'
import * as dialects from '../gridstatus/dialects.js'
import type { Dialect } from '../gridstatus/energy.js'
import { PLACES } from '../isone/places.js'
import { type Earlier, earlier, name, printedId, TYPES, typed, word } from './energy.js'

/** Advisory runs were never part of it. */
const base = ({ iso, runs, evidence, advisory }: Dialect) => ({
  iso,
  runs: Object.fromEntries(Object.entries(runs).filter(([id]) => !advisory?.some(each => each === id))),
  path: evidence.path,
})

const pjm: Earlier = {
  ...base(dialects.pjm),
  id: printedId,
  type: mapped(word, { ...TYPES, ...dialects.pjm.types }, 'OTHER'),
  classOf: () => word,
}

/** The kind stands in the name only. */
const caisoWord = matched(name, dialects.caiso.typeByName ?? [], 'Node')
const caiso: Earlier = {
  ...base(dialects.caiso),
  id: name,
  type: mapped(caisoWord, dialects.caiso.types),
  classOf: () => caisoWord,
}

const nyiso: Earlier = {
  ...base(dialects.nyiso),
  id: mapped(printedId, dialects.nyiso.ids ?? {}),
  type: typed,
  classOf: () => matched(word, [[/ZONE$/, 'ZONE']], 'GEN'),
  detectSign: true,
}

const spp: Earlier = {
  ...base(dialects.spp),
  id: name,
  type: typed,
  classOf: () => matched(word, [[/^BUS$/, 'BUS']], 'SL'),
}

/** Day-ahead files have no types, so names tell (as in ercot/energy.ts); real-time ones tell two kinds of hub apart besides. */
const HUBS: readonly (readonly [RegExp, string])[] = [
  [/^HB_BUSAVG$/, 'SH'],
  [/^HB_HUBAVG$/, 'AH'],
]
const byName = (more: typeof HUBS): Cell =>
  matched(name, [...more, [/^HB_/, 'HU'], [/^LZ_/, 'LZ'], [/^DC_/, 'LZ_DC']], 'RN')
const ercot: Earlier = {
  ...base(dialects.ercot),
  id: name,
  type: mapped(byName([]), { HU: 'HUB', LZ: 'ZONE', LZ_DC: 'DC_TIE', RN: 'NODE' }),
  classOf: dataset => byName(dataset === 'rt_energy_15min' ? HUBS : []),
}

/** All of them are nodes there; the hub, the zones and the interfaces are known, and files of the same month tell of others. */
const isoneWord = matched(first(mapped(name, wordsBy(1), null), mapped(printedId, wordsBy(0), null)), [
  [/^$/, 'NETWORK NODE'],
])
const isone: Earlier = {
  ...base(dialects.isone),
  id: mapped(printedId, dialects.isone.ids ?? {}),
  type: mapped(isoneWord, dialects.isone.types),
  classOf: () => isoneWord,
  joins: 'location_id',
}

function wordsBy(key: 0 | 1): Record<string, string> {
  return Object.fromEntries(PLACES.map(place => [place[key], place[2]]))
}

/** Real-time rows call everything a node; hubs are told by their names, the rest by other files of the same month. */
const misoWord = first(
  matched(name, [[/\.HUB$/, 'Hub']], null),
  mapped(word, { HUB: 'Hub', LOAD_ZONE: 'Loadzone', LOAD: 'Loadzone', INTERFACE: 'Interface' }, 'Gennode'),
)
const est = new Clock('UTC-5')
const miso: Earlier = {
  ...base(dialects.miso),
  id: name,
  type: mapped(misoWord, dialects.miso.types),
  // Five-minute files have no types at all (miso/fiveminute.ts).
  classOf: dataset => (dataset === 'rt_energy_5min' ? fixed(null) : misoWord),
  // Its UTC was worked out with daylight saving, which MISO's clock does not have: in summer it is an hour early. The local date and
  // hour beside it are those of the file.
  time: minutes =>
    hourEndingFlag({
      clock: est,
      date: column('delivery_date'),
      hour: column('delivery_hour'),
      ...(minutes < 60 ? { interval: column('delivery_interval') } : {}),
      flag: maybe('no such flag'),
      minutes,
    }),
  joins: 'location_id',
}

export const former = {
  pjm: earlier(pjm),
  caiso: earlier(caiso),
  nyiso: earlier(nyiso),
  spp: earlier(spp),
  ercot: earlier(ercot),
  isone: earlier(isone),
  miso: earlier(miso),
}
