import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decode, Scanner } from '../src/read/scan.js'

/** All records of a text, fed in the given chunk sizes, as the scanner sees them. */
function scan(text: string | Uint8Array, chunks: readonly number[], columns = 12): string[][] {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text
  const scanner = new Scanner(16)
  scanner.begin()
  scanner.want([...Array(columns).keys()])
  const records: string[][] = []
  const drain = () => {
    while (scanner.next()) {
      const record: string[] = []
      for (let k = 0; k < scanner.fields; k++)
        record.push(decode(scanner.bytes, scanner.from[k] as number, scanner.to[k] as number))
      records.push(record)
    }
  }
  let at = 0
  for (let k = 0; at < bytes.length; k++) {
    const size = Math.max(1, chunks[k % Math.max(1, chunks.length)] ?? 7)
    scanner.feed(bytes.subarray(at, at + size))
    at += size
    drain()
  }
  scanner.end()
  drain()
  return records
}

const cell = fc.oneof(
  fc.string({ maxLength: 8 }),
  fc.constantFrom('', '"', '""', ',', '\n', '\r\n', 'a,b', ' x ', '-1.25', '1,234.50', 'é', '😀'),
)
const quote = (value: string) => (/[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value)

describe('scanner', () => {
  test('gives the records that csv-parse gives, for any text and any chunking', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(cell, { minLength: 1, maxLength: 6 }), { maxLength: 8 }),
        fc.constantFrom('\n', '\r\n'),
        fc.boolean(),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 }),
        (rows, eol, last, chunks) => {
          const text = rows.map(row => row.map(quote).join(',')).join(eol) + (last && rows.length > 0 ? eol : '')
          const expected = parse(text, {
            record_delimiter: eol,
            relax_column_count: true,
            skip_empty_lines: false,
          }) as string[][]
          const ours = scan(text, chunks)
          // csv-parse drops an empty last line with no line end; so do we, because there is nothing to read.
          expect(ours).toEqual(expected)
        },
      ),
      { numRuns: 2000 },
    )
  })

  test('reads only the wanted columns, in any order of slots', () => {
    const scanner = new Scanner()
    scanner.begin()
    scanner.want([3, 1])
    scanner.feed(new TextEncoder().encode('a,b,c,d\r\n1,"x ""y""",3,4'))
    scanner.end()
    expect(scanner.next()).toBe(true)
    expect([scanner.text(0), scanner.text(1), scanner.fields, scanner.closed]).toEqual(['d', 'b', 4, true])
    expect(scanner.next()).toBe(true)
    expect([scanner.text(0), scanner.text(1), scanner.closed, scanner.line]).toEqual(['4', 'x "y"', false, 2])
    expect(scanner.next()).toBe(false)
  })

  test('records that end in CR alone', () => {
    const scanner = new Scanner()
    scanner.begin()
    scanner.want([0, 1])
    scanner.feed(new TextEncoder().encode('a,b\rc,d\r'))
    scanner.end()
    const seen: string[] = []
    while (scanner.next()) seen.push(scanner.text(0) + scanner.text(1))
    expect(seen).toEqual(['ab', 'cd'])
  })

  test('a quote that never closes is a runaway, not a hang', () => {
    const scanner = new Scanner()
    scanner.begin()
    scanner.want([0])
    scanner.feed(new TextEncoder().encode('"abc\ndef\n'))
    expect(scanner.next()).toBe(false)
    scanner.end()
    expect(scanner.next()).toBe(true)
    expect(scanner.runaway).toBe(true)
  })

  test('invalid UTF-8 is read as Latin-1', () => {
    expect(scan(new Uint8Array([0x4d, 0xe9, 0x78, 0x2c, 0x31, 0x0a]), [1])).toEqual([['Méx', '1']])
  })
})
