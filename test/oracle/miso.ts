/** MISO: hours across, one clock (EST all year), three component rows per node. */
import { ancillaryRow, energyRow, type Found, number, type OracleFile, rankTail, records, residual } from './common.js'
import { estAllYear, HOUR, MINUTE, parseStamp } from './time.js'

const DATE = /^\s*\d{1,2}\/\d{1,2}\/\d{4}\s*$/
const EST = 5 * HOUR
const TYPES: Record<string, string> = { Gennode: 'GEN', Loadzone: 'LOAD', Hub: 'HUB', Interface: 'INTERFACE' }

interface Kind {
  dataset: string
  run: string
  minutes: number
  final: boolean
  revision: number
  report: string
}

const kind = (dataset: string, run: string, report: string, revision = 1, final = true, minutes = 60): Kind => ({
  dataset,
  run,
  report,
  revision,
  final,
  minutes,
})

const KINDS: [RegExp, Kind][] = [
  [/_da_expost_lmp(_hubs_only)?\.csv$/i, kind('da_energy_hourly', 'EXPOST', 'da_expost_lmp')],
  [/_da_exante_lmp(_hubs_only)?\.csv$/i, kind('da_energy_hourly_exante', 'EXANTE', 'da_exante_lmp')],
  [/_rt_lmp_final\.csv$/i, kind('rt_energy_hourly', 'RT_HOURLY', 'rt_lmp_final', 2)],
  [/_rt_lmp_prelim\.csv$/i, kind('rt_energy_hourly', 'RT_HOURLY', 'rt_lmp_prelim', 1, false)],
  [/^\d{4}[_-][a-z]{3}-[a-z]{3}_DA_LMPs?\.csv$/i, kind('da_energy_hourly', 'EXPOST', 'DA_LMPs')],
  [/^\d{4}[_-][a-z]{3}-[a-z]{3}_RT_LMPs?\.csv$/i, kind('rt_energy_hourly', 'RT_HOURLY', 'RT_LMPs', 2)],
  [/^\d{8}_5MIN_LMP\.csv$/i, kind('rt_energy_5min', 'RTD', '5MIN_LMP', 2, true, 5)],
  [/_asm_expost_damcp\.csv$/i, kind('da_as_hourly', 'EXPOST', 'asm_expost_damcp')],
  [/_asm_exante_damcp\.csv$/i, kind('da_as_hourly', 'EXANTE', 'asm_exante_damcp')],
  [/_asm_rtmcp_final\.csv$/i, kind('rt_as_hourly', 'RT_HOURLY', 'asm_rtmcp_final', 2)],
  [/_asm_rtmcp_prelim\.csv$/i, kind('rt_as_hourly', 'RT_HOURLY', 'asm_rtmcp_prelim', 1, false)],
]

/** By name; a day-ahead LMP file under another name by its title. Real-time titles do not tell final from preliminary. */
function kindOf(file: OracleFile, lines: string[][]): Kind | undefined {
  const named = KINDS.find(([pattern]) => pattern.test(file.name))
  if (named) return named[1]
  const title = lines[0]?.[0]?.trim() ?? ''
  if (title === 'Day Ahead Market ExPost LMPs') return KINDS[0]![1]
  if (title === 'Day Ahead Market ExAnte LMPs') return KINDS[1]![1]
  return undefined
}

/** Market date of a daily file: the first date before the table; else the eight digits of the name. */
function marketDate(file: OracleFile, preamble: string[][]): number | undefined {
  const cell = preamble.flat().find(each => DATE.test(each))
  if (cell) return parseStamp(cell)?.wall
  const digits = /^(\d{4})(\d{2})(\d{2})/.exec(file.name)
  return digits ? Date.UTC(Number(digits[1]), Number(digits[2]) - 1, Number(digits[3])) : undefined
}

export function readMiso(files: readonly OracleFile[]): Found {
  const found: Found = { candidates: [], quarantined: 0, emptyCells: 0 }
  for (const file of files) {
    const lines = records(file)
    const of = kindOf(file, lines)
    if (!of) continue
    if (of.dataset.includes('_as_')) readPrices(file, lines, of, found)
    else if (of.minutes === 5) readWeek(file, lines, of, found)
    else readHours(file, lines, of, found)
  }
  return found
}

/** Hour-ending number of a header cell `HE 1`, `HE1`, `HE01`. */
const hourEnding = (header: string) => {
  const match = /^\s*HE\s*(\d{1,2})\s*$/i.exec(header)
  return match ? Number(match[1]) : undefined
}

function readHours(file: OracleFile, lines: string[][], of: Kind, found: Found) {
  const at = lines
    .slice(0, 15)
    .findIndex(line => line.some(cell => /^\s*value\s*$/i.test(cell)) && line.some(hourEnding))
  if (at < 0) return
  const header = lines[at]!.map(cell => cell.trim().toUpperCase())
  const [day, node, type, value] = ['MARKET_DAY', 'NODE', 'TYPE', 'VALUE'].map(name => header.indexOf(name)) as [
    number,
    number,
    number,
    number,
  ]
  const fileDate = day < 0 ? marketDate(file, lines.slice(0, at)) : undefined

  /** One entry per market day, node and repetition: the cells of LMP, MCC and MLC by hour. */
  const nodes = new Map<string, { date: number; name: string; type: string; parts: Map<string, string[]> }>()
  for (const line of lines.slice(at + 1)) {
    if (line.every(cell => cell.trim() === '')) continue
    const date = day < 0 ? fileDate : parseStamp(line[day] ?? '')?.wall
    const component = (line[value] ?? '').trim().toUpperCase() || 'LMP'
    if (date === undefined || line.length < 5 || !['LMP', 'MCC', 'MLC'].includes(component)) {
      found.quarantined++
      continue
    }
    let repetition = 0
    let key = `${date} ${line[node]} ${repetition}`
    while (nodes.get(key)?.parts.has(component)) key = `${date} ${line[node]} ${++repetition}`
    const entry = nodes.get(key) ?? { date, name: line[node]!, type: line[type]!, parts: new Map() }
    entry.parts.set(component, line)
    nodes.set(key, entry)
  }

  const tail = rankTail(file)
  let place = 0
  for (const { date, name, type: word, parts } of nodes.values()) {
    for (const [column, cell] of header.entries()) {
      const hour = hourEnding(cell)
      if (!hour) continue
      const [lmp, congestion, loss] = ['LMP', 'MCC', 'MLC'].map(part => number(parts.get(part)?.[column])) as (
        | number
        | null
      )[]
      if ([lmp, congestion, loss].some(Number.isNaN)) {
        found.quarantined++
        continue
      }
      const start = date + (hour - 1) * HOUR + EST
      found.candidates.push({
        rank: [of.final ? 1 : 0, of.revision, ...tail, place++],
        row: energyRow({
          ...of,
          iso: 'MISO',
          start,
          end: start + HOUR,
          clock: estAllYear,
          location: name,
          id: name.trim(),
          type: TYPES[word.trim()] ?? 'OTHER',
          class: word.trim(),
          lmp: lmp!,
          energy: residual(lmp!, congestion!, loss!, 2),
          congestion: congestion!,
          loss: loss!,
        }),
      })
    }
  }
}

function readWeek(file: OracleFile, lines: string[][], of: Kind, found: Found) {
  const at = lines.findIndex(line => line.some(cell => cell.trim() === 'MKTHOUR_EST'))
  if (at < 0) return
  const header = lines[at]!.map(cell => cell.trim())
  const pick = (line: string[], name: string) => line[header.indexOf(name)]
  const tail = rankTail(file)
  for (const [place, line] of lines.slice(at + 1).entries()) {
    const stamp = parseStamp(pick(line, 'MKTHOUR_EST') ?? '')
    const [lmp, congestion, loss] = ['LMP', 'CON_LMP', 'LOSS_LMP'].map(name => number(pick(line, name))) as (
      | number
      | null
    )[]
    // Closing text: no time, or nothing but the first cell.
    if (!stamp && line.slice(1).every(cell => cell.trim() === '')) continue
    if (!stamp || [lmp, congestion, loss].some(Number.isNaN)) {
      found.quarantined++
      continue
    }
    const name = pick(line, 'PNODENAME')!
    const start = stamp.wall + EST
    found.candidates.push({
      rank: [1, of.revision, ...tail, place],
      row: energyRow({
        ...of,
        iso: 'MISO',
        start,
        end: start + 5 * MINUTE,
        clock: estAllYear,
        location: name,
        id: name.trim(),
        type: 'OTHER',
        class: null,
        lmp: lmp!,
        energy: residual(lmp!, congestion!, loss!, 2),
        congestion: congestion!,
        loss: loss!,
      }),
    })
  }
}

const STANDARD: [RegExp, string][] = [
  [/^REGMILEAGE/, 'REG_MOVEMENT'],
  [/REGMCP$/, 'REG'],
  [/SPINMCP$/, 'SPIN'],
  [/SUPPMCP$/, 'SUPPLEMENTAL'],
]

/** Two tables: MISO-wide prices, then one line per resource; all resources of a zone show the zone's price. */
function readPrices(file: OracleFile, lines: string[][], of: Kind, found: Found) {
  const isHeader = (line: string[]) => line[2]?.trim() === 'MCP Type'
  const date = marketDate(file, lines.slice(0, lines.findIndex(isHeader)))
  if (date === undefined) return
  const tail = rankTail(file)
  let header: string[] | undefined
  for (const [place, line] of lines.entries()) {
    if (isHeader(line)) {
      header = line
      continue
    }
    if (!header || line.every(cell => cell.trim() === '')) continue
    const wide = header[0]!.trim() === ''
    // The first table's own word, `MISO Wide`, is the schema's SYSTEM.
    const region = wide ? 'SYSTEM' : (line[1]?.trim() ?? '')
    const product = line[2]?.trim() ?? ''
    const standard = STANDARD.find(([pattern]) => pattern.test(product))?.[1] ?? 'OTHER'
    for (const [column, name] of header.entries()) {
      const hour = hourEnding(name)
      if (!hour) continue
      const price = number(line[column])
      if (price === null) {
        found.emptyCells++
        continue
      }
      if (Number.isNaN(price) || !region || !product) {
        found.quarantined++
        continue
      }
      const start = date + (hour - 1) * HOUR + EST
      found.candidates.push({
        rank: [of.final ? 1 : 0, of.revision, ...tail, place],
        row: ancillaryRow({
          ...of,
          iso: 'MISO',
          start,
          end: start + HOUR,
          clock: estAllYear,
          region,
          product,
          standard,
          side: /^(GEN|DEM|SER)/.exec(product)?.[1] ?? null,
          price,
          unit: standard === 'REG_MOVEMENT' ? '$/MW' : '$/MWh',
        }),
      })
    }
  }
}
