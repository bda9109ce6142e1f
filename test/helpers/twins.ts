/** Conversions of the same rows in two containers, which must give the same bytes. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect } from 'vitest'
import { listMembers, type Member, type Warning } from '../../src/read/members.js'
import { openText, type TextOptions } from '../../src/read/open.js'
import type { RunReport } from '../../src/run/report.js'
import { convert, optionsFor, parquetFiles, receiptsOf, withFolder } from './fixtures.js'

export interface Converted {
  readonly report: RunReport
  /** By data set and partition. */
  readonly files: Map<string, string>
  readonly warnings: readonly string[]
}

export async function converted(iso: string, files: Readonly<Record<string, string | Uint8Array>>): Promise<Converted> {
  return await withFolder(async folder => {
    for (const [name, data] of Object.entries(files)) {
      const path = join(folder, 'in', iso, name)
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, data)
    }
    const output = join(folder, 'out')
    const report = await convert(optionsFor([iso], join(folder, 'in'), output))
    const found = [...parquetFiles(output)].map(([name, bytes]) => [name, bytes.toString('latin1')] as const)
    return { report, files: new Map(found), warnings: receiptsOf(output).flatMap(receipt => receipt.warnings) }
  })
}

export function same(one: Converted, other: Converted): void {
  expect([...other.files.keys()]).toEqual([...one.files.keys()])
  expect(one.files.size, 'something came out').toBeGreaterThan(0)
  for (const [name, bytes] of one.files) expect(other.files.get(name) === bytes, name).toBe(true)
}

export interface Read {
  text: string
  code?: string
  message?: string
  warnings: Warning[]
}

export async function textOf(member: Member, options: TextOptions = {}): Promise<Read> {
  const chunks: Uint8Array[] = []
  const read: Read = { text: '', warnings: [] }
  try {
    for await (const chunk of openText(member, warning => read.warnings.push(warning), options)) chunks.push(chunk)
  } catch (error) {
    read.code = (error as { code: string }).code
    read.message = (error as Error).message
  }
  read.text = Buffer.concat(chunks).toString()
  return read
}

/** Every table of a file as text. */
export async function textsOf(path: string, options: TextOptions = {}): Promise<(Read & { member: Member })[]> {
  const { members, problems } = await listMembers(path)
  if (problems[0]) throw problems[0]
  const reads = []
  for (const member of members) reads.push({ ...(await textOf(member, options)), member })
  return reads
}
