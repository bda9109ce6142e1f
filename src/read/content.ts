/**
 * What content is, judged by its first bytes. Names lie: error pages are saved as .csv, workbooks as .xls, tables as .zip.
 */

export type ContentKind =
  | 'text'
  | 'empty'
  | 'html'
  | 'json'
  | 'xml'
  /** Old Excel (an OLE file). */
  | 'xls'
  /** XLSX, whatever its extension. */
  | 'zip-workbook'
  | 'pdf'
  | 'parquet'
  /** Holds NUL bytes in number, or among other bytes that are no text; also a zip that is no workbook, and gz. */
  | 'binary'
  | 'utf16'

const LOCAL_HEADER = Buffer.from('PK\x03\x04', 'latin1')
const HTML = /<(!doctype\s+html|html|head|body|title|script|meta)[\s>]/i

/** Judges the first bytes of some content: a few hundred suffice, for a workbook a few thousand. */
export function sniff(head: Uint8Array): ContentKind {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength)
  if (bytes.length === 0) return 'empty'
  if (begins(bytes, 'PK\x03\x04')) return holdsWorkbook(bytes) ? 'zip-workbook' : 'binary'
  if (begins(bytes, '\xd0\xcf\x11\xe0')) return 'xls'
  if (begins(bytes, '%PDF')) return 'pdf'
  if (isParquet(bytes)) return 'parquet'
  if (begins(bytes, '\xff\xfe') || begins(bytes, '\xfe\xff')) return 'utf16'
  if (bytes.includes(0) && looksUtf16(bytes.subarray(0, 256))) return 'utf16'
  if (bytes.includes(0) && !isDamagedText(bytes)) return 'binary'
  if (isGzip(bytes) || isZip(bytes)) return 'binary'
  const text = bytes
    .toString('latin1', 0, 1024)
    .replace(/^\xef\xbb\xbf/, '')
    .trimStart()
  if (text === '') return bytes.length <= 3 ? 'empty' : 'text'
  if (text.startsWith('<')) return markup(text)
  if (/^(\{\s*["}]|\[\s*([[{"\]]|-?\d))/.test(text)) return 'json'
  return 'text'
}

function markup(text: string): ContentKind {
  if (HTML.test(text)) return 'html'
  return /^<(\?xml|!--|!doctype|[a-z])/i.test(text) ? 'xml' : 'text'
}

/** One of so many bytes may be a NUL or another control character in a text that was damaged on its way. */
const DAMAGED = 64

/** So many in a row are a stretch that was never written: how many rows stood there, nobody knows. */
const UNWRITTEN = Buffer.alloc(16)

/** Text with a few NUL bytes: whoever reads its rows refuses those that hold them, and no others. */
function isDamagedText(bytes: Buffer): boolean {
  if (bytes.includes(UNWRITTEN)) return false
  let odd = 0
  for (const byte of bytes) if (byte === 0 || (byte < 32 && (byte < 9 || byte > 13) && byte !== 26)) odd++
  return odd <= Math.max(1, bytes.length / DAMAGED)
}

/** Without a byte order mark: ASCII in every second byte, zero in the other. */
function looksUtf16(bytes: Buffer): boolean {
  if (bytes.length < 4 || bytes.length % 2 === 1)
    return bytes.length > 4 && looksUtf16(bytes.subarray(0, bytes.length - 1))
  const zeros = [0, 0]
  for (let at = 0; at < bytes.length; at++) if (bytes[at] === 0) zeros[at % 2]!++
  const half = bytes.length / 2
  return (zeros[0] === half && zeros[1] === 0) || (zeros[1] === half && zeros[0] === 0)
}

function holdsWorkbook(bytes: Buffer): boolean {
  for (let at = 0; at >= 0; at = bytes.indexOf(LOCAL_HEADER, at + 4))
    if (isWorkbookPart(bytes.toString('latin1', at + 30, at + 60))) return true
  return false
}

/** Whether an entry's name shows that its zip is an Office document. The name may be cut off or run on. */
export function isWorkbookPart(name: string): boolean {
  return name.startsWith('[Content_Types].xml') || name.startsWith('xl/')
}

/** Whether bytes begin a zip: an entry, the end of an empty one, or the mark of one that was written in pieces. */
export function isZip(head: Uint8Array): boolean {
  return begins(head, 'PK\x03\x04') || begins(head, 'PK\x05\x06') || begins(head, 'PK\x07\x08')
}

export function isGzip(head: Uint8Array): boolean {
  return begins(head, '\x1f\x8b')
}

export function isParquet(head: Uint8Array): boolean {
  return begins(head, 'PAR1')
}

function begins(head: Uint8Array, signature: string): boolean {
  for (let at = 0; at < signature.length; at++) if (head[at] !== signature.charCodeAt(at)) return false
  return true
}
