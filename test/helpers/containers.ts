/** What the container tests share: a folder that goes away, and reading a member whole. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { closeAll, listMembers, type Member, openMember, type Warning, type ZipLimits } from '../../src/read/members.js'

/** A folder for the tests of one file; gives a function that writes a file into it. */
export function scratch(): (name: string, data: string | Uint8Array) => string {
  const folder = mkdtempSync(join(tmpdir(), 'containers-'))
  afterAll(() => {
    closeAll()
    rmSync(folder, { recursive: true, force: true })
  })
  return (name, data) => {
    const path = join(folder, name)
    writeFileSync(path, data)
    return path
  }
}

export interface Outcome {
  bytes: Buffer
  code?: string
  warnings: string[]
}

/** The bytes given out, the code of the error that ended them, the codes of warnings. */
export async function readAll(member: Member, limits?: Partial<ZipLimits>): Promise<Outcome> {
  const chunks: Uint8Array[] = []
  const warnings: Warning[] = []
  const outcome = () => ({ bytes: Buffer.concat(chunks), warnings: warnings.map(warning => warning.code) })
  try {
    for await (const chunk of openMember(member, limits, warning => warnings.push(warning))) chunks.push(chunk)
    return outcome()
  } catch (error) {
    return { ...outcome(), code: (error as { code: string }).code }
  }
}

/** Lists and reads everything: texts by the names inside, codes of problems, codes of warnings by the names inside. */
export async function contents(path: string, limits?: Partial<ZipLimits>) {
  const { members, problems } = await listMembers(path, limits)
  const texts: Record<string, string> = {}
  const warnings: Record<string, string[]> = {}
  for (const member of members) {
    const key = member.entries.join(' > ') || member.name
    const { bytes, code } = await readAll(member, limits)
    texts[key] = code ?? bytes.toString('latin1')
    if (member.warnings.length > 0) warnings[key] = member.warnings.map(warning => warning.code)
  }
  return { texts, warnings, problems: problems.map(problem => problem.code), members }
}
