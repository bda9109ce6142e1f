/**
 * Workbooks (XLSX): each worksheet is a table, streamed as the text that the sheet would be as CSV. Of a workbook only its shared
 * strings are held (xlsx-strings.ts); a sheet passes through row by row, whatever its size.
 */
import { InputError } from '../model/errors.js'
import { CsvText, quoted } from './csv.js'
import { columnOf, isoText, kindOfFormat, type NumberKind, numberText } from './xlsx-cells.js'
import { SharedStrings } from './xlsx-strings.js'
import { type XmlEvents, XmlReader } from './xml.js'
import type { ZipEntry } from './zip.js'
import { decode, locate } from './zip-entry.js'
import type { Sheet, ZipLimits, ZipStep } from './zip-model.js'
import type { ByteSource } from './zip-source.js'

/** Columns up to which a sheet is a table; the widest report has about 100. */
const MOST_COLUMNS = 1024
/** A workbook's own last row. */
const MOST_ROWS = 1 << 20
/** Bytes of the parts that are read whole: the list of sheets, their places, styles. */
const LARGEST_PART = 16 << 20

type Attributes = Readonly<Record<string, string>>

/** Worksheets in the order of their tabs; charts and macros are none. Throws InputError file.workbook. */
export async function sheetsOf(
  source: ByteSource,
  entries: readonly ZipEntry[],
  where: string,
  limits: ZipLimits,
): Promise<Sheet[]> {
  const parts = new Map(entries.map(entry => [entry.name.replace(/^\//, ''), stepOf(entry)]))
  const book = parts.get('xl/workbook.xml')
  const links = parts.get('xl/_rels/workbook.xml.rels')
  if (!book || !links) return []
  const targets = new Map<string, string>()
  const kinds = new Map<string, string>()
  await readPart(source, links, where, limits, (name, attributes) => {
    if (name !== 'Relationship') return
    const { Id = '', Target = '', Type = '' } = attributes
    const path = Target.startsWith('/') ? Target.slice(1) : `xl/${Target.replace(/^\.\//, '')}`
    targets.set(Id, path)
    kinds.set(Type.slice(Type.lastIndexOf('/') + 1), path)
    kinds.set(`${Id} kind`, Type.slice(Type.lastIndexOf('/') + 1))
  })
  const found: { name: string; link: string }[] = []
  let date1904 = false
  await readPart(source, book, where, limits, (name, attributes) => {
    if (name === 'workbookPr') date1904 = /^(1|true)$/i.test(attributes.date1904 ?? '')
    if (name === 'sheet') found.push({ name: attributes.name ?? '', link: linkOf(attributes) })
  })
  const strings = parts.get(kinds.get('sharedStrings') ?? '')
  const styles = parts.get(kinds.get('styles') ?? '')
  return found.flatMap(({ name, link }) => {
    const step = parts.get(targets.get(link) ?? '')
    if (!step || kinds.get(`${link} kind`) !== 'worksheet') return []
    const shared = { ...(strings ? { strings } : {}), ...(styles ? { styles } : {}), date1904 }
    return [{ name: name.replace(/\p{Cc}/gu, '\uFFFD'), step, ...shared }]
  })
}

/** `r:id`, under whatever prefix the workbook gives to that namespace. */
function linkOf(attributes: Attributes): string {
  const name = Object.keys(attributes).find(each => /:id$/.test(each))
  return name ? (attributes[name] ?? '') : ''
}

function stepOf({ offset, compressedSize, size, method, crc32 }: ZipEntry): ZipStep {
  return { offset, compressedSize, size, method: method === 0 ? 0 : 8, crc32 }
}

async function* bytesOf(source: ByteSource, step: ZipStep, where: string, limits: ZipLimits): AsyncGenerator<Buffer> {
  yield* decode(source, await locate(source, step, where, limits), where)
}

async function readPart(
  source: ByteSource,
  step: ZipStep,
  where: string,
  limits: ZipLimits,
  open: (name: string, attributes: Attributes) => void,
): Promise<void> {
  if (step.size > LARGEST_PART)
    throw new InputError('file.workbook', `a part of ${step.size} bytes; at most ${LARGEST_PART} are read`, {
      file: where,
    })
  const reader = new XmlReader(where, { open, text: () => {}, close: () => {} })
  for await (const chunk of bytesOf(source, step, where, limits)) reader.write(chunk)
  reader.end()
}

/** Streams a sheet as CSV. Row n of the sheet is line n of the text. Throws InputError file.workbook, zip.crc and the like. */
export async function* sheetText(
  source: ByteSource,
  sheet: Sheet,
  where: string,
  limits: ZipLimits,
): AsyncGenerator<Buffer> {
  const strings = new SharedStrings(where)
  if (sheet.strings) {
    const reader = new XmlReader(where, strings)
    for await (const chunk of bytesOf(source, sheet.strings, where, limits)) reader.write(chunk)
    reader.end()
  }
  const styles = sheet.styles ? await stylesOf(source, sheet.styles, where, limits) : []
  const text = new CsvText()
  const rows = new SheetRows(text, strings, styles, sheet.date1904, where)
  const reader = new XmlReader(where, rows)
  for await (const chunk of bytesOf(source, sheet.step, where, limits)) {
    // Small pieces, so that what waits to be given out stays small as well.
    for (let at = 0; at < chunk.length; at += 1 << 16) {
      reader.write(chunk.subarray(at, at + (1 << 16)))
      if (text.full) yield text.take()
    }
  }
  reader.end()
  if (!text.empty) yield text.take()
}

/** The kind of number per style, in the order in which cells name them. */
async function stylesOf(source: ByteSource, step: ZipStep, where: string, limits: ZipLimits): Promise<NumberKind[]> {
  const codes = new Map<number, string>()
  const styles: NumberKind[] = []
  let inside = false
  await readPart(source, step, where, limits, (name, attributes) => {
    if (name === 'numFmt') codes.set(Number(attributes.numFmtId), attributes.formatCode ?? '')
    else if (name === 'cellXfs') inside = true
    else if (name === 'cellStyles' || name === 'dxfs') inside = false
    else if (name === 'xf' && inside) {
      const id = Number(attributes.numFmtId ?? 0)
      styles.push(kindOfFormat(id, codes.get(id)))
    }
  })
  return styles
}

/** From the tags of a sheet to lines of text. */
class SheetRows implements XmlEvents {
  #row = 0
  /** Cells of the row at hand; all rows are as wide as the widest so far, as a spreadsheet saves them. */
  #cells: string[] = []
  #width = 0
  #column = -1
  #type = ''
  #style = 0
  #value = ''
  #inside = false
  #phonetic = 0

  constructor(
    readonly lines: CsvText,
    readonly strings: SharedStrings,
    readonly styles: readonly NumberKind[],
    readonly from1904: boolean,
    readonly where: string,
  ) {}

  open(name: string, attributes: Attributes): void {
    if (name === 'v' || name === 't') this.#inside = this.#phonetic === 0
    else if (name === 'c') this.#begin(attributes)
    else if (name === 'row') this.#beginRow(attributes.r)
    else if (name === 'rPh') this.#phonetic++
  }

  text(text: string): void {
    if (this.#inside) this.#value += text
  }

  close(name: string): void {
    if (name === 'v' || name === 't') this.#inside = false
    else if (name === 'c') this.#end()
    else if (name === 'row') this.#endRow()
    else if (name === 'rPh') this.#phonetic--
  }

  #beginRow(given: string | undefined): void {
    const row = given === undefined ? this.#row + 1 : Number(given)
    if (!(row > this.#row && row <= MOST_ROWS)) throw this.#refuse(`row ${given} stands behind row ${this.#row}`)
    for (this.#row++; this.#row < row; this.#row++) this.lines.line([])
    this.#cells = []
    this.#column = -1
  }

  #begin({ r, t = 'n', s }: Attributes): void {
    this.#column = r === undefined ? this.#column + 1 : columnOf(r)
    this.#type = t
    this.#style = s === undefined ? 0 : Number(s)
    this.#value = ''
  }

  #end(): void {
    const text = this.#cellText()
    if (text === '') return
    if (!(this.#column >= 0 && this.#column < MOST_COLUMNS))
      throw this.#refuse(`a cell in column ${this.#column + 1} of row ${this.#row}; at most ${MOST_COLUMNS} are read`)
    for (let at = this.#cells.length; at <= this.#column; at++) this.#cells.push('')
    this.#cells[this.#column] = text
  }

  #cellText(): string {
    const value = this.#value
    if (value === '') return ''
    switch (this.#type) {
      case 's':
        return this.strings.at(Number(value))
      case 'b':
        return value === '1' || value === 'true' ? 'TRUE' : 'FALSE'
      case 'n':
        return numberText(value.trim(), this.styles[this.#style] ?? 'number', this.from1904)
      case 'd':
        return isoText(value)
      default:
        return quoted(value)
    }
  }

  #endRow(): void {
    const cells = this.#cells
    if (cells.length > this.#width) this.#width = cells.length
    if (cells.length > 0) for (let at = cells.length; at < this.#width; at++) cells.push('')
    this.lines.line(cells)
  }

  #refuse(reason: string): InputError {
    return new InputError('file.workbook', `${reason}. Save the sheet as CSV`, { file: this.where })
  }
}
