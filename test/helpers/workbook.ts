/** Writes workbooks for tests, and reads them naively, by regular expressions, so that nothing of src judges itself. */
import { inflateRawSync } from 'node:zlib'
import { makeZip } from './zip.js'

/** A number, a text (shared), or a cell's own XML without its address. */
export type WorkbookCell = number | string | null | { readonly attributes: string; readonly inner: string }

export interface SheetSpec {
  readonly name: string
  /** Rows from the first on; null leaves one out. */
  readonly rows?: readonly (readonly WorkbookCell[] | null)[]
  /** The whole sheet instead. */
  readonly xml?: string
  readonly type?: 'worksheet' | 'chartsheet'
}

export interface WorkbookSpec {
  readonly styles?: string
  readonly date1904?: boolean
  /** Strings in the cells instead of shared ones. */
  readonly inline?: boolean
  /** The part of shared strings, instead of what the cells say. */
  readonly strings?: string
}

const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
const letter = (column: number): string =>
  (column >= 26 ? letter(Math.floor(column / 26) - 1) : '') + String.fromCharCode(65 + (column % 26))

export function makeWorkbook(sheets: readonly SheetSpec[], spec: WorkbookSpec = {}): Buffer {
  const strings = new Map<string, number>()
  const cellXml = (cell: WorkbookCell, address: string): string => {
    if (cell === null) return ''
    if (typeof cell === 'number') return `<c r="${address}"><v>${cell}</v></c>`
    if (typeof cell === 'object') return `<c r="${address}" ${cell.attributes}>${cell.inner}</c>`
    if (spec.inline) return `<c r="${address}" t="inlineStr"><is><t xml:space="preserve">${escaped(cell)}</t></is></c>`
    const at = strings.get(cell) ?? strings.size
    strings.set(cell, at)
    return `<c r="${address}" t="s"><v>${at}</v></c>`
  }
  const parts = sheets.map(({ rows = [], xml }) => {
    if (xml !== undefined) return xml
    const lines = rows.map((row, at) =>
      row ? `<row r="${at + 1}">${row.map((cell, k) => cellXml(cell, `${letter(k)}${at + 1}`)).join('')}</row>` : '',
    )
    return `<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="m"><sheetData>${lines.join('')}</sheetData></worksheet>`
  })
  const kind = (sheet: SheetSpec) => sheet.type ?? 'worksheet'
  const relations = sheets.map(
    (sheet, at) =>
      `<Relationship Id="rId${at + 1}" Type="http://x/relationships/${kind(sheet)}" Target="worksheets/s${at + 1}.xml"/>`,
  )
  const listed = sheets.map(
    ({ name }, at) => `<sheet name="${escaped(name)}" sheetId="${at + 1}" r:id="rId${at + 1}"/>`,
  )
  const shared =
    spec.strings ??
    `<sst xmlns="m">${[...strings.keys()].map(text => `<si><t>${escaped(text)}</t></si>`).join('')}</sst>`
  return makeZip([
    { name: '[Content_Types].xml', data: '<Types/>' },
    {
      name: 'xl/workbook.xml',
      data: `<workbook xmlns:r="r"><workbookPr${spec.date1904 ? ' date1904="1"' : ''}/><sheets>${listed.join('')}</sheets></workbook>`,
    },
    {
      name: 'xl/_rels/workbook.xml.rels',
      data: `<Relationships>${relations.join('')}<Relationship Id="a" Type="http://x/relationships/sharedStrings" Target="sharedStrings.xml"/><Relationship Id="b" Type="http://x/relationships/styles" Target="/xl/styles.xml"/></Relationships>`,
    },
    ...parts.map((data, at) => ({ name: `xl/worksheets/s${at + 1}.xml`, data })),
    { name: 'xl/sharedStrings.xml', data: shared },
    { name: 'xl/styles.xml', data: spec.styles ?? '<styleSheet><cellXfs><xf numFmtId="0"/></cellXfs></styleSheet>' },
  ])
}

/** Sheets of a simple workbook as rows of texts, in the order of its tabs. */
export function naiveSheets(bytes: Buffer): Map<string, string[][]> {
  const parts = naiveZip(bytes)
  const text = (name: string) => (parts.get(name) ?? Buffer.alloc(0)).toString('utf8')
  const all = (pattern: RegExp, from: string) => [...from.matchAll(pattern)]
  const strings = all(/<si>.*?<t[^>]*>(.*?)<\/t>.*?<\/si>/gs, text('xl/sharedStrings.xml')).map(
    ([, found = '']) => found,
  )
  const targets = new Map(
    all(/<Relationship [^>]*>/g, text('xl/_rels/workbook.xml.rels')).map(([tag]) => [
      /Id="([^"]*)"/.exec(tag)?.[1],
      /Target="([^"]*)"/.exec(tag)?.[1] ?? '',
    ]),
  )
  const sheets = new Map<string, string[][]>()
  for (const [tag] of all(/<sheet [^>]*>/g, text('xl/workbook.xml'))) {
    const name = /name="([^"]*)"/.exec(tag)?.[1] ?? ''
    const xml = text(`xl/${targets.get(/r:id="([^"]*)"/.exec(tag)?.[1] ?? '')}`)
    const rows = all(/<row .*?<\/row>/gs, xml).map(([row]) =>
      all(/<c [^>]*?(t="s")?[^>]*>(?:<f>.*?<\/f>)?<v>(.*?)<\/v><\/c>/g, row).map(([cell, , value = '']) =>
        cell.includes('t="s"') ? (strings[Number(value)] ?? '') : value,
      ),
    )
    sheets.set(name, rows)
  }
  return sheets
}

function naiveZip(bytes: Buffer): Map<string, Buffer> {
  const parts = new Map<string, Buffer>()
  const end = bytes.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'))
  let at = bytes.readUInt32LE(end + 16)
  for (let left = bytes.readUInt16LE(end + 10); left > 0; left--) {
    const [nameLength, extra, comment] = [28, 30, 32].map(offset => bytes.readUInt16LE(at + offset)) as [
      number,
      number,
      number,
    ]
    const name = bytes.toString('utf8', at + 46, at + 46 + nameLength)
    const local = bytes.readUInt32LE(at + 42)
    const from = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28)
    const data = bytes.subarray(from, from + bytes.readUInt32LE(at + 20))
    parts.set(name, bytes.readUInt16LE(at + 10) === 8 ? inflateRawSync(data) : data)
    at += 46 + nameLength + extra + comment
  }
  return parts
}
