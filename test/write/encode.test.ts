import fc from 'fast-check'
import { readRleBitPackedHybrid } from 'hyparquet/src/encoding.js'
import { deserializeTCompactProtocol } from 'hyparquet/src/thrift.js'
import { compressors } from 'hyparquet-compressors'
import { describe, expect, test } from 'vitest'
import { DoubleScan } from '../../src/write/doubles.js'
import {
  codeWidth,
  encodeCodes,
  encodeLevels,
  encodeRuns,
  hybridBound,
  packBits,
  plainFromDictionary,
  plainInt32,
  plainMicros,
  plainTexts,
} from '../../src/write/encode.js'
import { ThriftWriter } from '../../src/write/thrift.js'
import { loadZstd, zstdSource } from '../../src/write/zstd.js'

const reader = (bytes: Uint8Array) => ({ view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length), offset: 0 })

function decode(bytes: Uint8Array, width: number, count: number): number[] {
  const output = new Array<number>(count).fill(-7)
  readRleBitPackedHybrid(reader(bytes), width, output, bytes.length)
  return output
}

const codesOf = (codes: readonly number[], width: number) => {
  const out = new Uint8Array(hybridBound(codes.length, width)).fill(0xaa)
  return out.slice(0, encodeCodes(Int32Array.from(codes), codes.length, width, out, 0))
}

const runsOf = (pairs: readonly (readonly [number, number])[], width: number) => {
  const rows = pairs.reduce((sum, [, length]) => sum + length, 0)
  const out = new Uint8Array(hybridBound(rows, width)).fill(0xaa)
  const codes = Int32Array.from(pairs, ([code]) => code)
  const lengths = Int32Array.from(pairs, ([, length]) => length)
  return out.slice(0, encodeRuns(codes, lengths, pairs.length, width, out, 0, new Int32Array(rows + 8)))
}

/** Runs of all lengths around the borders of groups, in a width. */
const anyRuns = fc
  .integer({ min: 0, max: 24 })
  .chain(width =>
    fc.tuple(
      fc.constant(width),
      fc.array(
        fc.tuple(
          fc.integer({ min: 0, max: 2 ** width - 1 }),
          fc.oneof(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 40 }), fc.constantFrom(7, 8, 9, 16, 1000)),
        ),
        { maxLength: 40 },
      ),
    ),
  )

describe('the RLE / bit-packed hybrid', () => {
  test('gives back any codes, from rows and from runs the same bytes', () => {
    fc.assert(
      fc.property(anyRuns, ([width, runs]) => {
        const codes = runs.flatMap(([code, length]) => Array.from({ length }, () => code))
        const bytes = codesOf(codes, width)
        expect(bytes.length).toBeLessThanOrEqual(hybridBound(codes.length, width))
        expect(decode(bytes, width, codes.length)).toEqual(codes)
        expect(runsOf(runs, width)).toEqual(bytes)
      }),
      { numRuns: 500 },
    )
  })
  test.each(Array.from({ length: 25 }, (_, width) => width))('width %i', width => {
    const codes = Array.from({ length: 1000 }, (_, row) => (row % 50 < 12 ? 2 ** width - 1 : (row * 7919) % 2 ** width))
    expect(decode(codesOf(codes, width), width, codes.length)).toEqual(codes)
  })
  test('the example of the specification: 0 to 7 in three bits', () => {
    expect([...codesOf([0, 1, 2, 3, 4, 5, 6, 7], 3)]).toEqual([0b11, 0b10001000, 0b11000110, 0b11111010])
  })
  test('one run is one header and one value, however long', () => {
    expect([...codesOf(new Array(122_880).fill(3), 9)]).toEqual([0x80, 0x80, 0x0f, 3, 0])
    expect([
      ...runsOf(
        [
          [3, 122_000],
          [3, 880],
        ],
        9,
      ),
    ]).toEqual([0x80, 0x80, 0x0f, 3, 0])
  })
  test('less than eight repeats stay with their neighbours', () => {
    expect([...codesOf([1, 1, 1, 1, 1, 1, 1], 1)]).toEqual([0b11, 0b01111111])
    // Seven stand before: one of the nine fills the group, eight are a run.
    expect([...codesOf([0, 1, 0, 1, 0, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1], 1)]).toEqual([0b11, 0b10101010, 16, 1])
  })
  test('widths of dictionaries', () => {
    expect([0, 1, 2, 3, 4, 5, 256, 257, 65_536, 65_537].map(codeWidth)).toEqual([1, 1, 1, 2, 2, 3, 8, 9, 16, 17])
  })
})

describe('definition levels', () => {
  test.each([
    ['no nulls', 1000, 0, [3, 0, 0, 0, 0xd0, 0x0f, 1]],
    ['nothing but nulls', 5, 5, [2, 0, 0, 0, 10, 0]],
  ])('%s: a single run', (_, rows, nulls, bytes) => {
    const out = new Uint8Array(50)
    expect([...out.slice(0, encodeLevels(rows, nulls, undefined, out, 0))]).toEqual(bytes)
  })
  test('mixed', () => {
    const out = new Uint8Array(50)
    const levels = Int32Array.of(1, 0, 1, 1, 0)
    const end = encodeLevels(5, 2, levels, out, 3)
    expect([...out.slice(3, end)]).toEqual([2, 0, 0, 0, 3, 0b01101])
    expect(() => encodeLevels(5, 2, undefined, out, 0)).toThrow()
  })
})

describe('PLAIN', () => {
  test('instants as microseconds, on both sides of 1970', () => {
    const seconds = [0, 1, -1, 1_704_067_200, -2_208_988_800, 4_102_444_800, 0.5, -0.000001]
    const out = Buffer.alloc(seconds.length * 8)
    expect(plainMicros(seconds, out, 0)).toBe(out.length)
    expect(seconds.map((_, index) => Number(out.readBigInt64LE(index * 8)))).toEqual(
      seconds.map(each => Math.round(each * 1e6)),
    )
  })
  test('integers', () => {
    const values = [0, 1, -1, 2_147_483_647, -2_147_483_648]
    const out = Buffer.alloc(20)
    plainInt32(values, out, 0)
    expect(values.map((_, index) => out.readInt32LE(index * 4))).toEqual(values)
  })
  test('texts, and rows from a dictionary', () => {
    const out = Buffer.alloc(30)
    const end = plainTexts(['a', '', 'ü'], out, 0)
    expect([...out.subarray(0, end)]).toEqual([1, 0, 0, 0, 97, 0, 0, 0, 0, 2, 0, 0, 0, 0xc3, 0xbc])
    const rows = Buffer.alloc(40)
    const length = plainFromDictionary(out, Int32Array.of(0, 5, 9, 15), Int32Array.of(2, 0, 0, 1), 4, rows, 0)
    expect(rows.subarray(0, length).toString('latin1')).toBe('\x02\0\0\0Ã¼\x01\0\0\0a\x01\0\0\0a\0\0\0\0')
  })
  test('booleans, the first in the lowest bit', () => {
    const out = new Uint8Array(2)
    expect(packBits(Int32Array.of(1, 0, 0, 0, 0, 0, 0, 1, 1), 0, 9, 1, out, 0)).toBe(2)
    expect([...out]).toEqual([0b10000001, 1])
  })
})

describe('the scan of doubles', () => {
  const scan = new DoubleScan()
  const read = (rows: number) => Array.from({ length: rows - scan.nulls }, (_, row) => scan.distinct[scan.codes[row]!])

  test('codes, limits and nulls in one go, and again with the same tables', () => {
    for (const shift of [0, 1000]) {
      const values = Float64Array.from({ length: 1000 }, (_, row) =>
        row % 10 === 3 ? Number.NaN : shift + (row % 7) / 8,
      )
      scan.scan(values, 1000)
      expect(scan).toMatchObject({ paid: true, size: 7, nulls: 100, min: shift, max: shift + 0.75 })
      expect(read(1000)).toEqual([...values].filter(value => !Number.isNaN(value)))
    }
  })
  test('any NaN is null', () => {
    const values = new Float64Array(64).fill(1.5)
    new Uint32Array(values.buffer).set([1, 0xfff80000, 0, 0x7ff80000, 7, 0x7ff00000])
    scan.scan(values, 64)
    expect(scan).toMatchObject({ paid: true, nulls: 3, size: 1 })
    expect(read(64)).toEqual(new Array(61).fill(1.5))
  })
  test('infinities are values', () => {
    const values = Float64Array.from({ length: 100 }, (_, row) =>
      row % 2 ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY,
    )
    scan.scan(values, 100)
    expect(scan).toMatchObject({ paid: true, nulls: 0, size: 2, min: Number.NEGATIVE_INFINITY })
  })
  test('gives up where more than a quarter is distinct, and still knows the limits', () => {
    scan.scan(
      Float64Array.from({ length: 50_000 }, (_, row) => row / 3),
      50_000,
    )
    expect(scan).toMatchObject({ paid: false, nulls: 0, min: 0, max: 49_999 / 3 })
    scan.scan(
      Float64Array.from({ length: 400 }, (_, row) => row % 101),
      400,
    )
    expect(scan.paid).toBe(false)
    scan.scan(
      Float64Array.from({ length: 400 }, (_, row) => row % 100),
      400,
    )
    expect(scan.paid).toBe(true)
  })
  test('waits for a month of 5-minute prices to repeat', () => {
    scan.scan(
      Float64Array.from({ length: 122_880 }, (_, row) => Math.sin(row % 8928)),
      122_880,
    )
    expect(scan.paid).toBe(true)
  })
  test('no values, only nulls', () => {
    scan.scan(new Float64Array(9).fill(Number.NaN), 9)
    expect(scan).toMatchObject({ paid: false, nulls: 9, min: Number.POSITIVE_INFINITY })
  })
})

test('Thrift: what hyparquet reads is what was written', () => {
  const thrift = new ThriftWriter()
  const inner = new ThriftWriter()
  for (const number of [1, 2]) inner.element(() => inner.i32(1, number))
  thrift.element(() => {
    thrift.bool(1, true)
    thrift.bool(2, false)
    thrift.i8(3, -5)
    thrift.i16(4, -300)
    thrift.i32(5, 2_147_483_647)
    thrift.i32(6, -2_147_483_648)
    thrift.i64(30, 2 ** 50 + 1)
    thrift.i64(31, -(2 ** 40))
    thrift.binary(32, 'Zürich')
    thrift.i32s(
      33,
      Array.from({ length: 20 }, (_, index) => index - 10),
    )
    thrift.binaries(34, ['a'])
    thrift.structs(35, [7, 8], item => thrift.i64(2, item))
    thrift.writtenStructs(36, 2, inner.bytes)
    thrift.struct(37, () => {})
  })
  const text = (value: unknown) => Buffer.from(value as Uint8Array).toString()
  const read = deserializeTCompactProtocol(reader(thrift.bytes)) as Record<string, never>
  expect(read).toMatchObject({
    field_1: true,
    field_2: false,
    field_3: -5,
    field_4: -300,
    field_5: 2_147_483_647,
    field_6: -2_147_483_648,
    field_30: 2n ** 50n + 1n,
    field_31: -(2n ** 40n),
    field_33: Array.from({ length: 20 }, (_, index) => index - 10),
    field_35: [{ field_2: 7n }, { field_2: 8n }],
    field_36: [{ field_1: 1 }, { field_1: 2 }],
    field_37: {},
  })
  expect(text(read.field_32)).toBe('Zürich')
})

describe('ZSTD', async () => {
  const compress = await loadZstd()
  const noise = (bytes: number) =>
    Uint8Array.from({ length: bytes }, (_, index) => (Math.imul(index, 0x9e3779b1) >>> 13) & 0xff)

  test.each([1, 100, 70_000, 3_000_000])('%i bytes and back', bytes => {
    const input = noise(bytes)
    expect(Buffer.compare(compressors.ZSTD!(compress(input), bytes), input)).toBe(0)
  })
  test('the same bytes whatever came before, and a result that stays', () => {
    const input = noise(50_000)
    const first = compress(input)
    const copy = first.slice()
    compress(noise(4_000_000))
    expect(compress(new Uint8Array(1000)).length).toBeLessThan(30)
    expect(compress(input)).toEqual(first)
    expect(first).toEqual(copy)
  })
  test('the source has a name and a version', () => {
    expect(zstdSource()).toMatch(/^(node|wasm) \d+\.\d+\.\d+/)
  })
})
