import { deflateRawSync, gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { sniff } from '../../src/read/content.js'
import { makeZip } from '../helpers/zip.js'

const latin1 = (text: string) => Buffer.from(text, 'latin1')

test.each([
  ['an empty file', Buffer.alloc(0), 'empty'],
  ['only a byte order mark', latin1('\xef\xbb\xbf'), 'empty'],
  ['a CSV', latin1('Time Stamp,Name\n'), 'text'],
  ['a CSV with a byte order mark', latin1('\xef\xbb\xbfa,b\n'), 'text'],
  ['Latin-1 letters', latin1('Montr\xe9al,1\n'), 'text'],
  ['a CSV whose first name is in brackets', latin1('[MWh],b\n'), 'text'],
  ['a CSV that begins with a smaller sign', latin1('<5 MW,b\n'), 'text'],
  ['blank lines', latin1('\n\n\n\n\n'), 'text'],
  ['a web page', latin1('\r\n<!DOCTYPE HTML PUBLIC "-//W3C">'), 'html'],
  ['a web page declared as XML', latin1('<?xml version="1.0"?>\n<html xmlns="x">'), 'html'],
  ['a page without a frame', latin1('<HEAD><TITLE>Policy Violation</TITLE>'), 'html'],
  ['an OASIS error', latin1('<?xml version="1.0"?><m:OASISReport>'), 'xml'],
  ['XML with no declaration', latin1('<OASISReport xmlns="x">'), 'xml'],
  ['a JSON object', latin1('{ "error": 1}'), 'json'],
  ['a JSON list', latin1(' [\n {"a":1}]'), 'json'],
  ['a list of numbers', latin1('[1,2]'), 'json'],
  ['old Excel', Buffer.from('d0cf11e0a1b11ae1', 'hex'), 'xls'],
  ['a PDF', latin1('%PDF-1.4\n'), 'pdf'],
  ['Parquet', latin1('PAR1\x15\x00'), 'parquet'],
  ['NUL bytes', latin1('a,b\n\0\0\0'), 'binary'],
  ['a text with one NUL byte', latin1('Time Stamp,Name\n2024-01-01 00:00,CAP\0TL\n'), 'text'],
  ['a text that begins with a NUL byte', latin1('\0Time Stamp,Name\n'), 'text'],
  ['a long text with a few', latin1(`a,b\n${'1,2\n'.repeat(500)}\0\0\0${'1,2\n'.repeat(500)}`), 'text'],
  ['a text whose rest is zeros', latin1(`a,b\n${'1,2\n'.repeat(500)}${'\0'.repeat(500)}`), 'binary'],
  ['a long text with an unwritten stretch', latin1(`a,b\n${'1,2\n'.repeat(2000)}${'\0'.repeat(16)}`), 'binary'],
  ['numbers of four bytes', Buffer.from(Int32Array.from({ length: 64 }, (_, at) => at * 997).buffer), 'binary'],
  ['control characters and a NUL byte', latin1(`\x01\x02\x03\0${'text'.repeat(20)}`), 'binary'],
  ['UTF-16 beyond ASCII', Buffer.from('Montréal €,Québec €\n'.repeat(9), 'utf16le'), 'binary'],
  ['zeros', Buffer.alloc(4096), 'binary'],
  ['gz', gzipSync('a'), 'binary'],
  ['UTF-16 with a mark', Buffer.from('\ufeffa,b\n', 'utf16le'), 'utf16'],
  ['UTF-16 without', Buffer.from('a,b,c\n', 'utf16le'), 'utf16'],
  ['UTF-16 without, cut in a character', Buffer.from('a,b,c\n', 'utf16le').subarray(0, 11), 'utf16'],
  ['UTF-16 big-endian without', Buffer.from('a,b,c\n', 'utf16le').swap16(), 'utf16'],
  [
    'a workbook',
    makeZip([
      { name: '_rels/.rels', data: 'x' },
      { name: 'xl/workbook.xml', data: 'x' },
    ]),
    'zip-workbook',
  ],
  ['a zip of CSVs', makeZip([{ name: 'a.csv', data: 'x' }]), 'binary'],
  ['the end of an empty zip', makeZip([]), 'binary'],
  ['deflated bytes', deflateRawSync(Buffer.alloc(9999)), 'binary'],
])('sniff: %s', (_, head, kind) => {
  expect(sniff(head)).toBe(kind)
})

test('sniff reads a view as the view, not as its whole buffer', () => {
  expect(sniff(new Uint8Array(Buffer.from('\0\0\0\0abc').buffer.slice(0)).subarray(0, 0))).toBe('empty')
  const bytes = new TextEncoder().encode('\0\0{"a":1}')
  expect(sniff(bytes.subarray(2))).toBe('json')
})
