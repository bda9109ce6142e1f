/** PJM Data Miner 2: rows, both a UTC and an Eastern stamp of the interval's beginning, versions in the rows. */
import {
  ancillaryRow,
  energyRow,
  type Found,
  number,
  type OracleFile,
  type OracleRow,
  rankTail,
  records,
  residual,
} from './common.js'
import { eastern, MINUTE, parseStamp, RowOrderClock } from './time.js'

const TYPES: Record<string, string> = {
  HUB: 'HUB',
  ZONE: 'ZONE',
  INTERFACE: 'INTERFACE',
  LOAD: 'LOAD',
  GEN: 'GEN',
  AGGREGATE: 'AGGREGATE',
  RESIDUAL_METERED_EDC: 'AGGREGATE',
  EHV: 'BUS',
  EXT: 'INTERFACE',
  TIE: 'INTERFACE',
}

/** Rank of the feed: settlement over verified over unverified. */
const SETTLEMENT = 2
const VERIFIED = 1
const UNVERIFIED = 0

/** Feeds named in a file's name; the longest name that fits is meant. */
const FEEDS = [
  'rt_unverified_fivemin_lmps',
  'unverified_five_min_lmps',
  'rt_unverified_hrl_lmps',
  'rt_fivemin_hrl_lmps',
  'rt_fivemin_mnt_lmps',
  'rt_da_monthly_lmps',
  'rt_hrl_lmps',
  'da_hrl_lmps',
  'ancillary_services_fivemin_hrl',
  'da_ancillary_services',
  'ancillary_services',
  'da_reserve_market_results',
  'reserve_market_results',
]

interface Line {
  rankTail: (number | string)[]
  start: number
  cell: (name: string) => string
  has: (name: string) => boolean
}

export function readPjm(files: readonly OracleFile[]): Found {
  const found: Found = { candidates: [], quarantined: 0, emptyCells: 0 }
  const reserves: Line[] = []
  for (const file of files) {
    const [header = [], ...rest] = records(file)
    const names = header.map(cell => cell.trim().toLowerCase())
    const has = (name: string) => names.includes(name)
    if (!has('datetime_beginning_utc') && !has('datetime_beginning_ept')) continue
    const order = new RowOrderClock(eastern)
    const lines: Line[] = []
    const tail = rankTail(file)
    for (const [place, record] of rest.entries()) {
      const cell = (name: string) => record[names.indexOf(name)] ?? ''
      const series = ['pnode_id', 'pnode_name', 'name', 'ancillary_service', 'locale', 'service', 'version_nbr']
        .map(cell)
        .join('\t')
      const stamp = parseStamp(
        cell(has('datetime_beginning_utc') ? 'datetime_beginning_utc' : 'datetime_beginning_ept'),
      )
      let start: number | undefined
      if (stamp && record.length >= names.length) {
        if (stamp.zone !== undefined) start = stamp.wall - stamp.zone * MINUTE
        else if (has('datetime_beginning_utc')) start = stamp.wall
        else start = order.next(series, stamp.wall)
      }
      if (start === undefined) found.quarantined++
      else lines.push({ rankTail: [...tail, place], start, cell, has })
    }
    const feed = feedOf(file.name, has, lines)
    if (feed === 'reserve_market_results') reserves.push(...lines)
    else if (feed === 'da_reserve_market_results') readReserves(lines, feed, () => 60, found)
    else if (feed?.includes('ancillary')) readServices(lines, feed, found)
    else if (feed) readEnergy(lines, feed, found)
  }
  // Hourly before the autumn of 2022, 5-minute since: an operating day with any stamp off the hour is 5-minute.
  const fine = new Set(reserves.filter(line => line.start % (60 * MINUTE) !== 0).map(line => easternDay(line.start)))
  readReserves(reserves, 'reserve_market_results', line => (fine.has(easternDay(line.start)) ? 5 : 60), found)
  return found
}

const easternDay = (instant: number) => new Date(instant + eastern(instant) * MINUTE).toISOString().slice(0, 10)

function feedOf(name: string, has: (name: string) => boolean, lines: Line[]): string | undefined {
  // A predecessor's downloads of the day-ahead feed bear the real-time feed's name and two dates.
  if (/ancillary_services_\d{4}-\d{2}-\d{2}_\d{4}-\d{2}-\d{2}/.test(name)) return 'da_ancillary_services'
  const named = FEEDS.find(feed => name.toLowerCase().includes(feed))
  if (named) return named
  if (has('total_lmp_da')) return has('total_lmp_rt') ? 'rt_da_monthly_lmps' : 'da_hrl_lmps'
  if (has('five_min_rtlmp')) return 'unverified_five_min_lmps'
  if (has('ref_caseid_used_multi_interval')) return 'rt_unverified_fivemin_lmps'
  if (has('total_lmp_rt') && !has('system_energy_price_rt')) return 'rt_unverified_hrl_lmps'
  if (has('total_lmp_rt'))
    return lines.some(line => line.start % (60 * MINUTE) !== 0) ? 'rt_fivemin_hrl_lmps' : 'rt_hrl_lmps'
  if (has('ancillary_service')) return 'ancillary_services'
  if (has('locale')) return has('reg_ccp') ? 'reserve_market_results' : 'da_reserve_market_results'
  return undefined
}

/** Settlement feed, current flag, version: the order of the winner, and what the row shows. */
function revisionOf(line: Line, standing: number) {
  const current = line.has('row_is_current') ? line.cell('row_is_current').trim().toLowerCase() === 'true' : true
  const published = line.has('version_nbr') ? Number(line.cell('version_nbr')) : undefined
  const revision = published ?? (standing === SETTLEMENT ? 2 : 1)
  return { rank: [standing, current ? 1 : 0, revision], revision, final: standing > UNVERIFIED && current }
}

const text = (cell: string) => (cell.trim() === '' ? null : cell.trim())

function readEnergy(lines: Line[], feed: string, found: Found) {
  const fine = feed.includes('five')
  const unverified = feed.includes('unverified')
  const standing = unverified ? UNVERIFIED : /_mnt_|monthly/.test(feed) ? SETTLEMENT : VERIFIED
  const sides = feed === 'rt_da_monthly_lmps' ? ['rt', 'da'] : [feed.startsWith('da_') ? 'da' : 'rt']
  for (const line of lines) {
    const { cell } = line
    const { rank, revision, final } = revisionOf(line, standing)
    const location = feed === 'unverified_five_min_lmps' ? cell('name') : cell('pnode_name')
    const kilovolts = /^\s*(\d+(\.\d+)?)/.exec(cell('voltage'))
    for (const side of sides) {
      const lmp = number(cell(feed === 'unverified_five_min_lmps' ? 'five_min_rtlmp' : `total_lmp_${side}`))
      const congestion = number(cell(`congestion_price_${side}`))
      const loss = number(cell(`marginal_loss_price_${side}`))
      const energy = unverified ? residual(lmp, congestion, loss, 6) : number(cell(`system_energy_price_${side}`))
      if (!location.trim() || [lmp, congestion, loss, energy].some(Number.isNaN)) {
        found.quarantined++
        continue
      }
      const minutes = fine ? 5 : 60
      found.candidates.push({
        rank: [...rank, ...line.rankTail],
        row: energyRow({
          dataset: side === 'da' ? 'da_energy_hourly' : fine ? 'rt_energy_5min' : 'rt_energy_hourly',
          iso: 'PJM',
          start: line.start,
          end: line.start + minutes * MINUTE,
          minutes,
          clock: eastern,
          run: side === 'da' ? 'DAM' : fine ? 'RTD' : 'RT_HOURLY',
          location,
          id: text(cell('pnode_id')) ?? location.trim(),
          type: TYPES[cell('type').trim()] ?? 'OTHER',
          class: text(cell('type')),
          zone: text(cell('zone')),
          voltage: kilovolts ? Number(kilovolts[1]) : null,
          lmp,
          energy,
          congestion,
          loss,
          revision,
          final,
          report: feed,
        }),
      })
    }
  }
}

const STANDARDS: [RegExp, string][] = [
  [/^regulation capability$/i, 'REG_CAPACITY'],
  [/^regulation performance$/i, 'REG_PERFORMANCE'],
  [/^(regulation|reg)$/i, 'REG'],
  [/^(non-synchronized reserve|nsr)$/i, 'NON_SPIN'],
  [/^(synchronized reserve|sr)$/i, 'SPIN'],
  [/^(primary reserve|pr)$/i, 'PRIMARY'],
  [/^(thirty minutes? reserve|30min|secondary reserve)$/i, 'OPERATING_30'],
]
const standardOf = (product: string) => STANDARDS.find(([pattern]) => pattern.test(product))?.[1] ?? 'OTHER'

function readServices(lines: Line[], feed: string, found: Found) {
  const minutes = feed.includes('fivemin') ? 5 : 60
  const ahead = feed.startsWith('da_')
  for (const line of lines) {
    const { cell } = line
    const { rank, revision, final } = revisionOf(line, VERIFIED)
    const [, area, product] = /^(?:(RTO|MAD) )?(.+)$/.exec(cell('ancillary_service').trim()) ?? []
    const unit = { price: '$/MWh', ratio: 'ratio' }[cell('unit').trim().toLowerCase()]
    const price = number(cell('value'))
    if (price === null) found.emptyCells++
    else if (!product || !unit || Number.isNaN(price)) found.quarantined++
    else
      found.candidates.push({
        rank: [...rank, ...line.rankTail],
        row: ancillaryRow({
          dataset: ahead ? 'da_as_hourly' : minutes === 5 ? 'rt_as_5min' : 'rt_as_hourly',
          iso: 'PJM',
          start: line.start,
          end: line.start + minutes * MINUTE,
          minutes,
          clock: eastern,
          run: ahead ? 'DAM' : minutes === 5 ? 'RTD' : 'RT_HOURLY',
          region: area ?? 'SYSTEM',
          product,
          standard: standardOf(product),
          price,
          unit,
          revision,
          final,
          report: feed,
        }),
      })
  }
}

const AREAS: Record<string, string> = {
  PJM_RTO: 'RTO',
  'PJM RTO Reserve Zone': 'RTO',
  'Mid-Atlantic/Dominion Reserve Subzone': 'MAD',
}

function readReserves(lines: Line[], feed: string, minutesOf: (line: Line) => number, found: Found) {
  const ahead = feed.startsWith('da_')
  for (const line of lines) {
    const { cell } = line
    const minutes = minutesOf(line)
    const locale = cell('locale').trim()
    const service = cell('service').trim()
    const prices: [string, string, number | null][] = [
      [service, standardOf(service), number(cell('mcp_capped')) ?? number(cell('mcp'))],
    ]
    if (service === 'REG') {
      prices.push(['REG_CAPACITY', 'REG_CAPACITY', number(cell('reg_ccp'))])
      prices.push(['REG_PERFORMANCE', 'REG_PERFORMANCE', number(cell('reg_pcp'))])
    }
    for (const [product, standard, price] of prices) {
      if (price === null) {
        found.emptyCells++
        continue
      }
      if (!service || Number.isNaN(price)) {
        found.quarantined++
        continue
      }
      const row: OracleRow = ancillaryRow({
        dataset: ahead ? 'da_as_hourly' : minutes === 5 ? 'rt_as_5min' : 'rt_as_hourly',
        iso: 'PJM',
        start: line.start,
        end: line.start + minutes * MINUTE,
        minutes,
        clock: eastern,
        run: ahead ? 'DAM' : minutes === 5 ? 'RTD' : 'RT_HOURLY',
        region: AREAS[locale] ?? (locale || 'SYSTEM'),
        product,
        standard,
        price,
        unit: '$/MWh',
        cleared: number(cell('total_mw')),
        requirement: number(cell('as_req_mw')),
        revision: 1,
        final: true,
        report: feed,
      })
      // What stands beside a capped price is the price before the cap.
      if (product === service && number(cell('mcp_capped')) !== null) row.price_uncapped = number(cell('mcp'))
      found.candidates.push({ row, rank: [VERIFIED, 1, 1, ...line.rankTail] })
    }
  }
}
