/** The words in which converters are written: where a value comes from and what is made of it. */
import type { Cell, CellText, FileContext, NumberCell, Wanted } from './report.js'

export const column = (...spellings: string[]): Wanted => ({ spellings, required: true })
export const maybe = (...spellings: string[]): Wanted => ({ spellings, required: false })

/** The text of a column that must be there. */
export const text = (...spellings: string[]): Cell => ({ wanted: [column(...spellings)], make: trimmed })
/** The text of a column that some vintages lack. */
export const textIf = (...spellings: string[]): Cell => ({ wanted: [maybe(...spellings)], make: trimmed })
/** The text at a position: only for columns without a name. */
export const textAt = (at: number): Cell => ({ wanted: [{ spellings: [], required: false, at }], make: trimmed })

export const fixed = (value: string | null): Cell => ({ wanted: [], make: () => value })

/** A named group of the file pattern. */
export const fromName = (group: string): Cell => ({
  wanted: [],
  perFile: true,
  make: (_, file) => file.groups[group] ?? null,
})

/** What the first pattern that matches in the path, folders and outer names included, stands for. */
export const fromPath = (patterns: readonly (readonly [RegExp, string])[]): Cell => ({
  wanted: [],
  perFile: true,
  make: (_, file) => patterns.find(([pattern]) => pattern.test(file.path))?.[1] ?? null,
})

/** Looks the text up; a text that is not in the table becomes `otherwise`, or stays as it is. */
export const mapped = (cell: Cell, table: Readonly<Record<string, CellText>>, otherwise?: CellText): Cell =>
  chain(cell, value => {
    if (value != null && Object.hasOwn(table, value)) return table[value]
    return otherwise === undefined ? value : otherwise
  })

/** Only these texts give a row in this lane; a record that gives none in any is rejected, unless `nothing` of its layout knows it. */
export const onlyIf = (cell: Cell, table: Readonly<Record<string, string>>): Cell =>
  chain(cell, value => (value != null && Object.hasOwn(table, value) ? table[value] : undefined))

/** The first pattern that matches says what the text becomes; `$1` stands for a group. */
export const matched = (
  cell: Cell,
  patterns: readonly (readonly [RegExp, string | null])[],
  otherwise?: CellText,
): Cell =>
  chain(cell, value => {
    for (const [pattern, result] of patterns) {
      const match = pattern.exec(value ?? '')
      if (match) return result === null ? null : result.replace(/\$(\d)/g, (_, group) => match[Number(group)] ?? '')
    }
    return otherwise === undefined ? value : otherwise
  })

/** The first that is not empty. */
export const first = (...cells: readonly Cell[]): Cell => ({
  wanted: cells.flatMap(cell => cell.wanted),
  perFile: cells.some(cell => cell.perFile),
  make: (texts, file) => {
    let at = 0
    for (const cell of cells) {
      const value = cell.make(texts.slice(at, at + cell.wanted.length), file)
      at += cell.wanted.length
      if (value != null && value !== '') return value
    }
    return null
  },
})

/**
 * An id that is an integer by nature, as digits: data frames print `51288.0` and `2.156113284e+09`. Any other text stays, and so
 * does a short `2.15611E+09`, in which a spreadsheet left out digits: as an integer it could be the id of another location.
 */
export const integerId = (cell: Cell): Cell =>
  chain(cell, value => {
    const float = /^(\d+)\.0*$/.exec(value ?? '')
    if (float) return float[1]
    const [, one = '', fraction = '', power = ''] = /^(\d)(?:\.(\d+))?e\+?(\d+)$/i.exec(value ?? '') ?? []
    const short = fraction.length < Math.min(Number(power), 7)
    return power === '' || short || fraction.length > Number(power) ? value : one + fraction.padEnd(Number(power), '0')
  })

/** Leading digits of a text such as `230 KV`; null when there are none. */
export const kilovolts = (cell: Cell): Cell => matched(cell, [[/^\s*(\d+(?:\.\d+)?)\s*(?:KV)?\s*$/i, '$1']], null)

export const number = (...spellings: string[]): NumberCell => ({ wanted: [column(...spellings)] })
export const numberIf = (...spellings: string[]): NumberCell => ({ wanted: [maybe(...spellings)] })
/** The first of these columns that is there and not empty. */
export const firstNumber = (...spellings: string[]): NumberCell => ({ wanted: spellings.map(each => maybe(each)) })
/** A number that says something only where the other column has one, too. */
export const numberBeside = (spelling: string, other: string): NumberCell => ({
  wanted: [maybe(spelling)],
  beside: maybe(other),
})
/** Rounds to decimals: only for sources that print the noise of binary fractions. */
export const rounded = (cell: NumberCell, decimals: number): NumberCell => ({ ...cell, decimals })
export const negated = (cell: NumberCell): NumberCell => ({ ...cell, negated: true })

function trimmed(texts: readonly string[]): string | null {
  const value = (texts[0] ?? '').trim()
  return value === '' ? null : value
}

function chain(cell: Cell, then: (value: CellText, file: FileContext) => CellText): Cell {
  return {
    wanted: cell.wanted,
    perFile: cell.perFile ?? false,
    make: (texts, file) => then(cell.make(texts, file), file),
  }
}
