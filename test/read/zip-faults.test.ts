import { readdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { describe, expect, test } from 'vitest'
import { listMembers } from '../../src/read/members.js'
import { contents, readAll, scratch } from '../helpers/containers.js'
import { type FileSpec, makeZip } from '../helpers/zip.js'

const file = scratch()
const LONG = Buffer.from(Array.from({ length: 60_000 }, (_, row) => `${row},${Math.sin(row)}\n`).join(''))

describe('F12 not the archive its name promises', () => {
  const zip = makeZip([{ name: 'a.csv', data: LONG }])
  test.each([
    ['cut in half', 'half.zip', zip.subarray(0, zip.length / 2), 'zip.truncated'],
    ['cut in its directory', 'directory.zip', zip.subarray(0, zip.length - 30), 'zip.truncated'],
    ['cut in its last byte', 'last.zip', zip.subarray(0, zip.length - 1), 'zip.truncated'],
    ['only a signature', 'signature.zip', zip.subarray(0, 4), 'zip.truncated'],
    ['zeros', 'zeros.zip', Buffer.alloc(5000), 'zip.truncated'],
    ['0 bytes', 'empty.zip', '', 'file.empty'],
    ['0 bytes of gz', 'empty.gz', '', 'file.empty'],
    ['a web page', 'page.zip', '<!DOCTYPE html><title>CAISO Acceptable Use Policy Violation</title>', 'file.html'],
    ['a web page as gz', 'page.csv.gz', '<html><body>', 'file.html'],
    ['no entries', 'none.zip', makeZip([]), 'file.empty'],
  ])('F12 %s', async (_, name, data, code) => {
    expect(await contents(file(name, data))).toMatchObject({ members: [], problems: [code] })
  })

  test('F12 in an archive of archives only the bad ones are refused', async () => {
    const good = makeZip([{ name: 'a.csv', data: 'x' }])
    const path = file(
      'mixed.zip',
      makeZip([
        { name: 'cut.zip', data: zip.subarray(0, 5000) },
        { name: 'empty.zip', data: '' },
        { name: 'page.zip', data: '<html><head>' },
        { name: 'good.zip', data: good },
        { name: 'crc.zip', data: good, both: { crc32: 7 } },
        { name: 'table.zip', data: 'a,b\n' },
      ]),
    )
    expect(await contents(path)).toMatchObject({
      problems: ['zip.truncated', 'file.empty', 'file.html', 'zip.crc'],
      texts: { 'good.zip > a.csv': 'x', 'table.zip': 'a,b\n' },
    })
    const [problem] = (await listMembers(path)).problems
    expect(problem!.message).toContain(`${path} > cut.zip: `)
  })
})

describe('F13 wrong CRC or damaged data', () => {
  const flipped = (spec: Omit<FileSpec, 'name'>) => {
    const zip = makeZip([{ name: 'a.csv', ...spec }])
    zip[Math.floor(zip.length / 2)]! ^= 0x20
    return zip
  }
  test.each([
    ['small stored', flipped({ data: LONG.subarray(0, 9000), method: 0 })],
    ['small deflated', flipped({ data: LONG.subarray(0, 9000) })],
    ['large stored', flipped({ data: LONG, method: 0 })],
    ['large deflated', flipped({ data: LONG })],
    ['small, CRC', makeZip([{ name: 'a.csv', data: 'x', both: { crc32: 1 } }])],
    ['large, CRC', makeZip([{ name: 'a.csv', data: LONG, both: { crc32: 1 } }])],
    ['small, fewer bytes', makeZip([{ name: 'a.csv', data: 'xy', both: { size: 3 } }])],
    ['small, more bytes', makeZip([{ name: 'a.csv', data: 'xyz', both: { size: 2 } }])],
    ['large, fewer bytes', makeZip([{ name: 'a.csv', data: LONG, both: { size: LONG.length + 1 } }])],
    ['large, more bytes', makeZip([{ name: 'a.csv', data: LONG, both: { size: LONG.length - 1 } }])],
    ['much more bytes', makeZip([{ name: 'a.csv', data: LONG, both: { size: 1 } }])],
  ])('F13 %s', async (name, zip) => {
    const { members, problems } = await listMembers(file(`${name}.zip`, zip))
    expect(problems).toEqual([])
    expect((await readAll(members[0]!)).code).toBe('zip.crc')
  })

  test('F13 the error comes after the last chunk', async () => {
    const path = file('late.zip', makeZip([{ name: 'a.csv', data: LONG, both: { crc32: 1 } }]))
    const { bytes, code } = await readAll((await listMembers(path)).members[0]!)
    expect(bytes.equals(LONG)).toBe(true)
    expect(code).toBe('zip.crc')
  })

  test('F12 the file ends within an entry after it was listed', async () => {
    const zip = makeZip([{ name: 'a.csv', data: LONG }])
    const [member] = (await listMembers(file('ends.zip', zip))).members
    file('ends.zip', zip.subarray(0, 5000))
    expect((await readAll(member!)).code).toBe('zip.truncated')
  })
})

describe('F14 central directory and local header disagree', () => {
  test.each([
    ['wrong sizes in the directory', { central: { size: 5, compressedSize: 7 } }],
    ['wrong size in the directory', { central: { size: 5 } }],
    ['too large a size in the directory', { central: { size: 5_000_000 } }],
    ['wrong compressed size in the directory', { central: { compressedSize: 50_000_000 } }],
    ['wrong CRC in the directory', { central: { crc32: 5 } }],
    ['wrong method in the directory', { central: { method: 0 } }],
    ['wrong size in the directory, stored', { central: { size: 5, compressedSize: 5 }, method: 0 }],
    ['wrong sizes in the directory, zip64', { central: { size: 5, compressedSize: 7 }, wide: true }],
  ])('F14 %s', async (name, fault) => {
    for (const data of ['a,b\n', LONG]) {
      const path = file(
        `${name}.zip`,
        makeZip([
          { name: 'a.csv', data, ...fault },
          { name: 'b.csv', data: 'b' },
        ]),
      )
      const { members, problems } = await listMembers(path)
      expect(problems).toEqual([])
      expect(members.map(member => member.warnings.map(({ code }) => code))).toEqual([['zip.central_mismatch'], []])
      expect(members[0]!.size).toBe(data.length)
      const { bytes, code, warnings } = await readAll(members[0]!)
      expect(code).toBe(undefined)
      expect(bytes.equals(Buffer.from(data as string))).toBe(true)
      expect(warnings).toEqual(['zip.central_mismatch'])
    }
  })

  test('F14 a wrong local header does not matter', async () => {
    const path = file('local.zip', makeZip([{ name: 'a.csv', data: LONG, local: { size: 9, crc32: 9 } }]))
    expect((await contents(path)).texts['a.csv']).toBe(LONG.toString('latin1'))
  })

  test('F14 when neither fits the data it is refused', async () => {
    const path = file('neither.zip', makeZip([{ name: 'a.csv', data: LONG, central: { size: 9 }, local: { size: 8 } }]))
    expect((await contents(path)).texts).toEqual({ 'a.csv': 'zip.crc' })
  })

  test('F14 a large archive is not checked on listing, but on reading', async () => {
    const path = file(
      'many.zip',
      makeZip([
        { name: 'a.csv', data: 'abc', central: { size: 1 } },
        { name: 'b.csv', data: 'b' },
      ]),
    )
    const [member] = (await listMembers(path, { localChecks: 1 })).members
    expect(member!.warnings).toEqual([])
    expect(await readAll(member!)).toEqual({ bytes: Buffer.from('abc'), warnings: ['zip.central_mismatch'] })
  })

  test('F14 an offset that leads nowhere', async () => {
    const path = file(
      'nowhere.zip',
      makeZip([
        { name: 'a.csv', data: 'a', shift: 3 },
        { name: 'b.csv', data: 'b' },
      ]),
    )
    expect(await contents(path)).toMatchObject({ problems: ['zip.directory'], texts: { 'b.csv': 'b' } })
  })
})

describe('F15 bytes around the archive', () => {
  const files = [
    { name: 'a.csv', data: LONG },
    { name: 'b.csv', data: 'b' },
  ]
  const page = Buffer.from('<html>\r\n')
  test.each([
    ['a line break after', { trailing: Buffer.from('\r\n') }, ['zip.trailing_bytes']],
    ['three MB of padding after', { trailing: Buffer.alloc(3_000_000) }, ['zip.trailing_bytes']],
    ['a page before', { leading: page }, ['zip.leading_bytes']],
    ['a page before, counted', { leading: page, countLeading: true }, ['zip.leading_bytes']],
    ['both', { leading: page, trailing: page }, ['zip.leading_bytes', 'zip.trailing_bytes']],
    ['both with zip64', { leading: page, trailing: page, wide: true }, ['zip.leading_bytes', 'zip.trailing_bytes']],
    ['a comment that looks like an end', { comment: 'PK\x05\x06', trailing: page }, ['zip.trailing_bytes']],
  ])('F15 %s', async (name, spec, codes) => {
    const { texts, warnings, problems } = await contents(file(`${name}.zip`, makeZip(files, spec)))
    expect(problems).toEqual([])
    expect(texts).toEqual({ 'a.csv': LONG.toString(), 'b.csv': 'b' })
    expect(warnings).toEqual({ 'a.csv': codes, 'b.csv': codes })
  })

  test('F15 an inner archive with bytes after it', async () => {
    const path = file(
      'outer.zip',
      makeZip([
        { name: 'in.zip', data: makeZip(files, { trailing: page }) },
        { name: 'c.csv', data: 'c' },
      ]),
    )
    expect((await contents(path)).warnings).toEqual({
      'in.zip > a.csv': ['zip.trailing_bytes'],
      'in.zip > b.csv': ['zip.trailing_bytes'],
    })
  })

  test('F15 a damaged directory: what was listed is kept, the rest is a problem', async () => {
    const zip = makeZip(files)
    zip[zip.lastIndexOf('PK\x01\x02', undefined, 'latin1')] = 0
    expect(await contents(file('damaged.zip', zip))).toMatchObject({
      problems: ['zip.directory'],
      texts: { 'a.csv': LONG.toString() },
    })
  })
})

describe('F16 hostile names', () => {
  test('F16 names are text, never paths', async () => {
    const long = `${'n'.repeat(4096)}.csv`
    const names = [
      '../../evil.csv',
      '/etc/evil.csv',
      'C:\\evil.csv',
      '..\\evil.csv',
      'nul\0.csv',
      '\x1b[2J.csv',
      long,
      '',
    ]
    const path = file('slip.zip', makeZip(names.map((name, index) => ({ name, data: `${index}` }))))
    const before = readdirSync(dirname(path))
    const { texts, problems, members } = await contents(path)
    expect(problems).toEqual([])
    expect(Object.values(texts)).toEqual(names.map((_, index) => `${index}`))
    expect(members.map(member => member.name)).toEqual([
      'evil.csv',
      'evil.csv',
      'evil.csv',
      'evil.csv',
      'nul\uFFFD.csv',
      '\uFFFD[2J.csv',
      long,
      '',
    ])
    expect(readdirSync(dirname(path))).toEqual(before)
  })

  test('F16 names without the UTF-8 flag are code page 437', async () => {
    const { members } = await listMembers(
      file('cp437.zip', makeZip([{ name: Buffer.from([0x82, 0x2e, 0x63]), data: 'x' }])),
    )
    expect(members[0]!.name).toBe('é.c')
  })

  test('F16 of two entries with one name both are read', async () => {
    const path = file(
      'twice.zip',
      makeZip([
        { name: 'a.csv', data: '1' },
        { name: 'a.csv', data: '22' },
      ]),
    )
    const { members } = await listMembers(path)
    expect(members.map(member => member.warnings.map(({ code }) => code))).toEqual([[], ['zip.duplicate_name']])
    expect((await Promise.all(members.map(member => readAll(member)))).map(({ bytes }) => bytes.toString())).toEqual([
      '1',
      '22',
    ])
  })
})
