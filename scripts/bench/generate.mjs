// Archives for the benchmark: SYNTHETIC prices in the layouts that the ISOs publish, the same bytes on every run (a seeded
// generator; no clock, no Math.random). January 2024 throughout: no clock change, so that a peer without the row-order rules
// of the autumn hour has a fair job.
//
//   node scripts/bench/generate.mjs pjm   [--nodes 14143] [--days 31] [--per day|month] [--out DIR]   da_hrl_lmps (k).csv
//   node scripts/bench/generate.mjs miso  [--nodes 2400] [--days 31]                                  YYYYMMDD_da_expost_lmp.csv
//   node scripts/bench/generate.mjs nyiso [--days 31] [--gens 600]      month zips: damlbmp_zone, realtime_zone, realtime_gen
//   node scripts/bench/generate.mjs caiso [--nodes 4000] [--days 31]    one DAM_LMP_GRP zip a day, one member per component
//   node scripts/bench/generate.mjs spp   [--nodes 1234] [--files 8928] RTBM-LMP-SL-YYYYMMDDHHMM.csv, one interval each
//
// Files go to DIR/input/<iso>; what is published as a zip also stands unzipped in DIR/unzipped/<iso>, for peers that cannot read
// zips. PJM holds a few restated rows (False/1 beside True/2) so that dropping superseded rows is part of the job.
import { closeSync, existsSync, mkdirSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { ZipWriter } from './zip.mjs'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const FIRST = Date.UTC(2024, 0, 1)

/** Linear congruential generator; 0 <= value < 1. */
function lcg(seed) {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 4294967296
  }
}

const two = number => String(number).padStart(2, '0')
const compact = ms => new Date(ms).toISOString().slice(0, 10).replaceAll('-', '')
const usDate = ms => `${compact(ms).slice(4, 6)}/${compact(ms).slice(6)}/${compact(ms).slice(0, 4)}`
const usStamp = ms => `${usDate(ms)} ${new Date(ms).toISOString().slice(11, 19)}`
/** MISO day-ahead style: no trailing zeros, no leading zero. */
const short = cents => String(cents / 100).replace(/^(-?)0\./, '$1.')

/**
 * Prices of one interval as whole units of the last printed decimal: one energy price, congestion from a few binding constraints through
 * each location's shift factors, losses from its loss factor. Locations of one bus share prices, as in reality.
 */
class Market {
  constructor(seed, locations, unit, sharing = 1.6) {
    this.random = lcg(seed)
    this.unit = unit
    this.bus = Int32Array.from({ length: locations }, (_, at) => Math.floor(at / sharing))
    const buses = locations
    this.factors = Array.from({ length: 6 }, () =>
      Float64Array.from({ length: buses }, () => (this.random() - 0.5) * 0.6),
    )
    this.lossFactor = Float64Array.from({ length: buses }, () => (this.random() - 0.5) * 0.12)
    this.congestion = new Float64Array(locations)
    this.loss = new Float64Array(locations)
    this.level = 30
  }

  /** `round`: the energy price is printed with two decimals although the components have more. */
  next(hour, cents = false) {
    this.level += (this.random() - 0.5) * 4 + (30 - this.level) * 0.1
    const raw = Math.max(2, this.level + 8 * Math.sin(((hour - 9) / 24) * 2 * Math.PI))
    const step = cents ? this.unit / 100 : 1
    this.energy = Math.round((raw * this.unit) / step) * step
    const shadow = this.factors.map(() => (this.random() < 0.4 ? this.random() * 40 : 0))
    for (let at = 0; at < this.congestion.length; at++) {
      const bus = this.bus[at]
      let sum = 0
      for (let which = 0; which < shadow.length; which++)
        if (shadow[which]) sum += shadow[which] * this.factors[which][bus]
      this.congestion[at] = Math.round(sum * this.unit)
      this.loss[at] = Math.round(this.lossFactor[bus] * this.energy)
    }
  }
}

function fresh(out, iso, zipped = false) {
  const folders = { input: join(out, 'input', iso), unzipped: join(out, 'unzipped', iso) }
  for (const folder of Object.values(folders)) rmSync(folder, { recursive: true, force: true })
  mkdirSync(folders.input, { recursive: true })
  if (zipped) mkdirSync(folders.unzipped, { recursive: true })
  return folders
}

const PJM_ZONES =
  'AECO AEP APS ATSI BGE COMED DAY DEOK DOM DPL DUQ EKPC JCPL METED OVEC PECO PENELEC PEPCO PPL PSEG RECO'.split(' ')
const PJM_HEADER =
  'datetime_beginning_utc,datetime_beginning_ept,pnode_id,pnode_name,voltage,equipment,type,zone,system_energy_price_da,total_lmp_da,congestion_price_da,marginal_loss_price_da,row_is_current,version_nbr\r\n'

export function generatePjm(out, { nodes = 14_143, days = 31, per = 'day' } = {}) {
  const { input } = fresh(out, 'pjm')
  const random = lcg(20_240_101)
  const stations = [
    'ABERDEEN',
    'BAKERTWN',
    'CALVERT',
    'DELRIVER',
    'EASTON',
    'FRACKVIL',
    'GALLOWAY',
    'HOMERCIT',
    'KEYSTONE',
    'LAKEVIEW',
  ]
  let id = 33_000_000
  const columns = Array.from({ length: nodes }, (_, at) => {
    id += 1 + Math.floor(random() * 90_000)
    if (at < 35) {
      const type = at < 12 ? 'HUB' : at < 33 ? 'ZONE' : 'INTERFACE'
      const name = type === 'ZONE' ? PJM_ZONES[at - 12] : `${stations[at % 10]} ${type}${at}`
      return `${id},${name},,,${type},`
    }
    const kilovolts = [13, 34, 69, 115, 138, 230, 345, 500][Math.floor(random() * 8)]
    const load = random() < 0.8
    const equipment = load ? `LD${1 + Math.floor(random() * 30)}` : `UNIT${1 + Math.floor(random() * 6)}`
    const name = `${stations[Math.floor(random() * 10)]}${Math.floor(at / 12)}  ${kilovolts} KV  ${equipment}`
    return `${id},${name},${kilovolts} KV,${equipment},${load ? 'LOAD' : 'GEN'},${PJM_ZONES[Math.floor(random() * PJM_ZONES.length)]}`
  })
  const stamp = ms => {
    const date = new Date(ms)
    const hour = date.getUTCHours()
    const day = `${date.getUTCMonth() + 1}/${date.getUTCDate()}/${date.getUTCFullYear()}`
    return `${day} ${hour % 12 || 12}:00:00 ${hour < 12 ? 'AM' : 'PM'}`
  }
  const money = millionths => (millionths / 1e6).toFixed(6)
  const market = new Market(7, nodes, 1e6)
  let file
  for (let day = 0; day < days; day++) {
    if (per === 'day' || day === 0) {
      if (file !== undefined) closeSync(file)
      file = openSync(join(input, day === 0 ? 'da_hrl_lmps.csv' : `da_hrl_lmps (${day}).csv`), 'w')
      writeSync(file, PJM_HEADER)
    }
    for (let hour = 0; hour < 24; hour++) {
      market.next(hour, true)
      const local = FIRST + day * DAY + hour * HOUR
      const times = `${stamp(local + 5 * HOUR)},${stamp(local)}`
      const energy = (market.energy / 1e6).toFixed(2)
      const lines = []
      for (let at = 0; at < nodes; at++) {
        const congestion = market.congestion[at]
        const loss = market.loss[at]
        const row = `${times},${columns[at]},${energy},`
        const prices = `${money(market.energy + congestion + loss)},${money(congestion)},${money(loss)}`
        // A restated hour a week: the superseded version stands beside the current one.
        if (day % 7 === 3 && hour === 12 && at < 200) {
          const before = `${money(market.energy + congestion + loss + 10_000)},${money(congestion + 10_000)},${money(loss)}`
          lines.push(`${row}${before},False,1\r\n${row}${prices},True,2\r\n`)
        } else lines.push(`${row}${prices},True,1\r\n`)
      }
      writeSync(file, lines.join(''))
    }
  }
  closeSync(file)
}

export function generateMiso(out, { nodes = 2400, days = 31 } = {}) {
  const { input } = fresh(out, 'miso')
  const random = lcg(20_240_102)
  const areas = ['AECI', 'ALTW', 'AMIL', 'AMMO', 'CIN', 'CONS', 'DECO', 'EES', 'GRE', 'MEC', 'MP', 'NSP', 'OTP', 'WEC']
  const list = Array.from({ length: nodes }, (_, at) => {
    const draw = random()
    const type = draw < 0.635 ? 'Gennode' : draw < 0.81 ? 'Loadzone' : draw < 0.98 ? 'Hub' : 'Interface'
    return `${areas[at % areas.length]}.${Math.floor(random() * 1e6)
      .toString(36)
      .toUpperCase()}${at},${type}`
  }).sort()
  const header = `Node,Type,Value,${Array.from({ length: 24 }, (_, at) => `HE ${at + 1}`).join(',')}`
  const market = new Market(8, nodes, 100)
  for (let day = 0; day < days; day++) {
    const date = FIRST + day * DAY
    const blocks = { LMP: list.map(() => []), MCC: list.map(() => []), MLC: list.map(() => []) }
    for (let hour = 0; hour < 24; hour++) {
      market.next(hour)
      for (let at = 0; at < nodes; at++) {
        blocks.LMP[at].push(short(market.energy + market.congestion[at] + market.loss[at]))
        blocks.MCC[at].push(short(market.congestion[at]))
        blocks.MLC[at].push(short(market.loss[at]))
      }
    }
    const lines = [
      'Day Ahead Market ExPost LMPs',
      usDate(date),
      '',
      ',,,All Hours-Ending are Eastern Standard Time (EST)',
      header,
    ]
    for (const [value, rows] of Object.entries(blocks))
      for (const [at, row] of rows.entries()) lines.push(`${list[at]},${value},${row.join(',')}`)
    writeFileSync(join(input, `${compact(date)}_da_expost_lmp.csv`), `${lines.join('\n')}\n`)
  }
}

const NYISO_ZONES =
  'CAPITL 61757,CENTRL 61754,DUNWOD 61760,GENESE 61753,H Q 61844,HUD VL 61758,LONGIL 61762,MHK VL 61756,MILLWD 61759,N.Y.C. 61761,NORTH 61755,NPX 61845,O H 61846,PJM 61847,WEST 61752'
const NYISO_HEADER = [
  'Time Stamp',
  'Name',
  'PTID',
  'LBMP ($/MWHr)',
  'Marginal Cost Losses ($/MWHr)',
  'Marginal Cost Congestion ($/MWHr)',
]

export function generateNyiso(out, { days = 31, gens = 600 } = {}) {
  const folders = fresh(out, 'nyiso', true)
  const random = lcg(20_240_103)
  const zones = NYISO_ZONES.split(',').map(text => [text.replace(/ \d+$/, ''), text.slice(-5)])
  const plants = [
    '59TH STREET',
    'ADK HUDSON',
    'ALBANY',
    'ARTHUR KILL',
    'ASTORIA',
    'BARRETT',
    'BOWLINE',
    'CRICKET VALLEY',
    'GILBOA',
    'NIAGARA',
  ]
  const list = Array.from({ length: gens }, (_, at) => [
    `${plants[at % 10]}___${['GT', 'ST', 'CC', 'HY'][at % 4]}_${Math.floor(at / 10) + 1}`,
    String(23_500 + at),
  ])
  // The same runs, on and off the grid, in all real-time files of a day.
  const runs = Array.from({ length: days }, () => {
    const grid = Array.from({ length: 288 }, (_, at) => (at + 1) * 300)
    for (let extra = 0; extra < 5; extra++) grid.push(8 + Math.floor(random() * 86_000))
    return [...new Set(grid)].sort((a, b) => a - b)
  })
  const reports = [
    {
      stem: 'damlbmp_zone',
      names: zones,
      quoted: false,
      stamps: () => Array.from({ length: 24 }, (_, at) => at * 3600),
      length: 16,
    },
    { stem: 'realtime_zone', names: zones, quoted: true, stamps: day => runs[day], length: 19 },
  ]
  if (gens > 0) reports.push({ ...reports[1], stem: 'realtime_gen', names: list })
  for (const [number, { stem, names, quoted, stamps, length }] of reports.entries()) {
    const market = new Market(9 + number, names.length, 100, 1.3)
    const zip = new ZipWriter(join(folders.input, `${compact(FIRST)}${stem}_csv.zip`))
    const cell = quoted ? text => `"${text}"` : text => text
    for (let day = 0; day < days; day++) {
      const date = FIRST + day * DAY
      const lines = [NYISO_HEADER.map(cell).join(',')]
      for (const second of stamps(day)) {
        market.next(second / 3600)
        const stamp = cell(usStamp(date + second * 1000).slice(0, length))
        for (const [at, [name, ptid]] of names.entries()) {
          const [congestion, loss] = [market.congestion[at], market.loss[at]]
          const prices = [market.energy + congestion + loss, loss, congestion === 0 ? 0 : -congestion]
          lines.push(`${stamp},${cell(name)},${ptid},${prices.map(cents => (cents / 100).toFixed(2)).join(',')}`)
        }
      }
      const content = `${lines.join('\r\n')}\r\n`
      zip.add(`${compact(date)}${stem}.csv`, content, new Date(date + DAY + 10 * 60_000))
      writeFileSync(join(folders.unzipped, `${compact(date)}${stem}.csv`), content)
    }
    zip.close()
  }
}

const CAISO_HEADER =
  'INTERVALSTARTTIME_GMT,INTERVALENDTIME_GMT,OPR_DT,OPR_HR,OPR_INTERVAL,NODE_ID_XML,NODE_ID,NODE,MARKET_RUN_ID,LMP_TYPE,XML_DATA_ITEM,PNODE_RESMRID,GRP_TYPE,POS,MW,GROUP\n'
const CAISO_ITEMS = { LMP: 'LMP_PRC', MCC: 'LMP_CONG_PRC', MCE: 'LMP_ENE_PRC', MCL: 'LMP_LOSS_PRC' }

export function generateCaiso(out, { nodes = 4000, days = 31 } = {}) {
  const folders = fresh(out, 'caiso', true)
  const random = lcg(20_240_104)
  const hubs = [
    'TH_NP15_GEN-APND',
    'TH_SP15_GEN-APND',
    'TH_ZP26_GEN-APND',
    'DLAP_PGAE-APND',
    'DLAP_SCE-APND',
    'DLAP_SDGE-APND',
  ]
  const list = Array.from(
    { length: nodes },
    (_, at) =>
      hubs[at] ??
      `${['ALAMIT', 'BLYTHE', 'CONTROL', 'DEVERS', 'GATES', 'MIDWAY'][at % 6]}_${1 + Math.floor(random() * 7)}_N${String(at).padStart(5, '0')}`,
  )
  const market = new Market(20, nodes, 1e5)
  const plain = value => String(value / 1e5)
  for (let day = 0; day < days; day++) {
    const date = FIRST + day * DAY
    const label = new Date(date).toISOString().slice(0, 10)
    const blocks = { LMP: [], MCC: [], MCE: [], MCL: [] }
    const prices = Array.from({ length: 24 }, (_, hour) => {
      market.next(hour)
      return { energy: market.energy, congestion: market.congestion.slice(), loss: market.loss.slice() }
    })
    // Hours of one block are shuffled, as in the real files.
    const order = [9, 3, 17, 22, 0, 12, 5, 14, 20, 1, 7, 10, 23, 4, 16, 19, 2, 8, 11, 13, 15, 6, 18, 21]
    const times = order.map(
      hour =>
        `${new Date(date + (hour + 8) * HOUR).toISOString().slice(0, 19)}-00:00,${new Date(date + (hour + 9) * HOUR).toISOString().slice(0, 19)}-00:00,${label},${hour + 1},0`,
    )
    for (let at = 0; at < nodes; at++) {
      const node = list[at]
      for (const type of Object.keys(blocks))
        for (const [place, hour] of order.entries()) {
          const { energy, congestion, loss } = prices[hour]
          const value = { LMP: energy + congestion[at] + loss[at], MCC: congestion[at], MCE: energy, MCL: loss[at] }[
            type
          ]
          blocks[type].push(
            `${times[place]},${node},${node},${node},DAM,${type},${CAISO_ITEMS[type]},${node},ALL,1,${plain(value)},${at + 1}\n`,
          )
        }
    }
    const zip = new ZipWriter(join(folders.input, `${compact(date)}_${compact(date)}_DAM_LMP_GRP_N_N_v12_csv.zip`))
    for (const [type, rows] of Object.entries(blocks)) {
      const name = `${compact(date)}_${compact(date)}_PRC_LMP_DAM_${type}_v12.csv`
      const content = CAISO_HEADER + rows.join('')
      zip.add(name, content, new Date(date - 10 * HOUR))
      writeFileSync(join(folders.unzipped, name), content)
    }
    zip.close()
  }
}

export function generateSpp(out, { nodes = 1234, files = 8928 } = {}) {
  const { input } = fresh(out, 'spp')
  const random = lcg(20_240_105)
  const areas = ['AECC', 'CSWS', 'EDE', 'GRDA', 'KCPL', 'NPPD', 'OKGE', 'OPPD', 'SPS', 'WAUE', 'WFEC', 'WR']
  const list = Array.from({ length: nodes }, (_, at) => {
    const area = areas[at % areas.length]
    const name =
      at < 2
        ? ['SPPNORTH_HUB', 'SPPSOUTH_HUB'][at]
        : `${area}_${Math.floor(random() * 1e7)
            .toString(36)
            .toUpperCase()}${at}`
    return `${name},${at % 20 === 7 ? `${area}_LA` : `${name}_P`}`
  }).sort()
  const market = new Market(30, nodes, 1e4)
  const money = value => (value / 1e4).toFixed(4)
  for (let number = 1; number <= files; number++) {
    const local = FIRST + number * 300_000
    market.next((local % DAY) / HOUR)
    const times = `${usStamp(local)},${usStamp(local + 6 * HOUR)}`
    const lines = ['Interval,GMTIntervalEnd,Settlement Location,Pnode,LMP,MLC,MCC,MEC\n']
    for (let at = 0; at < nodes; at++) {
      const [congestion, loss] = [market.congestion[at], market.loss[at]]
      lines.push(
        `${times},${list[at]},${money(market.energy + congestion + loss)},${money(loss)},${money(congestion)},${money(market.energy)}\n`,
      )
    }
    const name = `${compact(local)}${two(new Date(local).getUTCHours())}${two(new Date(local).getUTCMinutes())}`
    writeFileSync(join(input, `RTBM-LMP-SL-${name}.csv`), lines.join(''))
  }
}

export const GENERATORS = {
  pjm: generatePjm,
  miso: generateMiso,
  nyiso: generateNyiso,
  caiso: generateCaiso,
  spp: generateSpp,
}

export const SCALES = {
  small: {
    pjm: { nodes: 1000, days: 3 },
    miso: { nodes: 200, days: 5 },
    nyiso: { days: 3, gens: 0 },
    caiso: { nodes: 100, days: 3 },
    spp: { nodes: 200, files: 288 },
  },
  medium: { pjm: { days: 5 }, miso: {}, nyiso: { gens: 0 }, caiso: { nodes: 1000, days: 10 }, spp: { files: 1440 } },
  full: { pjm: {}, miso: {}, nyiso: {}, caiso: {}, spp: {} },
}

export const WORK = fileURLToPath(new URL('./work/', import.meta.url))

/** The archive of one scale, made once; returns its folder. */
export function archive(scale, iso) {
  const out = join(WORK, scale)
  const done = join(out, `.${iso}-done`)
  const settings = JSON.stringify(SCALES[scale][iso])
  if (!existsSync(done)) {
    console.error(`generating ${scale} ${iso} ${settings} ...`)
    GENERATORS[iso](out, SCALES[scale][iso])
    writeFileSync(done, `SYNTHETIC prices, not published by any ISO. ${settings}\n`)
  }
  return out
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const text = { type: 'string' }
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { nodes: text, days: text, gens: text, files: text, per: text, out: text },
  })
  const { out = join(WORK, 'custom'), per, ...numbers } = values
  const generate = GENERATORS[positionals[0]]
  if (!generate) throw new Error(`say which archive: ${Object.keys(GENERATORS).join(', ')}`)
  generate(out, {
    ...Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, Number(value)])),
    ...(per && { per }),
  })
}
