/**
 * Layer 1, the self limit: RLIMIT_DATA, set from outside by prlimit (util-linux). It counts private writable pages, so that a breach is
 * an allocation that fails, in Buffers a catchable one. RLIMIT_AS is never used: WebAssembly alone reserves more than any sensible limit.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

export type LimitResult = { readonly set: true; readonly bytes: number } | { readonly set: false; readonly why: string }

/** A soft limit cannot be above the hard one that the shell or the wrapper has set. */
function within(bytes: number): number {
  return Math.floor(Math.min(bytes, limitsOf('self')?.hard ?? Number.POSITIVE_INFINITY))
}

/** Limits a running process; the soft limit only, so that a later run of the same shell is not bound by it. */
export function limitData(pid: number, bytes: number): LimitResult {
  if (bytes === Number.POSITIVE_INFINITY) return { set: false, why: 'switched off' }
  const limit = within(bytes)
  const { status, stderr, error } = spawnSync('prlimit', ['--pid', String(pid), `--data=${limit}:`], {
    encoding: 'utf8',
  })
  if (error)
    return {
      set: false,
      why: (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'no prlimit here (util-linux)' : error.message,
    }
  if (status !== 0) return { set: false, why: `prlimit: ${stderr.trim() || `status ${status}`}` }
  return { set: true, bytes: limit }
}

/** Whether a process can be started within a limit here; tried for real. */
export function prlimitWorks(): boolean {
  return spawnSync('prlimit', [`--data=${within(2 ** 40)}:`, 'true'], { stdio: 'ignore' }).status === 0
}

/** A command that starts another with this limit in force from its first instruction. */
export function limited(bytes: number, command: string, args: readonly string[]): { command: string; args: string[] } {
  if (bytes === Number.POSITIVE_INFINITY) return { command, args: [...args] }
  return { command: 'prlimit', args: [`--data=${within(bytes)}:`, command, ...args] }
}

function limitsOf(pid: number | 'self', proc = '/proc'): { soft: number; hard: number } | null {
  try {
    const match = /^Max data size\s+(\S+)\s+(\S+)/m.exec(readFileSync(`${proc}/${pid}/limits`, 'utf8'))
    const bytes = (text = '') => (text === 'unlimited' ? Number.POSITIVE_INFINITY : Number(text))
    return match ? { soft: bytes(match[1]), hard: bytes(match[2]) } : null
  } catch {
    // Not Linux, or the process is gone.
    return null
  }
}

/** The soft limit in force, as the kernel tells it; null when there is none. */
export function dataLimitOf(pid: number | 'self', proc = '/proc'): number | null {
  const soft = limitsOf(pid, proc)?.soft ?? Number.POSITIVE_INFINITY
  return soft === Number.POSITIVE_INFINITY ? null : soft
}
