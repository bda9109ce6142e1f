/** The worker process: one unit after the other, each one call of the very function that an in-process run uses. */
import { writeFileSync } from 'node:fs'
import { converters } from '../../converters/index.js'
import { asConvertError, InternalError } from '../model/errors.js'
import type { Progress } from '../model/unit.js'
import { abandonAll } from '../write/atomic.js'
import type { FromWorker, Job } from './messages.js'
import { convertUnit } from './unit.js'

const PROGRESS_MS = 200
/** The parent's watchdog tells a blocked main thread from a slow disk by these. */
const ALIVE_MS = 1000

function send(message: FromWorker): void {
  process.send?.(message)
}

/** Bytes and rows are gathered, so that a file of small chunks does not flood the parent. */
function throttled(): (progress: Progress) => void {
  let bytes = 0
  let rows = 0
  let last = 0
  return progress => {
    if (progress.kind === 'batch') {
      send({ kind: 'progress', progress })
      return
    }
    if (progress.kind === 'bytes') {
      bytes += progress.bytes
      rows += progress.rows
    }
    const now = performance.now()
    if (now - last < PROGRESS_MS) return
    send({ kind: 'progress', progress: { kind: 'bytes', bytes, rows } })
    last = now
    bytes = rows = 0
  }
}

async function run({ unit, options }: Job): Promise<void> {
  try {
    const converter = converters.get(unit.iso.toLowerCase())
    if (!converter) throw new InternalError('unit.iso', `no converter for ${unit.iso}`)
    send({ kind: 'done', result: await convertUnit(converter, unit, options, throttled()) })
  } catch (error) {
    const { code, message, exitCode } = asConvertError(error)
    send({ kind: 'failed', failure: { code, message, exitCode } })
  }
}

process.on('message', (job: Job) => void run(job))
// Thrown outside of a unit's own calls, by a stream or a timer: the unit is lost, but its parent hears why.
process.on('uncaughtException', error => {
  const { code, message, exitCode } = asConvertError(error)
  abandonAll()
  process.send?.({ kind: 'failed', failure: { code, message, exitCode } }, () => process.exit(exitCode))
})
try {
  // Should the kernel have to choose, it is to choose a worker: its parent can then tell what happened and go on.
  writeFileSync('/proc/self/oom_score_adj', '500')
} catch {
  // Not Linux, or not allowed: then the kernel's own choice stands.
}
setInterval(() => send({ kind: 'alive' }), ALIVE_MS).unref()
// The parent is gone: nobody waits for the result, and what is half written has a temporary name.
process.on('disconnect', () => {
  abandonAll()
  process.exit(0)
})
process.on('SIGTERM', () => {
  abandonAll()
  process.exit(143)
})
// Ctrl-C reaches the whole group; the parent decides what becomes of the unit.
process.on('SIGINT', () => {})
send({ kind: 'ready' })
