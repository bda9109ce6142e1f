/** Every real zip at hand, against Python's zipfile. */
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { closeAll, listMembers } from '../../src/read/members.js'
import { readAll } from '../helpers/containers.js'

const SAMPLES = join(import.meta.dirname, '../../../shared/samples')
const present = existsSync(SAMPLES)
if (!present) console.log(`skipped: no samples in ${SAMPLES}`)

const PYTHON = `
import io, json, sys, zipfile, zlib
def walk(data, names):
    for info in zipfile.ZipFile(data).infolist():
        name = info.filename
        base = name.rsplit('/', 1)[-1]
        if name.endswith('/') or '__MACOSX/' in name or base.startswith('._') or base == '.DS_Store': continue
        content = zipfile.ZipFile(data).read(info)
        if name.lower().endswith('.zip'): yield from walk(io.BytesIO(content), names + [name])
        else: yield [' > '.join(names + [name]), len(content), zlib.crc32(content)]
for path in json.load(sys.stdin): print(json.dumps(list(walk(path, []))))
`

function zipsBelow(folder: string): string[] {
  if (!present) return []
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return names.filter(name => name.endsWith('.zip')).map(name => join(folder, name))
}

function python(paths: readonly string[]): [string, number, number][][] | undefined {
  try {
    const text = execFileSync('python3', ['-c', PYTHON], {
      input: JSON.stringify(paths),
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    })
    return text
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
  } catch (error) {
    console.log(`skipped the comparison: ${(error as Error).message.slice(0, 200)}`)
    return undefined
  }
}

describe.skipIf(!present)('real archives', () => {
  afterAll(closeAll)

  test('hold what Python finds in them', async () => {
    const { crc32 } = await import('node:zlib')
    const paths = zipsBelow(SAMPLES)
    const expected = python(paths)
    for (const [index, path] of paths.entries()) {
      const { members, problems } = await listMembers(path)
      expect(problems).toEqual([])
      const found: [string, number, number][] = []
      for (const member of members) {
        const { bytes, code } = await readAll(member)
        expect([code, bytes.length, member.warnings]).toEqual([undefined, member.size, []])
        found.push([member.entries.join(' > '), bytes.length, crc32(bytes)])
      }
      if (expected) expect(found).toEqual(expected[index])
    }
    expect(paths.length).toBeGreaterThan(100)
  })

  test('F11 a zip of 767 zips keeps only a few files open', async () => {
    const path = join(SAMPLES, 'ercot/12301_jan_22.zip')
    const { members } = await listMembers(path)
    expect(members.length).toBe(767)
    for (const member of members.slice(0, 50)) await readAll(member)
    for (const other of zipsBelow(SAMPLES)) await listMembers(other)
    if (existsSync('/proc/self/fd')) expect(readdirSync('/proc/self/fd').length, 'open handles').toBeLessThan(60)
  })
})
