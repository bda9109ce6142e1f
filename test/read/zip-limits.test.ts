import { crc32, createDeflateRaw, gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { listMembers, openMember } from '../../src/read/members.js'
import { contents, readAll, scratch } from '../helpers/containers.js'
import { type FileSpec, makeZip } from '../helpers/zip.js'

const file = scratch()

describe('F17 bombs', () => {
  const small = [
    { name: 'a.csv', data: 'a'.repeat(100) },
    { name: 'b.csv', data: 'b' },
  ]
  const nested = (depth: number): Buffer =>
    makeZip([depth === 1 ? { name: 'a.csv', data: 'a' } : { name: `${depth}.zip`, data: nested(depth - 1) }])

  test('F17 an entry above the limit is refused, others are not', async () => {
    expect(await contents(file('entry.zip', makeZip(small)), { bytesPerEntry: 99 })).toMatchObject({
      problems: ['zip.bomb'],
      texts: { 'b.csv': 'b' },
    })
  })
  test('F17 an entry that inflates too steeply is refused, but only a large one', async () => {
    const path = file('steep.zip', makeZip([{ name: 'a.csv', data: Buffer.alloc(2_000_000) }]))
    expect((await contents(path)).problems).toEqual([])
    expect((await contents(path, { ratioAbove: 1_000_000 })).problems).toEqual(['zip.bomb'])
  })
  test('F17 an archive above the limits is refused whole', async () => {
    const path = file(
      'archive.zip',
      makeZip([
        { name: 'c.csv', data: 'c' },
        { name: 'in.zip', data: makeZip(small) },
      ]),
    )
    expect(await contents(path, { bytesPerArchive: 300 })).toMatchObject({ members: [], problems: ['zip.bomb'] })
    expect(await contents(path, { entries: 3 })).toMatchObject({ members: [], problems: ['zip.bomb'] })
    expect(await contents(path, { entries: 1 })).toMatchObject({ members: [], problems: ['zip.bomb'] })
  })
  test('F17 zips in zips end at depth 3', async () => {
    expect(await contents(file('three.zip', nested(3)))).toMatchObject({
      problems: [],
      texts: { '3.zip > 2.zip > a.csv': 'a' },
    })
    expect(await contents(file('ten.zip', nested(10)))).toMatchObject({ problems: ['zip.bomb'], texts: {} })
  })
  test('F17 entries that share bytes are refused', async () => {
    const path = file(
      'shared.zip',
      makeZip([...small, ...Array.from({ length: 50 }, (_, n) => ({ name: `${n}.csv`, sharedWith: 0 }))]),
    )
    const { members, problems } = await listMembers(path)
    expect(problems.map(({ code, message }) => [code, /(\d+) entries/.exec(message)?.[1]])).toEqual([
      ['zip.bomb', '50'],
    ])
    expect(members.map(({ name }) => name)).toEqual(['a.csv', 'b.csv'])
  })
  test('F17 300 MB of zeros stream through little memory', async () => {
    const zeros = Buffer.alloc(1_000_000)
    const deflate = createDeflateRaw()
    const packing = (async () => {
      const parts: Buffer[] = []
      for await (const part of deflate) parts.push(part)
      return Buffer.concat(parts)
    })()
    let sum = 0
    for (let count = 0; count < 300; count++) {
      sum = crc32(zeros, sum)
      if (!deflate.write(zeros)) await new Promise(resolve => deflate.once('drain', resolve))
    }
    deflate.end()
    const both = { method: 8, crc32: sum, size: 300_000_000 }
    const path = file('zeros-inside.zip', makeZip([{ name: 'zeros.csv', data: await packing, method: 0, both }]))
    const before = process.memoryUsage().rss
    let most = before
    let total = 0
    for await (const chunk of openMember((await listMembers(path)).members[0]!)) {
      total += chunk.length
      most = Math.max(most, process.memoryUsage().rss)
    }
    expect(total).toBe(300_000_000)
    expect(most - before).toBeLessThan(100_000_000)
  })
})

test('F18 encrypted entries and other methods are refused, the rest is read', async () => {
  const specs: FileSpec[] = [
    { name: 'locked.csv', data: 'x', encrypted: true },
    { name: 'deflate64.csv', data: 'x', method: 9 },
    { name: 'bzip2.csv', data: 'x', method: 12 },
    { name: 'zstd.csv', data: 'x', method: 93 },
    { name: 'plain.csv', data: 'x' },
  ]
  expect(await contents(file('odd.zip', makeZip(specs)))).toMatchObject({
    problems: ['zip.unsupported', 'zip.unsupported', 'zip.unsupported', 'zip.unsupported'],
    texts: { 'plain.csv': 'x' },
  })
})

test.each([
  ['with zip64', {}],
  ['with the count cut to 16 bits, as Finder writes', { wrapCount: true }],
])('70,000 entries %s', async (name, spec) => {
  const specs = Array.from({ length: 70_000 }, (_, n) => ({
    name: `2024/RTBM-LMP-SL-${n}.csv`,
    data: `${n}`,
    method: 0,
  }))
  const { members, problems } = await listMembers(file(`${name}.zip`, makeZip(specs, spec)))
  expect(problems).toEqual([])
  expect(members.length).toBe(70_000)
  let wrong = 0
  for (const [n, member] of members.entries()) if ((await readAll(member)).bytes.toString() !== `${n}`) wrong++
  expect(wrong).toBe(0)
})

test('F16 whatever bytes are changed, listing and reading end with errors of ours', async () => {
  const inner = makeZip([
    { name: 'c.csv', data: 'c'.repeat(500), descriptor: true },
    { name: 'd.csv.gz', data: gzipSync('d') },
  ])
  const zip = makeZip([
    { name: 'a.csv', data: 'a,b\n'.repeat(100), wide: true },
    { name: 'in.zip', data: inner },
    { name: 'e.csv', data: 'e', method: 0 },
  ])
  let seed = 12345
  const random = (below: number) => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0
    return Math.floor((seed / 2 ** 32) * below)
  }
  const codes = new Set<string>()
  for (let round = 0; round < 2000; round++) {
    const changed = Buffer.from(zip)
    for (let change = random(3); change >= 0; change--)
      changed[random(zip.length)] = [0, 1, 0x50, 0xff, random(256)][random(5)]!
    const path = file('fuzz.zip', random(8) === 0 ? changed.subarray(0, random(zip.length)) : changed)
    const { members, problems } = await listMembers(path)
    for (const problem of problems) codes.add(problem.code)
    for (const member of members) codes.add((await readAll(member)).code ?? 'none')
  }
  for (const code of codes) expect(code).toMatch(/^(none|(zip|gz|file)\.\w+)$/)
})
