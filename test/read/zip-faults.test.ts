import { readdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { gzipSync } from 'node:zlib'
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

describe('several archives in one file', () => {
  const a = (name = 'a.csv', data = 'first'): Buffer => makeZip([{ name, data }])
  const b = makeZip([
    { name: 'b.csv', data: LONG },
    { name: 'c.csv', data: 'c', descriptor: true },
  ])
  const joined = ['zip.joined']

  test.each([
    ['one after the other', Buffer.concat([a(), b]), { 'a.csv': 'first', 'b.csv': LONG.toString(), 'c.csv': 'c' }],
    ['the other way round', Buffer.concat([b, a()]), { 'a.csv': 'first', 'b.csv': LONG.toString(), 'c.csv': 'c' }],
    ['of one size and place', Buffer.concat([a(), a('d.csv', 'other')]), { 'a.csv': 'first', 'd.csv': 'other' }],
    [
      'the last one counts from the start of the file',
      makeZip([{ name: 'd.csv', data: 'd' }], { leading: a(), countLeading: true }),
      { 'a.csv': 'first', 'd.csv': 'd' },
    ],
    [
      'with zip64',
      Buffer.concat([makeZip([{ name: 'w.csv', data: 'w' }], { wide: true }), a()]),
      { 'w.csv': 'w', 'a.csv': 'first' },
    ],
    [
      'with comments',
      Buffer.concat([makeZip([{ name: 'd.csv', data: 'd' }], { comment: 'PK\x05\x06' }), a()]),
      { 'd.csv': 'd', 'a.csv': 'first' },
    ],
    ['three', Buffer.concat([a(), a('d.csv', 'd'), a('e.csv', 'e')]), { 'a.csv': 'first', 'd.csv': 'd', 'e.csv': 'e' }],
  ])('%s: all are read', async (name, zip, texts) => {
    const found = await contents(file(`${name}.zip`, zip))
    expect(found.problems).toEqual([])
    expect(found.texts).toEqual(texts)
    for (const codes of Object.values(found.warnings)) expect(codes).toEqual(joined)
  })

  test('of one archive twice both copies are read', async () => {
    const { members, problems } = await listMembers(file('copies.zip', Buffer.concat([a(), a()])))
    expect(problems).toEqual([])
    expect(members.map(member => member.steps[0]?.offset)).toEqual([0, a().length])
  })

  test('bytes around and between them are skipped with a warning', async () => {
    const page = Buffer.from('<html>\r\n')
    const found = await contents(file('pages.zip', Buffer.concat([page, a(), page, b, page])))
    expect(found.problems).toEqual([])
    expect(Object.keys(found.texts)).toEqual(['a.csv', 'b.csv', 'c.csv'])
    expect(found.warnings['a.csv']).toEqual([
      'zip.joined',
      'zip.leading_bytes',
      'zip.leading_bytes',
      'zip.trailing_bytes',
    ])
  })

  test('inside an archive', async () => {
    const found = await contents(file('in.zip', makeZip([{ name: 'in.zip', data: Buffer.concat([a(), b]) }])))
    expect(found).toMatchObject({ problems: [], texts: { 'in.zip > a.csv': 'first', 'in.zip > c.csv': 'c' } })
  })

  test.each([
    ['an archive that lost its end before another', Buffer.concat([b.subarray(0, b.length - 30), a()]), ['a.csv']],
    ['an archive that was cut off behind another', Buffer.concat([a(), b.subarray(0, 5000)]), ['a.csv']],
    [
      'the end of an archive of stored archives was cut off',
      makeZip(
        [
          { name: 'x.zip', data: a(), method: 0 },
          { name: 'y.zip', data: b, method: 0 },
        ],
        { cutAt: a().length + b.length + 70 },
      ),
      ['a.csv', 'b.csv', 'c.csv'],
    ],
  ])('%s is a problem', async (name, zip, entries) => {
    const found = await contents(file(`${name}.zip`, zip))
    expect(new Set(found.problems)).toEqual(new Set(['zip.unlisted']))
    expect(Object.keys(found.texts)).toEqual(entries)
  })
})

describe('an end that says too little', () => {
  const two = [
    { name: 'a.csv', data: LONG },
    { name: 'b.csv', data: 'b' },
  ]
  const end = (zip: Buffer) => zip.lastIndexOf('PK\x05\x06', undefined, 'latin1')
  /** With the number of entries that the end record counts changed. */
  const counting = (count: number): Buffer => {
    const zip = makeZip(two)
    zip.writeUInt16LE(count, end(zip) + 8)
    zip.writeUInt16LE(count, end(zip) + 10)
    return zip
  }

  test.each([0, 1])('it counts %i of two entries: both are read', async count => {
    const { texts, warnings, problems } = await contents(file(`${count}.zip`, counting(count)))
    expect(problems).toEqual([])
    expect(texts).toEqual({ 'a.csv': LONG.toString(), 'b.csv': 'b' })
    expect(warnings['b.csv']).toEqual(['zip.count'])
  })

  test('it counts more entries than there are: they are read, and it is a problem', async () => {
    expect(await contents(file('more.zip', counting(3)))).toMatchObject({
      problems: ['zip.truncated'],
      texts: { 'a.csv': LONG.toString(), 'b.csv': 'b' },
    })
  })

  test('it says that the archive is empty: a problem that says what is wrong', async () => {
    const zip = makeZip(two)
    zip.fill(0, end(zip) + 4)
    const path = file('zeroed.zip', zip)
    expect(await contents(path)).toMatchObject({ members: [], problems: ['zip.unlisted'] })
    expect((await listMembers(path)).problems[0]?.message).toContain('it is empty, but entries stand in it')
  })

  test.each([
    ['the mark of an end', 'PK\x05\x06'],
    ['the end of an empty archive', makeZip([]).toString('latin1')],
    ['such an end before other words', `${makeZip([]).toString('latin1')} and more`],
    ['two of them', makeZip([]).toString('latin1').repeat(2)],
  ])('the comment holds %s: the entries are read', async (name, comment) => {
    const { texts, problems } = await contents(file(`${name}.zip`, makeZip(two, { comment })))
    expect(problems).toEqual([])
    expect(texts).toEqual({ 'a.csv': LONG.toString(), 'b.csv': 'b' })
  })

  test('sizes behind the data', async () => {
    const zip = makeZip(two.map(each => ({ ...each, descriptor: true })))
    expect(await contents(file('descriptor.zip', zip))).toMatchObject({
      problems: [],
      warnings: {},
      texts: { 'a.csv': LONG.toString(), 'b.csv': 'b' },
    })
  })
})

describe('gz files that were joined', () => {
  const [one, two] = [gzipSync('a,b\n'), gzipSync(LONG)]
  test('all are read', async () => {
    const [member] = (await listMembers(file('two.csv.gz', Buffer.concat([one, two, one])))).members
    const { bytes, code, warnings } = await readAll(member!)
    expect({ code, warnings }).toEqual({ code: undefined, warnings: [] })
    expect(bytes.equals(Buffer.concat([Buffer.from('a,b\n'), LONG, Buffer.from('a,b\n')]))).toBe(true)
  })

  test('the last one cut off is an error', async () => {
    const [member] = (await listMembers(file('cut.csv.gz', Buffer.concat([one, two.subarray(0, 900)])))).members
    expect((await readAll(member!)).code).toBe('gz.truncated')
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
