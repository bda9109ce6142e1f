/** Values of Parquet columns as CSV prints them. */
import { quoted } from './csv.js'

/** `instant`: a moment in UTC; `wall`: date and time on a clock that is not said. */
export type Kind = 'instant' | 'wall' | 'single' | 'other' | 'nested'

interface Element {
  readonly type?: string | undefined
  readonly converted_type?: string | undefined
  readonly logical_type?: { readonly type: string; readonly isAdjustedToUTC?: boolean } | undefined
}

/** A stamp whose only mark is the old converted type is UTC by the format's rules; INT96 has no zone. */
export function kindOf({ type, converted_type, logical_type }: Element): Kind {
  if (logical_type?.type === 'TIMESTAMP') return logical_type.isAdjustedToUTC ? 'instant' : 'wall'
  if (converted_type?.startsWith('TIMESTAMP')) return 'instant'
  if (type === 'INT96') return 'wall'
  return type === 'FLOAT' ? 'single' : 'other'
}

/** Stamps become microseconds since 1970, days become their text. */
export const PARSERS = {
  timestampFromMilliseconds: (millis: bigint) => Number(millis) * 1000,
  timestampFromMicroseconds: (micros: bigint) => Number(micros),
  timestampFromNanoseconds: (nanos: bigint) => Math.floor(Number(nanos / 100n) / 10),
  dateFromDays: (days: number) => dateText(days),
  stringFromBytes: (bytes: Uint8Array) =>
    bytes && Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'),
}

/** Distinct stamps and texts that are kept at hand: columns repeat a few thousand of them. */
const MOST_REMEMBERED = 50_000

/** Texts of a column's values, from one place to another. */
export function columnTexts(values: ArrayLike<unknown>, kind: Kind): (from: number, to: number) => string[] {
  const make = { instant, wall, single, other, nested: () => '' }[kind]
  const known = new Map<unknown, string>()
  return (from, to) => {
    const texts = new Array<string>(to - from)
    let last: unknown
    let lastText = ''
    for (let at = from; at < to; at++) {
      const value = values[at]
      // Neighbours are often alike; prices seldom are, and are not worth remembering.
      if (value !== last || at === from) {
        last = value
        const remember = kind !== 'single' && (kind !== 'other' || typeof value === 'string')
        const found = remember ? known.get(value) : undefined
        lastText = found ?? make(value)
        if (remember && found === undefined && known.size < MOST_REMEMBERED) known.set(value, lastText)
      }
      texts[at - from] = lastText
    }
    return texts
  }
}

/** Nothing where there is no value; a float that is no number stands for none as well. */
function other(value: unknown): string {
  if (value === null || value === undefined || Number.isNaN(value)) return ''
  return typeof value === 'string' ? quoted(value) : String(value)
}

/** A 32-bit float in the fewest digits that mean it: 23.1, not 23.100000381469727. */
function single(value: unknown): string {
  if (typeof value !== 'number' || !Number.isFinite(value)) return other(value)
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits))
    if (Math.fround(short) === value) return String(short)
  }
  return String(Number(value.toPrecision(9)))
}

const instant = (value: unknown): string => (typeof value === 'number' ? `${stamp(value)}+00:00` : '')
const wall = (value: unknown): string => (typeof value === 'number' ? stamp(value) : '')

function stamp(micros: number): string {
  const date = new Date(Math.floor(micros / 1000))
  // The largest date of JavaScript is far beyond any market's.
  if (Number.isNaN(date.getTime())) return ''
  const text = date.toISOString().slice(0, 19).replace('T', ' ')
  const fraction = ((micros % 1_000_000) + 1_000_000) % 1_000_000
  return fraction === 0 ? text : `${text}.${String(fraction).padStart(6, '0')}`
}

function dateText(days: number): string {
  const date = new Date(days * 86_400_000)
  return Number.isNaN(date.getTime()) ? '' : date.toISOString().slice(0, 10)
}
