/** What the three oracles share: reading CSV, numbers, candidates, the winner rule and the sort order of SCHEMA.md. */
import { createHash } from 'node:crypto'
import { parse } from 'csv-parse/sync'
import { type Clock, timeColumns } from './time.js'

export interface OracleRow {
  dataset: string
  [column: string]: string | number | boolean | null
}

/** A published file, or one member of a zip (then with the member's own time). */
export interface OracleFile {
  name: string
  content: Buffer | string
  memberTime?: number
}

export interface OracleResult {
  rows: OracleRow[]
  /** Candidate rows; `read = rows.length + duplicateIdentical + superseded + quarantined`. */
  read: number
  duplicateIdentical: number
  superseded: number
  quarantined: number
  /** Ancillary-service cells without a price: they give no row and are not in `read`. */
  emptyCells: number
}

export interface Candidate {
  row: OracleRow
  /** Compared from left to right; the greater wins. */
  rank: (number | string)[]
}

/** What the readers of one ISO find in the files. */
export interface Found {
  candidates: Candidate[]
  quarantined: number
  emptyCells: number
}

export const ENERGY_PRICES = ['lmp', 'energy', 'congestion', 'loss', 'ghg']

const isAncillary = (row: OracleRow) => row.dataset.includes('_as_')

/** Records as arrays of text; lines without any character are left out. */
export function records(file: OracleFile): string[][] {
  const text = file.content.toString().replace(/^(\uFEFF|ï»¿)/, '')
  if (/^\s*[{<]/.test(text)) return []
  return parse(text, { relax_column_count: true, skip_empty_lines: true })
}

/** Number of a cell: null when empty, NaN when it is none. Quoted thousands, dollar signs and parentheses for negative occur in MISO files. Zero has no sign. */
export function number(cell: string | undefined): number | null {
  let text = (cell ?? '').trim()
  if (text === '') return null
  const parentheses = /^\(.*\)$/.test(text)
  text = text.replace(/[$,()]/g, '')
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return Number.NaN
  const value = Number(text) * (parentheses ? -1 : 1)
  return value === 0 ? 0 : value
}

/** a - b - c rounded to so many decimals (half away from zero), computed on whole millionths; null when one is missing. */
export function residual(a: number | null, b: number | null, c: number | null, decimals: number): number | null {
  if (a === null || b === null || c === null) return null
  const millionths = Math.round(a * 1e6) - Math.round(b * 1e6) - Math.round(c * 1e6)
  const unit = 10 ** (6 - decimals)
  const rounded = Math.sign(millionths) * Math.round(Math.abs(millionths) / unit)
  return rounded === 0 ? 0 : rounded / 10 ** decimals
}

export const sha256 = (file: OracleFile) => createHash('sha256').update(file.content).digest('hex')

/** Publication stamp and content: with the place in the content appended, the end of every rank. */
export const rankTail = (file: OracleFile): [number, string] => [file.memberTime ?? 0, sha256(file)]

interface Energy {
  dataset: string
  iso: string
  start: number
  end: number
  minutes: number
  clock: Clock
  run: string
  location: string
  id: string
  type: string
  class: string | null
  zone?: string | null
  voltage?: number | null
  lmp: number | null
  energy: number | null
  congestion: number | null
  loss: number | null
  revision: number
  final: boolean
  report: string
}

export function energyRow(of: Energy): OracleRow {
  return {
    dataset: of.dataset,
    ...timeColumns(of.start, of.end, of.minutes, of.clock),
    iso: of.iso,
    market: of.dataset.startsWith('da_') ? 'DA' : 'RT',
    market_run: of.run,
    location: of.location,
    location_id: of.id,
    location_type: of.type,
    location_class: of.class,
    zone: of.zone ?? null,
    voltage_kv: of.voltage ?? null,
    lmp: of.lmp,
    energy: of.energy,
    congestion: of.congestion,
    loss: of.loss,
    ghg: null,
    lmp_uncapped: null,
    revision: of.revision,
    is_final: of.final,
    source_report: of.report,
  }
}

interface Ancillary {
  dataset: string
  iso: string
  start: number
  end: number
  minutes: number
  clock: Clock
  run: string
  region: string
  product: string
  standard: string
  side?: string | null
  price: number
  unit: string
  cleared?: number | null
  requirement?: number | null
  revision: number
  final: boolean
  report: string
}

export function ancillaryRow(of: Ancillary): OracleRow {
  return {
    dataset: of.dataset,
    ...timeColumns(of.start, of.end, of.minutes, of.clock),
    iso: of.iso,
    market: of.dataset.startsWith('da_') ? 'DA' : 'RT',
    market_run: of.run,
    region: of.region,
    zone: null,
    product: of.product,
    product_standard: of.standard,
    resource_side: of.side ?? null,
    price: of.price,
    unit: of.unit,
    cleared_mw: of.cleared ?? null,
    requirement_mw: of.requirement ?? null,
    price_uncapped: null,
    revision: of.revision,
    is_final: of.final,
    source_report: of.report,
  }
}

export function keyOf(row: OracleRow): string {
  const columns = isAncillary(row)
    ? ['interval_start_utc', 'market_run', 'region', 'product', 'resource_side']
    : ['interval_start_utc', 'market_run', 'location_id', 'location_class']
  return JSON.stringify([row.dataset, ...columns.map(column => row[column])])
}

export const samePrices = (a: OracleRow, b: OracleRow) =>
  (isAncillary(a) ? ['price'] : ENERGY_PRICES).every(column => a[column] === b[column])

export function compareRank(a: readonly (number | string)[], b: readonly (number | string)[]): number {
  for (const [at, value] of a.entries()) if (value !== b[at]) return value < b[at]! ? -1 : 1
  return 0
}

/** Bytes of the UTF-8 text, as Parquet readers compare; null before any text. */
function compareText(a: string | number | boolean | null | undefined, b: typeof a): number {
  if (a === b) return 0
  if (a == null || b == null) return a == null ? (b == null ? 0 : -1) : 1
  return Buffer.compare(Buffer.from(String(a)), Buffer.from(String(b)))
}

const sortColumns = (row: OracleRow) =>
  isAncillary(row)
    ? ['region', 'product', 'interval_start_utc', 'resource_side', 'market_run']
    : ['location_id', 'location_class', 'interval_start_utc', 'market_run']

/** One winner per key; losers are counted; the winners sorted. */
export function settle(found: Found, lostBefore = { duplicateIdentical: 0, superseded: 0 }): OracleResult {
  const groups = new Map<string, Candidate[]>()
  for (const candidate of found.candidates) {
    const key = keyOf(candidate.row)
    const group = groups.get(key)
    if (group) group.push(candidate)
    else groups.set(key, [candidate])
  }
  const rows: OracleRow[] = []
  let { duplicateIdentical, superseded } = lostBefore
  for (const group of groups.values()) {
    const [winner, ...losers] = group.sort((a, b) => compareRank(b.rank, a.rank))
    rows.push(winner!.row)
    for (const loser of losers) {
      if (samePrices(loser.row, winner!.row)) duplicateIdentical++
      else superseded++
    }
  }
  rows.sort((a, b) => {
    for (const column of ['dataset', ...sortColumns(a)]) {
      const order = compareText(a[column], b[column])
      if (order !== 0) return order
    }
    return 0
  })
  const read = rows.length + duplicateIdentical + superseded + found.quarantined
  return { rows, read, duplicateIdentical, superseded, quarantined: found.quarantined, emptyCells: found.emptyCells }
}
