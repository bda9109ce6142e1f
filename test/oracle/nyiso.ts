/** NYISO: local stamps without offset, real-time stamps at the interval's end, congestion with the opposite sign, days won whole. */
import {
  ancillaryRow,
  type Candidate,
  compareRank,
  energyRow,
  type Found,
  keyOf,
  number,
  type OracleFile,
  rankTail,
  records,
  residual,
  samePrices,
} from './common.js'
import { eastern, HOUR, instantsOf, MINUTE, parseStamp, RowOrderClock } from './time.js'

const NAME =
  /^(\d{4})(\d{2})(\d{2})(damlbmp_zone|damlbmp_gen|realtime_zone|realtime_gen|rtlbmp_zone|rtlbmp_gen|damasp|rtasp)\.csv$/
const PROXIES = ['H Q', 'NPX', 'O H', 'PJM']

const KINDS: Record<string, { dataset: string; run: string; minutes: number }> = {
  damlbmp: { dataset: 'da_energy_hourly', run: 'DAM', minutes: 60 },
  rtlbmp: { dataset: 'rt_energy_hourly', run: 'RT_HOURLY', minutes: 60 },
  realtime: { dataset: 'rt_energy_5min', run: 'RTD', minutes: 5 },
  damasp: { dataset: 'da_as_hourly', run: 'DAM', minutes: 60 },
  rtasp: { dataset: 'rt_as_5min', run: 'RTD', minutes: 5 },
}

/** One copy of one report's day. */
interface Copy {
  day: string
  candidates: Candidate[]
  lastStamp: number
  file: OracleFile
}

export function readNyiso(files: readonly OracleFile[]) {
  const found: Found = { candidates: [], quarantined: 0, emptyCells: 0 }
  const lost = { duplicateIdentical: 0, superseded: 0 }
  const days = new Map<string, Copy[]>()
  for (const file of files) {
    const copy = readDay(file, found)
    if (copy) days.set(copy.day, [...(days.get(copy.day) ?? []), copy])
  }
  for (const copies of days.values()) {
    const rank = (copy: Copy) => [copy.lastStamp, copy.file.memberTime === undefined ? 0 : 1, ...rankTail(copy.file)]
    const [winner, ...losers] = copies.sort((a, b) => compareRank(rank(b), rank(a)))
    found.candidates.push(...winner!.candidates)
    const won = new Map(winner!.candidates.map(candidate => [keyOf(candidate.row), candidate.row]))
    for (const { row } of losers.flatMap(copy => copy.candidates)) {
      const partner = won.get(keyOf(row))
      if (partner && samePrices(partner, row)) lost.duplicateIdentical++
      else lost.superseded++
    }
  }
  return { found, lost }
}

/** Interval of each stamp: hourly stamps are starts; RTD stamps are ends, and the start is the series' previous stamp. */
class Intervals {
  private readonly order = new RowOrderClock(eastern)
  private readonly previous = new Map<string, { start: number; end: number }>()
  lastStamp = Number.NEGATIVE_INFINITY
  constructor(
    private readonly midnight: number,
    private readonly minutes: number,
  ) {}

  next(series: string, stamp: string, zone: string): { start: number; end: number } | undefined {
    const wall = parseStamp(stamp)?.wall
    if (wall === undefined) return undefined
    const byOrder = this.order.next(series, wall)
    const instant = zone === 'EDT' ? wall + 4 * HOUR : zone === 'EST' ? wall + 5 * HOUR : byOrder
    if (instant === undefined || instantsOf(wall, eastern).length === 0) return undefined
    this.lastStamp = Math.max(this.lastStamp, instant)
    if (this.minutes === 60) return { start: instant, end: instant + HOUR }
    const before = this.previous.get(series) ?? { start: Number.NaN, end: this.midnight }
    let start = before.end
    const gap = instant - before.end
    if (gap === 0) start = before.start
    else if (!(gap > 0 && gap <= 15 * MINUTE)) start = instant - 5 * MINUTE
    if (Number.isNaN(start)) start = instant - 5 * MINUTE
    const interval = { start, end: instant }
    this.previous.set(series, interval)
    return interval
  }
}

function readDay(file: OracleFile, found: Found): Copy | undefined {
  const named = NAME.exec(file.name)
  if (!named) return undefined
  const [, year, month, date, report] = named as unknown as [string, string, string, string, string]
  const kind = KINDS[report.replace(/_(zone|gen)$/, '')]!
  const midnight = instantsOf(Date.UTC(Number(year), Number(month) - 1, Number(date)), eastern)[0]!
  const intervals = new Intervals(midnight, kind.minutes)
  const [header = [], ...rest] = records(file)
  const names = header.map(cell => cell.trim())
  const column = (start: string) => names.findIndex(name => name.startsWith(start))
  const candidates: Candidate[] = []
  const ancillary = report.endsWith('asp')
  for (const [place, record] of rest.entries()) {
    const name = record[column('Name')] ?? ''
    const ptid = (record[column('PTID')] ?? '').trim()
    const interval = intervals.next(
      ptid,
      record[column('Time Stamp')] ?? '',
      (record[column('Time Zone')] ?? '').trim(),
    )
    if (!interval) {
      found.quarantined++
      continue
    }
    const base = { ...kind, ...interval, iso: 'NYISO', clock: eastern, revision: 1, final: true, report }
    const rank = [place]
    if (ancillary) {
      for (const price of ancillaryPrices(names, record, name.trim())) {
        if (price.price === null) found.emptyCells++
        else if (Number.isNaN(price.price)) found.quarantined++
        else candidates.push({ rank, row: ancillaryRow({ ...base, ...price, price: price.price }) })
      }
      continue
    }
    const lmp = number(record[column('LBMP')])
    const loss = number(record[column('Marginal Cost Losses')])
    const published = number(record[column('Marginal Cost Congestion')])
    if (!ptid || [lmp, loss, published].some(Number.isNaN)) {
      found.quarantined++
      continue
    }
    // Published congestion has the opposite sign; zero stays plain zero.
    const congestion = published === null ? null : published === 0 ? 0 : -published
    const word = report.endsWith('_zone') ? 'ZONE' : 'GEN'
    let type = word
    if (word === 'ZONE' && PROXIES.includes(name.trim())) type = 'INTERFACE'
    if (name.trim() === 'NYISO_LBMP_REFERENCE') type = 'REFERENCE'
    const energy = residual(lmp, loss, congestion, 2)
    candidates.push({
      rank,
      row: energyRow({ ...base, location: name, id: ptid, type, class: word, lmp, energy, congestion, loss }),
    })
  }
  return { day: `${year}${month}${date}${report}`, candidates, lastStamp: intervals.lastStamp, file }
}

const PRODUCTS: [RegExp, string, string, string][] = [
  [/^10 min(ute)? spinning/i, '10 Min Spinning Reserve', 'SPIN', '$/MWh'],
  [/^10 min(ute)? non-sync/i, '10 Min Non-Synchronous Reserve', 'NON_SPIN', '$/MWh'],
  [/^30 min(ute)? operating/i, '30 Min Operating Reserve', 'OPERATING_30', '$/MWh'],
  [/regulation movement/i, 'NYCA Regulation Movement', 'REG_MOVEMENT', '$/MW'],
  [/regulation/i, 'NYCA Regulation Capacity', 'REG_CAPACITY', '$/MWh'],
]

/** All products of one record. Zone rows (since 2016-06-23) or region columns (before); of a column printed twice the first filled cell counts. */
function ancillaryPrices(names: string[], record: string[], zone: string) {
  const prices = new Map<
    string,
    { region: string; product: string; standard: string; unit: string; price: number | null }
  >()
  for (const [at, name] of names.entries()) {
    const plain = name
      .replace(/ ?\(\$.*$/, '')
      .replace(/\s+/g, ' ')
      .trim()
    const [, prefix, rest] = /^(?:(East|West|SENY) )?(.*)$/i.exec(plain) as unknown as [
      string,
      string | undefined,
      string,
    ]
    const product = PRODUCTS.find(([pattern]) => pattern.test(rest))
    if (!product) continue
    const region = zone || prefix?.toUpperCase() || 'NYCA'
    const key = `${region}/${product[1]}`
    const known = prices.get(key)
    if (known && known.price !== null) continue
    prices.set(key, { region, product: product[1], standard: product[2], unit: product[3], price: number(record[at]) })
  }
  return prices.values()
}
