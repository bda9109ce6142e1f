/**
 * Layer 1, the self limit: RLIMIT_DATA, set from outside by prlimit (util-linux). It counts private writable pages, so that a breach is
 * an allocation that fails, in Buffers a catchable one. RLIMIT_AS is never used: WebAssembly alone reserves more than any sensible limit.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

export type LimitResult = { readonly set: true } | { readonly set: false; readonly why: string }

/** Limits a running process; the soft limit only, so that a later run of the same shell is not bound by it. */
export function limitData(pid: number, bytes: number): LimitResult {
  if (bytes === Number.POSITIVE_INFINITY) return { set: false, why: 'switched off' }
  const { status, stderr, error } = spawnSync('prlimit', ['--pid', String(pid), `--data=${Math.floor(bytes)}:`], {
    encoding: 'utf8',
  })
  if (error)
    return {
      set: false,
      why: (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'no prlimit here (util-linux)' : error.message,
    }
  if (status !== 0) return { set: false, why: `prlimit: ${stderr.trim() || `status ${status}`}` }
  return { set: true }
}

/** Whether a process can be started within a limit here; tried for real. */
export function prlimitWorks(): boolean {
  return spawnSync('prlimit', [`--data=${2 ** 40}:`, 'true'], { stdio: 'ignore' }).status === 0
}

/** A command that starts another with this limit in force from its first instruction. */
export function limited(bytes: number, command: string, args: readonly string[]): { command: string; args: string[] } {
  if (bytes === Number.POSITIVE_INFINITY) return { command, args: [...args] }
  return { command: 'prlimit', args: [`--data=${Math.floor(bytes)}:`, command, ...args] }
}

/** The soft limit in force, as the kernel tells it; null when there is none. */
export function dataLimitOf(pid: number | 'self', proc = '/proc'): number | null {
  try {
    const match = /^Max data size\s+(\S+)/m.exec(readFileSync(`${proc}/${pid}/limits`, 'utf8'))
    return match && match[1] !== 'unlimited' ? Number(match[1]) : null
  } catch {
    return null
  }
}
