/**
 * Whether a table that no report declares looks like prices: a time, a location (or a reserve product) and a number that is called a
 * price. It notices that an ISO has changed a format, and spares whoever declares the new one the search. Nothing is converted by it.
 *
 * Shadow prices of constraints do not count: they belong to no location, every archive has such files beside the prices, and a
 * notice that never goes away hides the one that matters.
 */
import { Header } from '../read/header.js'
import { type Column, guessTime, type TimeGuess } from './guess-time.js'
import {
  locationRank,
  type PriceKind,
  priceKind,
  saysClearing,
  saysConstraint,
  saysPrice,
  saysProduct,
  saysReserve,
  saysTime,
} from './header-words.js'

export interface Guess {
  /** A record is a row, a component of one (`kind` says which), or a day of hours across. */
  readonly layout: 'rows' | 'components' | 'hours'
  readonly separator: ',' | ';' | '\t' | '|'
  /** Line of the header, 1 is the first. */
  readonly line: number
  readonly header: readonly string[]
  readonly time: TimeGuess
  readonly location: string | null
  /** Of reserves. */
  readonly product: string | null
  /** The numbers: of a `rows` table the price columns, of `components` the one value column; none where hours stand across. */
  readonly prices: readonly string[]
  /** Columns by the part of the price that they are. */
  readonly components: Readonly<Partial<Record<PriceKind, string>>>
  /** The column that says what a record is, with the words in it and their meaning. */
  readonly kind: { readonly column: string; readonly words: Readonly<Record<string, PriceKind | null>> } | null
  readonly others: readonly string[]
  readonly first: readonly string[]
  readonly market: 'energy' | 'ancillary'
}

/** Lines among which the header is looked for. */
const PREAMBLE = 30
export const HOUR_ACROSS = /^(?:HE|HR|H|Hour)?[ _]?0?(\d{1,2})(?::?00)?$/i
const NUMBER = /^\$?\s*[-(]?\$?(\d[\d,]*\.?\d*|\.\d+)\)?(e[-+]?\d+)?$/i

/** @param lines the first lines of the file, split at commas */
export function guess(lines: readonly (readonly string[])[]): Guess | null {
  for (const separator of [',', ';', '\t', '|'] as const) {
    const split = separator === ',' ? lines : lines.map(cells => cells.join(',').split(separator))
    for (let at = 0; at < Math.min(PREAMBLE, split.length - 1); at++) {
      const header = (split[at] as readonly string[]).map(plain)
      if (header.filter(name => name !== '').length < 3 || new Header(header).isData) continue
      const found = guessBelow(split, at, header, separator)
      if (found) return found
    }
  }
  return null
}

const plain = (cell: string): string =>
  cell
    .trim()
    .replace(/^"(.*)"$/, '$1')
    .trim()

function guessBelow(
  lines: readonly (readonly string[])[],
  at: number,
  header: readonly string[],
  separator: Guess['separator'],
): Guess | null {
  // ISO-NE repeats the tag H on a line of types.
  const rows = lines
    .slice(at + 1)
    .map(cells => cells.map(plain))
    .filter(cells => cells.length >= header.length - 1 && !(header[0] === 'H' && cells[0] !== 'D'))
    .filter(cells => cells.some(cell => cell !== ''))
  const [first] = rows
  if (!first || header.some(saysConstraint)) return null
  const columns = header
    .map((name, place) => ({
      name,
      at: place,
      cells: rows.map(cells => cells[place] ?? '').filter(cell => cell !== ''),
    }))
    .filter(column => column.name !== '' && !(column.at === 0 && column.name === 'H'))
  const across = columns.filter(column => HOUR_ACROSS.test(column.name))
  const rest = columns.filter(column => !across.includes(column))
  const hours = across.length >= 23
  const values = valuesOf(hours ? rest : columns, hours, lines.slice(0, at))
  const time = values && guessTime(hours ? rest : columns, hours)
  if (!values || !time) return null
  const location = locationOf(rest, values.kind?.column)
  const product = columns.find(column => saysProduct(column.name) && column.cells.some(cell => !isNumber(cell)))
  if (!location && !product) return null
  const used = new Set<string | undefined>([
    ...time.columns,
    time.interval,
    time.repeated,
    location,
    product?.name,
    values.kind?.column,
    ...values.prices,
    ...Object.values(values.components),
  ])
  const clearing = [...values.prices, ...Object.keys(values.kind?.words ?? {})].some(saysClearing)
  const reserves = [location ?? '', ...values.prices].some(saysReserve)
  return {
    layout: hours ? 'hours' : values.kind ? 'components' : 'rows',
    separator,
    line: at + 1,
    header,
    time,
    location: location ?? null,
    product: product?.name ?? null,
    ...values,
    others: rest.map(column => column.name).filter(name => !used.has(name)),
    first,
    market: (product && (clearing || !location)) || reserves ? 'ancillary' : 'energy',
  }
}

type Values = Pick<Guess, 'prices' | 'components' | 'kind'>

function valuesOf(columns: readonly Column[], hours: boolean, above: readonly (readonly string[])[]): Values | null {
  const kind = kindOf(columns)
  if (hours) {
    const heading = above.some(cells => cells.some(cell => /lb?mps?\b|\bmcp|price/i.test(cell)))
    return kind || heading ? { prices: [], components: {}, kind } : null
  }
  const numbers = columns.filter(column => column.cells.some(isNumber) && column.cells.every(isNumber))
  const value = numbers.find(column => /^(value|mw|prc|price|amount)$/i.test(column.name))
  if (kind && value) return { prices: [value.name], components: {}, kind }
  const priced = numbers.filter(column => !saysTime(column.name)).map(({ name }) => ({ name, kind: priceKind(name) }))
  const components: Partial<Record<PriceKind, string>> = {}
  for (const each of priced) if (each.kind && each.kind !== 'price') components[each.kind] ??= each.name
  let prices = priced.filter(each => each.kind === 'price').map(each => each.name)
  const { energy } = components
  if (prices.length === 0 && energy !== undefined && saysPrice(energy)) {
    prices = [energy]
    delete components.energy
  }
  return prices.length > 0 ? { prices, components, kind: null } : null
}

/** A column whose words are names of prices: `LMP`, `MCC`, `Price`. */
function kindOf(columns: readonly Column[]): Guess['kind'] {
  for (const { name, cells } of columns) {
    const words = [...new Set(cells)]
    const kinds = words.map(word => [word, priceKind(word)] as const)
    if (words.length > 40 || locationRank(name) >= 0 || !kinds.some(([, kind]) => kind === 'price')) continue
    if (words.some(isNumber)) continue
    return { column: name, words: Object.fromEntries(kinds) }
  }
  return null
}

function locationOf(columns: readonly Column[], except: string | undefined): string | undefined {
  const [best] = columns
    .filter(column => column.name !== except && !saysProduct(column.name) && priceKind(column.name) === null)
    .map(column => ({ ...column, rank: locationRank(column.name) }))
    .filter(column => column.rank >= 0 && column.cells.length > 0)
    .sort((a, b) => a.rank - b.rank)
  return best?.name
}

function isNumber(cell: string): boolean {
  return NUMBER.test(cell)
}

/** In one line, for a report. */
export function guessText({ time, location, product, prices, kind }: Guess): string {
  const where = location === null ? `product "${product}"` : `location "${location}"`
  const when = time.columns.length > 0 ? time.columns.map(name => `"${name}"`).join(' and ') : 'in its name or above'
  const what = kind ? `"${kind.column}"` : prices.map(name => `"${name}"`).join(', ')
  return `time ${when}, ${where}, price ${what}`
}
