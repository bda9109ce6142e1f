/**
 * Decimal texts to doubles, equal to Number() bit for bit: the digits make an integer below 2^53 and the power of ten is
 * exact, so one division rounds once. Anything longer or odder takes the slow path through Number() itself.
 */

/** Result of the last `decimal` call. */
export const EMPTY = 1
export const INVALID = 2

export const status = { last: 0 }

const POWERS = Float64Array.from({ length: 23 }, (_, k) => Number(`1e${k}`))
const SPACE = 32
/** What spreadsheets, data frames and people print for a value that is not there. */
const NULL_WORD = /^(|-{1,3}|n\/?a|#n\/?a|<na>|nan|null|none)$/i
const QUOTE = 34

/** Value of bytes[from, to), blanks around it ignored; NaN with `status.last` EMPTY or INVALID when there is none. */
export function decimal(bytes: Uint8Array, from: number, to: number): number {
  let p = from
  let end = to
  while (p < end && (bytes[p] as number) <= SPACE) p++
  while (end > p && (bytes[end - 1] as number) <= SPACE) end--
  if (p === end) {
    status.last = EMPTY
    return Number.NaN
  }
  status.last = 0
  const start = p
  const negative = bytes[p] === 45
  if (negative) p++
  let point = -1
  const first = p
  // The first nine characters fit 32-bit integers, which are cheaper to build than doubles.
  let small = 0
  const soon = Math.min(end, p + 9)
  for (; p < soon; p++) {
    const digit = (bytes[p] as number) - 48
    if (digit >= 0 && digit <= 9) small = (Math.imul(small, 10) + digit) | 0
    else if (digit === -2 && point < 0) point = p
    else return odd(bytes, start, end)
  }
  let mantissa = small
  for (; p < end; p++) {
    const digit = (bytes[p] as number) - 48
    if (digit >= 0 && digit <= 9) mantissa = mantissa * 10 + digit
    else if (digit === -2 && point < 0) point = p
    else return odd(bytes, start, end)
  }
  const digits = end - first - (point < 0 ? 0 : 1)
  if (digits === 0 || digits > 15) return odd(bytes, start, end)
  const value = point < 0 ? mantissa : mantissa / (POWERS[end - point - 1] as number)
  // Negative zero is no price: 0 - 0 is +0.
  return negative ? 0 - value : value
}

/** Exponents, many digits, thousands separators, dollar signs, brackets for negative; EMPTY for null words; else INVALID. */
function odd(bytes: Uint8Array, from: number, to: number): number {
  let text = ''
  for (let p = from; p < to; p++) if (bytes[p] !== QUOTE) text += String.fromCharCode(bytes[p] as number)
  text = text.trim()
  if (NULL_WORD.test(text)) {
    status.last = EMPTY
    return Number.NaN
  }
  const bracketed = /^\((.*)\)$/.exec(text)
  const money = /^([-+]?)\$?(\d{1,3}(?:,\d{3})+(?:\.\d*)?|\d*\.?\d+(?:[eE][-+]?\d{1,3})?|\d+\.)$/.exec(
    bracketed?.[1] ?? text,
  )
  const value = money ? Number(`${money[1]}${money[2]?.replaceAll(',', '')}`) : Number.NaN
  if (!Number.isFinite(value)) {
    status.last = INVALID
    return Number.NaN
  }
  status.last = 0
  return (bracketed ? -value : value) + 0
}

/** Rounds to `places` decimals, half away from zero, without the noise of binary fractions. */
export function roundTo(value: number, places: number): number {
  const power = POWERS[places] as number
  const scaled = Math.abs(value) * power
  const rounded = Math.round(scaled + scaled * Number.EPSILON * 4) / power
  return value < 0 ? 0 - rounded : rounded
}
