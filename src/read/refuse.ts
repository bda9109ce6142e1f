/** What to say of content that is no table: which of it is an empty answer, and which is an error. */
import { InputError } from '../model/errors.js'
import { type ContentKind, sniff } from './content.js'

const SAYS: Readonly<Partial<Record<ContentKind, readonly [string, string]>>> = {
  html: [
    'file.html',
    'this is a web page, probably an error page of the server that was saved as data. Download it again',
  ],
  json: ['file.json', 'this is JSON, not CSV: an error message, or an API answer of a kind that no report here reads'],
  xml: ['file.xml', 'this is XML, not CSV: an error message, or a report that was requested without its CSV format'],
  xls: ['file.workbook', 'this is a workbook of the old kind (XLS) or one with a password: save it as XLSX or CSV'],
  'zip-workbook': ['file.workbook', 'this is a workbook without a worksheet that can be read: save it as XLSX or CSV'],
  pdf: ['file.not_data', 'this is a PDF'],
  parquet: [
    'file.not_data',
    'this is a Parquet file in a gz, or under the name of a text: unpack it, or let its name end in .parquet',
  ],
  binary: ['file.binary', 'this is no text: NUL bytes make up too much of it'],
  utf16: ['file.utf16', 'this is UTF-16 text; the ISOs publish ASCII or UTF-8. Save it as UTF-8'],
}

/** `null` for text that can be read, 'empty' for an answer without data, else the error. */
export function refusal(head: Uint8Array, display: string): InputError | 'empty' | null {
  const kind = sniff(head)
  if (kind === 'text') return null
  if (kind === 'empty') return 'empty'
  const text = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, 4096)).toString('latin1')
  // CAISO's error document 1000 is "no data", every other code a failed download (caiso.md 8).
  if (kind === 'xml' && /ERR_CODE>\s*1000\s*</.test(text)) return 'empty'
  const [code, message] = SAYS[kind] ?? ['file.not_data', `this is ${kind}`]
  return new InputError(code, message, { file: display })
}
