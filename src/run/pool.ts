/**
 * Units to child processes. A child has its own memory, its own limits and its own out-of-memory kill; the parent hands out
 * units, hears progress, retries a unit whose worker died once, and replaces workers after 20 units.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Progress, Unit, UnitOptions, UnitResult } from '../model/unit.js'
import type { Failure, FromWorker, Job } from './messages.js'

const UNITS_PER_WORKER = 20

export interface PoolEvents {
  readonly started: (unit: Unit, worker: number) => void
  readonly progress: (unit: Unit, progress: Progress) => void
  readonly done: (unit: Unit, result: UnitResult) => void
  readonly failed: (unit: Unit, failure: Failure) => void
  readonly retried: (unit: Unit, why: string) => void
}

export class Pool {
  readonly #queue: { unit: Unit; attempt: number }[]
  readonly #children = new Set<ChildProcess>()
  #stopped = false

  constructor(
    units: readonly Unit[],
    readonly options: UnitOptions,
    readonly workers: number,
    readonly events: PoolEvents,
  ) {
    this.#queue = units.map(unit => ({ unit, attempt: 1 }))
  }

  async run(): Promise<void> {
    const lanes = Math.min(this.workers, this.#queue.length)
    await Promise.all(Array.from({ length: lanes }, (_, lane) => this.#lane(lane + 1)))
  }

  /** Takes no further unit and ends the workers; their half-written files have temporary names. */
  stop(): void {
    this.#stopped = true
    this.#queue.length = 0
    for (const child of this.#children) child.kill('SIGTERM')
  }

  async #lane(lane: number): Promise<void> {
    let worker: Worker | undefined
    for (let task = this.#queue.shift(); task; task = this.#queue.shift()) {
      worker ??= new Worker(this.#children)
      this.events.started(task.unit, lane)
      const { unit, attempt } = task
      const outcome = await worker.run({ kind: 'job', unit, options: this.options }, progress =>
        this.events.progress(unit, progress),
      )
      if (outcome.kind === 'done') this.events.done(unit, outcome.result)
      else if (outcome.kind === 'failed') this.events.failed(unit, outcome.failure)
      else {
        worker = undefined
        if (this.#stopped) return
        if (attempt === 1) {
          this.events.retried(unit, outcome.why)
          this.#queue.push({ unit, attempt: 2 })
        } else
          this.events.failed(unit, {
            code: 'worker.died',
            message: `its worker died twice: ${outcome.why}`,
            exitCode: outcome.exitCode,
          })
      }
      if (worker && worker.units >= UNITS_PER_WORKER) {
        worker.close()
        worker = undefined
      }
    }
    worker?.close()
  }
}

type Outcome =
  | Extract<FromWorker, { kind: 'done' | 'failed' }>
  | { readonly kind: 'died'; readonly why: string; readonly exitCode: number }

class Worker {
  units = 0
  readonly #child: ChildProcess

  constructor(readonly children: Set<ChildProcess>) {
    this.#child = fork(fileURLToPath(new URL('./worker.js', import.meta.url)), [], {
      env: { ...process.env, MALLOC_ARENA_MAX: '2', UV_THREADPOOL_SIZE: '2' },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    children.add(this.#child)
    this.#child.once('exit', () => children.delete(this.#child))
    this.#child.on('error', () => {})
  }

  run(job: Job, onProgress: (progress: Progress) => void): Promise<Outcome> {
    this.units++
    const child = this.#child
    return new Promise(resolve => {
      const finish = (outcome: Outcome): void => {
        child.off('message', onMessage)
        child.off('exit', onExit)
        child.off('error', onError)
        resolve(outcome)
      }
      const onMessage = (message: FromWorker): void => {
        if (message.kind === 'progress') onProgress(message.progress)
        else if (message.kind !== 'ready') finish(message)
      }
      const onExit = (code: number | null, signal: NodeJS.Signals | null): void =>
        finish({
          kind: 'died',
          why:
            signal === 'SIGKILL'
              ? 'killed (SIGKILL), most likely for lack of memory'
              : `ended with ${signal ?? `status ${code}`}`,
          exitCode: signal === 'SIGKILL' || code === 134 ? 71 : 70,
        })
      // A worker that died between two units is noticed when it is spoken to.
      const onError = (error: Error): void =>
        finish({ kind: 'died', why: `it had ended between two units (${error.name})`, exitCode: 70 })
      child.on('message', onMessage)
      child.once('exit', onExit)
      child.once('error', onError)
      if (child.connected) child.send(job, error => error && onError(error))
      else onError(new Error('it had ended before'))
    })
  }

  close(): void {
    if (this.#child.connected) this.#child.disconnect()
  }
}
