/**
 * Header lines to column positions. Columns are found by name, never by position; a required column that is missing is an
 * error that prints what was there, and a column that nobody mapped is noted.
 */
import { parse } from 'csv-parse/sync'
import { InputError } from '../model/errors.js'
import {
  type Cell,
  type HoursLayout,
  type Layout,
  type NumberCell,
  normalise,
  type Report,
  type Wanted,
} from '../model/report.js'

/** Lines before the header that a report may have: titles, dates, notes, sections of the PJM files of before 2018. */
export const PREAMBLE_LINES = 60

/** Cells of one line of text. Lenient: a header line is looked at before anybody knows what the file is. */
export function cellsOf(line: string): string[] {
  // Nearly every line: setting up a parser for it would cost more than all else that is done to recognise a file.
  if (!/["\r\n]/.test(line)) return line.split(',')
  const [cells] = parse(line, { relax_quotes: true, relax_column_count: true, skip_empty_lines: false }) as string[][]
  return cells ?? ['']
}

/** A header line is mostly plain; one that csv-parse refuses is split at its commas. */
export function headerCells(line: string): string[] {
  try {
    return cellsOf(line)
  } catch {
    return line.split(',')
  }
}

export class Header {
  #names: readonly string[] | undefined
  #isData: boolean | undefined

  constructor(readonly cells: readonly string[]) {}

  /** Only for lines that may be a header: most of the first lines of a file are data. */
  get names(): readonly string[] {
    this.#names ??= this.cells.map(normalise)
    return this.#names
  }

  /** A line with a decimal number in it is no header: not worth comparing with every report. */
  get isData(): boolean {
    this.#isData ??= this.cells.some(cell => /^\s*-?\d*\.\d+\s*$/.test(cell))
    return this.#isData
  }

  /** Position of a wanted column, -1 if it is not there. */
  find(wanted: Wanted): number {
    for (const spelling of wanted.spellings) {
      const name = normalise(spelling)
      const at = name === '' ? this.cells.findIndex(cell => cell.trim() === spelling) : this.names.indexOf(name)
      if (at >= 0) return at
    }
    return wanted.at !== undefined && wanted.at < this.names.length ? wanted.at : -1
  }

  has(spelling: string): boolean {
    return this.names.includes(normalise(spelling))
  }

  /** Positions of hour columns by their label: `HE 7` gives '7'. */
  hours(pattern: RegExp): { label: string; at: number }[] {
    const found: { label: string; at: number }[] = []
    this.cells.forEach((cell, at) => {
      const match = pattern.exec(cell.trim())
      if (match) found.push({ label: match[1] ?? '', at })
    })
    return found
  }
}

const wanted = new WeakMap<Report, readonly Wanted[]>()

/** Every column that a report reads. */
export function wantedOf(report: Report): readonly Wanted[] {
  let known = wanted.get(report)
  if (!known) wanted.set(report, (known = collectWanted(report)))
  return known
}

function collectWanted(report: Report): Wanted[] {
  const { layout } = report
  const cells: (Cell | undefined)[] = [...Object.values(layout.series), layout.nothing?.cell]
  const numbers: NumberCell[] = []
  const others: (Wanted | undefined)[] = [...report.time.wanted]
  if (layout.kind === 'rows') {
    numbers.push(...Object.values(layout.values))
    for (const lane of layout.lanes ?? []) {
      cells.push(...Object.values(lane.series))
      numbers.push(...Object.values(lane.values))
    }
    cells.push(layout.only?.cell, ...Object.values(layout.products?.series ?? {}))
    others.push(layout.current, layout.version, layout.corrected)
  } else if (layout.kind === 'components') {
    cells.push(layout.only?.cell)
    numbers.push(layout.value)
    others.push(layout.component)
  } else {
    others.push(layout.component?.wanted, layout.day)
  }
  return [
    ...cells.flatMap(cell => cell?.wanted ?? []),
    ...numbers.flatMap(cell => cell.wanted),
    ...others.filter(each => each !== undefined),
  ]
}

/** What keeps a line from being this report's header; null when it is the header. */
export function mismatch(report: Report, header: Header): string | null {
  const missing = wantedOf(report).filter(each => each.required && header.find(each) < 0)
  if (missing.length > 0) return `no column ${missing.map(each => each.spellings.join(' or ')).join(', ')}`
  const { needsOne } = report
  if (needsOne && !needsOne.some(spelling => header.has(spelling))) return `none of the columns ${needsOne.join(', ')}`
  const needed = (report.needs ?? []).find(spelling => !header.has(spelling))
  if (needed) return `no column ${needed}`
  const unwanted = (report.unless ?? []).find(spelling => header.has(spelling))
  if (unwanted) return `has a column ${unwanted}`
  const { layout, unnamed } = report
  if (unnamed !== undefined && !leadingBlanks(report, header, unnamed)) return MISPLACED
  if (layout.kind === 'hours') {
    const hours = header.hours(layout.hour).length
    if (hours < (layout.spread ? 23 : 23 * layout.values.length)) return `only ${hours} hour columns`
  }
  if (layout.kind === 'rows' && layout.products && productsOf(layout, header).length === 0) return 'no product column'
  return null
}

/** Of a line that is the header in all but the order of its columns: a later table's header does not make up for it. */
export const MISPLACED = 'columns without a name that are not the first ones'

/** Position says what a column without a name is, so all of them must stand where they are expected; trailing ones are none. */
function leadingBlanks(report: Report, header: Header, unnamed: number): boolean {
  const last = header.cells.findLastIndex(cell => cell.trim() !== '')
  const blanks = [...header.cells.keys()].filter(at => at < last && header.cells[at]?.trim() === '')
  const named = wantedOf(report).every(
    ({ at, spellings }) => at === undefined || spellings.some(each => header.has(each)),
  )
  return blanks.length === 0 ? named : blanks.length === unnamed && blanks.at(-1) === unnamed - 1
}

/** Hours of a header in order, with the columns of their values. A label that comes again is the repeated hour. */
export function hourColumns(layout: HoursLayout, header: Header): { label: string; at: number[] }[] {
  const width = layout.values.length
  const hours: { label: string; at: number[] }[] = []
  for (const { label, at } of header.hours(layout.hour)) {
    const last = hours.at(-1)
    if (layout.spread) {
      const again = hours.some(hour => hour.label === label)
      hours.push({ label: again ? `${label}X` : label, at: Array.from({ length: width }, (_, k) => at + k) })
    } else if (last && last.label === label && last.at.length < width) last.at.push(at)
    else hours.push({ label, at: [at] })
  }
  return hours
}

export interface Product {
  readonly attributes: Readonly<Record<string, string>>
  /** Columns that carry it; the first that is not empty counts. */
  readonly at: readonly number[]
}

/** Product columns of a header, left to right; columns that say the same product are one. */
export function productsOf(layout: Layout, header: Header): Product[] {
  if (layout.kind !== 'rows' || !layout.products) return []
  const found = new Map<string, { attributes: Record<string, string>; at: number[] }>()
  header.cells.forEach((cell, at) => {
    const name = cell.trim().replace(/[\s_]+/g, ' ')
    for (const [pattern, template] of layout.products?.match ?? []) {
      const match = pattern.exec(name)
      if (!match) continue
      const attributes = Object.fromEntries(
        Object.entries(template).map(([key, value]) => [
          key,
          value.replace(/\$(\d)/g, (_, group) => match[Number(group)] ?? ''),
        ]),
      )
      const key = JSON.stringify(attributes)
      const known = found.get(key)
      if (known) known.at.push(at)
      else found.set(key, { attributes, at: [at] })
      break
    }
  })
  return [...found.values()]
}

/** Positions of all columns that a report reads. */
export function neededColumns(report: Report, header: Header): Set<number> {
  const taken = new Set(wantedOf(report).map(each => header.find(each)))
  const { layout } = report
  if (layout.kind === 'hours') for (const hour of hourColumns(layout, header)) for (const at of hour.at) taken.add(at)
  for (const product of productsOf(layout, header)) for (const at of product.at) taken.add(at)
  return taken
}

/** Header names that neither the layout nor the list of known ones explains. */
export function unknownColumns(report: Report, header: Header): string[] {
  const taken = neededColumns(report, header)
  const known = new Set((report.known ?? []).map(normalise))
  return header.cells.filter((cell, at) => cell.trim() !== '' && !taken.has(at) && !known.has(normalise(cell)))
}

export function layoutError(report: Report, cells: readonly string[], file: string, line: number): InputError {
  const header = new Header(cells)
  const expected = [
    ...new Set(
      wantedOf(report)
        .filter(each => each.required)
        .map(each => each.spellings[0]),
    ),
  ].join(', ')
  const semicolons = cells.length === 1 && (cells[0] ?? '').includes(';') ? ' Separated by semicolons?' : ''
  return new InputError(
    'layout.unknown',
    `not the layout of ${report.id} (${mismatch(report, header) ?? 'no header found'}): expected columns ${expected}; found "${cells.join(',').slice(0, 300)}".${semicolons}`,
    { file, line },
  )
}
