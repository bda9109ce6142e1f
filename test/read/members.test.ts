import { appendFileSync, mkdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { TemporaryError } from '../../src/model/errors.js'
import { displayName, listMembers, openMember, PlainReader, peek, peekTail } from '../../src/read/members.js'
import { contents, readAll, scratch } from '../helpers/containers.js'
import { makeZip } from '../helpers/zip.js'

const file = scratch()
const ROWS = 'Time Stamp,Name,LBMP\n01/01/2024 00:00,CAPITL,31.5\n'

test('a plain file is one member', async () => {
  const path = file('20240101pal.csv', ROWS)
  const { members, problems } = await listMembers(path)
  expect(problems).toEqual([])
  expect(members).toEqual([
    {
      path,
      entries: [],
      steps: [],
      gzip: false,
      kind: 'data',
      size: ROWS.length,
      time: 0,
      name: '20240101pal.csv',
      warnings: [],
    },
  ])
  expect((await readAll(members[0]!)).bytes.toString()).toBe(ROWS)
  expect(displayName(members[0]!)).toBe(path)
})

test('a zip is judged by its bytes, not by its name', async () => {
  const zip = makeZip([{ name: 'x.csv', data: ROWS }])
  expect((await contents(file('zip-without-extension', zip))).texts).toEqual({ 'x.csv': ROWS })
  expect((await contents(file('zip.csv', zip))).texts).toEqual({ 'x.csv': ROWS })
  expect((await contents(file('table.zip', ROWS))).texts).toEqual({ 'table.zip': ROWS })
})

test('stored and deflated entries, with sizes before or after the data, with zip64 fields', async () => {
  const path = file(
    'kinds.zip',
    makeZip([
      { name: 'stored.csv', data: 'a', method: 0 },
      { name: 'deflated.csv', data: 'bb' },
      { name: 'after.csv', data: 'ccc', descriptor: true },
      { name: 'stored-after.csv', data: 'dddd', method: 0, descriptor: true },
      { name: 'wide.csv', data: 'eeeee', wide: true },
      { name: 'nothing.csv', data: '' },
      { name: 'nothing-stored.csv', data: '', method: 0 },
    ]),
  )
  expect(await contents(path)).toMatchObject({
    problems: [],
    warnings: {},
    texts: {
      'stored.csv': 'a',
      'deflated.csv': 'bb',
      'after.csv': 'ccc',
      'stored-after.csv': 'dddd',
      'wide.csv': 'eeeee',
      'nothing.csv': '',
      'nothing-stored.csv': '',
    },
  })
})

test('folders and what macOS adds are left out, everything else is listed', async () => {
  const names = ['01/', '01/a.csv', '__MACOSX/01/._a.csv', 'x/__MACOSX/b', '._c', '01/.DS_Store', '.DS_Store', 'readme']
  const { texts, problems } = await contents(file('mac.zip', makeZip(names.map(name => ({ name, data: 'x' })))))
  expect(problems).toEqual([])
  expect(Object.keys(texts)).toEqual(['01/a.csv', 'readme'])
})

test('a member survives JSON, and is read without the central directory', async () => {
  const inner = makeZip([{ name: 'a.csv', data: ROWS }])
  const path = file('year.zip', makeZip([{ name: '01/24/inner.zip', data: inner }]))
  const [member] = (await listMembers(path)).members
  expect(displayName(member!)).toBe(`${path} > 01/24/inner.zip > a.csv`)
  expect(member).toMatchObject({ name: 'a.csv', time: Date.UTC(2024, 0, 2, 3, 4, 6), size: ROWS.length })
  const copy = JSON.parse(JSON.stringify(member))
  expect(copy).toEqual(member)
  expect((await readAll(copy)).bytes.toString()).toBe(ROWS)
})

test('zips in zips, in memory, in a temporary file and in place, with gz and CSV side by side', async () => {
  const noise = Buffer.from(Array.from({ length: 5000 }, (_, row) => `${row},${Math.sqrt(row)}\n`).join(''))
  const deepest = makeZip([{ name: 'c.csv', data: noise }])
  const middle = (method: number) =>
    makeZip([
      { name: 'b.csv.gz', data: gzipSync('b') },
      { name: 'c.zip', data: deepest, method },
    ])
  const path = file(
    'nested.zip',
    makeZip([
      { name: 'deflated.zip', data: middle(8) },
      { name: 'stored.zip', data: middle(0), method: 0 },
      { name: 'a.csv', data: 'a' },
    ]),
  )
  const folder = join(dirname(path), 'not-there-yet')
  for (const limits of [{}, { innerZipInMemory: 100, tmpDir: folder }]) {
    const { texts, problems, members } = await contents(path, limits)
    expect(problems).toEqual([])
    expect(texts).toEqual({
      'deflated.zip > b.csv.gz': 'b',
      'deflated.zip > c.zip > c.csv': noise.toString(),
      'stored.zip > b.csv.gz': 'b',
      'stored.zip > c.zip > c.csv': noise.toString(),
      'a.csv': 'a',
    })
    expect(members.map(member => member.name)).toEqual(['b.csv', 'c.csv', 'b.csv', 'c.csv', 'a.csv'])
    // In another order, and several at once.
    const again = await Promise.all([...members].reverse().map(member => readAll(member, limits)))
    expect(again.map(({ bytes }) => bytes.length)).toEqual([1, noise.length, 1, noise.length, 1])
  }
})

test('a workbook is one member, on disk and in a zip, whatever its name', async () => {
  const workbook = makeZip([
    { name: '_rels/.rels', data: '<xml/>' },
    { name: 'xl/workbook.xml', data: '<xml/>' },
    { name: '[Content_Types].xml', data: '<xml/>' },
  ])
  const alone = await listMembers(file('alone.xls', workbook))
  expect(alone.members).toMatchObject([{ kind: 'workbook', name: 'alone.xls', entries: [] }])
  const path = file(
    'books.zip',
    makeZip([
      { name: 'a.xlsx', data: workbook },
      { name: 'b.dat', data: workbook },
      { name: 'c.csv', data: 'x' },
    ]),
  )
  const { members, problems } = await listMembers(path)
  expect(problems).toEqual([])
  expect(members.map(({ name, kind, size }) => [name, kind, size])).toEqual([
    ['a.xlsx', 'workbook', workbook.length],
    ['b.dat', 'workbook', workbook.length],
    ['c.csv', 'data', 1],
  ])
  expect((await readAll(members[0]!)).bytes.equals(workbook)).toBe(true)
})

test('gz: joined parts are one content; damage and cuts are told apart; padding is skipped with a warning', async () => {
  const two = Buffer.concat([gzipSync('first\n'), gzipSync('second\n')])
  const [member] = (await listMembers(file('two.csv.gz', two))).members
  expect(member).toMatchObject({ gzip: true, name: 'two.csv', size: two.length })
  expect(await readAll(member!)).toEqual({ bytes: Buffer.from('first\nsecond\n'), warnings: [] })

  const outcome = async (name: string, data: Uint8Array, limits = {}) =>
    readAll((await listMembers(file(name, data))).members[0]!, limits)
  const whole = gzipSync(Buffer.alloc(100_000, ROWS))
  expect((await outcome('cut.gz', whole.subarray(0, whole.length - 9))).code).toBe('gz.truncated')
  const wrong = Buffer.from(whole)
  wrong[wrong.length - 6]! ^= 1
  expect((await outcome('wrong.gz', wrong)).code).toBe('gz.crc')
  expect((await outcome('page.gz', Buffer.concat([gzipSync('x'), Buffer.from('<html>')]))).code).toBe('gz.crc')
  expect(await outcome('padded.gz', Buffer.concat([gzipSync('x'), Buffer.alloc(512)]))).toEqual({
    bytes: Buffer.from('x'),
    warnings: ['gz.trailing_bytes'],
  })
  expect((await outcome('large.gz', whole, { bytesPerEntry: 99_999 })).code).toBe('gz.bomb')
  expect(
    (await outcome('steep.gz', gzipSync(Buffer.alloc(3_000_000)), { ratioAbove: 1_000_000, ratio: 500 })).code,
  ).toBe('gz.bomb')
})

test('peek gives the first bytes of anything, peekTail the last ones of a plain file', async () => {
  const long = Buffer.alloc(2_000_000, ROWS)
  const path = file('long.csv', long)
  const plain = (await listMembers(path)).members[0]!
  expect(Buffer.from(await peek(plain, 300_000)).equals(long.subarray(0, 300_000))).toBe(true)
  expect(Buffer.from(peekTail(plain, 7)!).equals(long.subarray(-7))).toBe(true)
  const zip = file(
    'long.zip',
    makeZip([
      { name: 'long.csv', data: long },
      { name: 'bad.csv', data: ROWS, both: { crc32: 1 } },
    ]),
  )
  const [zipped, bad] = (await listMembers(zip)).members
  expect(Buffer.from(await peek(zipped!, 100)).equals(long.subarray(0, 100))).toBe(true)
  expect(peekTail(zipped!, 7)).toBe(undefined)
  expect(Buffer.from(await peek(bad!, 1000)).toString()).toBe(ROWS)
})

test('chunks stay as they were given out', async () => {
  const data = Buffer.from(Array.from({ length: 200_000 }, (_, row) => `${row}\n`).join(''))
  const path = file(
    'chunks.zip',
    makeZip([
      { name: 'd.csv', data },
      { name: 's.csv', data, method: 0 },
    ]),
  )
  for (const member of (await listMembers(path)).members) {
    const { bytes } = await readAll(member)
    expect(bytes.equals(data)).toBe(true)
  }
})

test('leaving a stream early frees it', async () => {
  const data = Buffer.alloc(3_000_000, ROWS)
  const path = file('left.zip', makeZip([{ name: 'a.csv', data }]))
  const [member] = (await listMembers(path)).members
  for (let time = 0; time < 50; time++) for await (const _ of openMember(member!)) break
  expect((await readAll(member!)).bytes.length).toBe(data.length)
})

test('a file that was replaced is not read through an old handle or an old inner zip', async () => {
  const write = (text: string) =>
    file('replaced.zip', makeZip([{ name: 'in.zip', data: makeZip([{ name: 'a.csv', data: text }]) }]))
  expect((await contents(write('old'))).texts).toEqual({ 'in.zip > a.csv': 'old' })
  expect((await contents(write('newer'))).texts).toEqual({ 'in.zip > a.csv': 'newer' })
})

test('PlainReader fills the buffers it is given', () => {
  const reader = new PlainReader(file('plain.csv', 'abcdefgh'))
  const into = new Uint8Array(6)
  expect(reader.size).toBe(8)
  expect(reader.read(into, 1)).toBe(5)
  expect(Buffer.from(into).toString()).toBe('\0abcde')
  expect(reader.read(into, 0)).toBe(3)
  expect(Buffer.from(into.subarray(0, 3)).toString()).toBe('fgh')
  expect(reader.read(into, 0)).toBe(0)
  reader.close()
})

test('F28 PlainReader notices that a file grew', () => {
  const path = file('growing.csv', 'a\n')
  const reader = new PlainReader(path)
  expect(reader.changed()).toBe(false)
  appendFileSync(path, 'b\n')
  expect(reader.changed()).toBe(true)
  reader.close()
})

test('F29 a file that is gone, a folder in place of a file', async () => {
  const path = file('gone.zip', makeZip([{ name: 'a.csv', data: 'x' }]))
  const [member] = (await listMembers(path)).members
  rmSync(path)
  expect((await listMembers(path)).problems).toMatchObject([{ code: 'io.ENOENT', exitCode: 75 }])
  expect((await readAll(member!)).code).toBe('io.ENOENT')
  expect(() => new PlainReader(path)).toThrow(TemporaryError)
  mkdirSync(path)
  expect((await listMembers(path)).problems).toMatchObject([{ code: 'file.type' }])
})
