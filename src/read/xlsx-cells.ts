/**
 * What a workbook's cell says: numbers in their shortest exact form, dates as ISOs print them. A date is a number whose style
 * has a date's format; nothing else tells them apart.
 */

/** How the numbers of a style are meant. */
export type NumberKind = 'number' | 'date' | 'time' | 'elapsed'

/** Formats that every workbook has without declaring them; what is not here is a number. */
const BUILT_IN: readonly (readonly [number, number, NumberKind])[] = [
  [14, 17, 'date'],
  [18, 21, 'time'],
  [22, 22, 'date'],
  [27, 31, 'date'],
  [32, 35, 'time'],
  [36, 36, 'date'],
  [45, 45, 'time'],
  [46, 46, 'elapsed'],
  [47, 47, 'time'],
  [50, 58, 'date'],
]

export function kindOfFormat(id: number, code: string | undefined): NumberKind {
  if (code !== undefined) return kindOfCode(code)
  return BUILT_IN.find(([first, last]) => id >= first && id <= last)?.[2] ?? 'number'
}

function kindOfCode(code: string): NumberKind {
  if (/\[(h+|m+|s+)\]/i.test(code)) return 'elapsed'
  // Literal text, colours and conditions say nothing; what remains of a number has none of these letters.
  const bare = (code.split(';')[0] ?? '').replace(/"[^"]*"|\[[^\]]*\]|[\\_*]./g, '').replace(/general/i, '')
  if (/[yd]/i.test(bare)) return 'date'
  if (/[hs]/i.test(bare)) return 'time'
  return /m/i.test(bare) ? 'date' : 'number'
}

/** From 1899-12-30, the day 0 of the calendar in use, to 1970; workbooks made by old Macs count from 1904. */
const EPOCH = { 1900: 25_569, 1904: 24_107 } as const
/** The last day of the year 9999. */
const LAST_DAY = 2_958_465
const SECONDS = 86_400

/** `MM/DD/YYYY HH:MM:SS`, without the time where it is midnight; a time alone is `HH:MM:SS`. */
export function numberText(text: string, kind: NumberKind, from1904: boolean): string {
  const value = Number(text)
  if (text === '' || !Number.isFinite(value)) return text
  if (kind === 'number' || value < 0 || value > LAST_DAY) return String(value + 0)
  const seconds = Math.round(value * SECONDS)
  const clock = seconds % SECONDS
  if (kind === 'elapsed') return clockText(seconds)
  // A stamp in a format that hides its day is still a stamp.
  if (kind === 'time' && value <= 1) return clockText(clock)
  const day = new Date(((seconds - clock) / SECONDS - EPOCH[from1904 ? 1904 : 1900]) * SECONDS * 1000)
  const date = `${two(day.getUTCMonth() + 1)}/${two(day.getUTCDate())}/${String(day.getUTCFullYear()).padStart(4, '0')}`
  return clock === 0 ? date : `${date} ${clockText(clock)}`
}

/** A cell that holds its date as text, `2024-03-10T01:00:00`. */
export function isoText(text: string): string {
  const match = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d:\d\d:\d\d))?/.exec(text)
  if (!match) return text
  const [, year, month, day, clock = '00:00:00'] = match
  return clock === '00:00:00' ? `${month}/${day}/${year}` : `${month}/${day}/${year} ${clock}`
}

function clockText(seconds: number): string {
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
}

const two = (value: number): string => String(value).padStart(2, '0')

/** `C` of `C12` is column 2; -1 for what is no address. */
export function columnOf(address: string): number {
  let column = 0
  for (let at = 0; at < address.length; at++) {
    const letter = address.charCodeAt(at) & ~32
    if (letter < 65 || letter > 90) break
    column = column * 26 + letter - 64
  }
  return column - 1
}
