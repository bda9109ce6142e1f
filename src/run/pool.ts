/**
 * Units to child processes. A child has its own memory, its own limits and its own out-of-memory kill; the parent hands out units, hears
 * progress, tries a unit whose worker was stopped once more (for lack of memory: alone, at the end), and replaces workers in time.
 */
import { cpus } from 'node:os'
import { type Share, shareOf } from '../guard/budget.js'
import { DynamicSemaphore } from '../guard/semaphore.js'
import { asConvertError } from '../model/errors.js'
import { type GuardSettings, gigabytes, megabytes } from '../model/guard.js'
import type { Progress, Unit, UnitOptions, UnitResult } from '../model/unit.js'
import { Child, type Outcome } from './child.js'
import type { Failure } from './messages.js'
import { type Stop, Stops } from './stops.js'
import { Supervisor } from './supervisor.js'

const UNITS_PER_WORKER = 20
/** Signals from a terminal wait for nobody. */
const SIGNAL_GRACE_MS = 10_000

export interface PoolEvents {
  readonly log: (level: 'info' | 'warn', message: string, fields?: Readonly<Record<string, unknown>>) => void
  readonly progress: (unit: Unit, progress: Progress) => void
  readonly done: (unit: Unit, result: UnitResult) => void
  readonly failed: (unit: Unit, failure: Failure) => void
  readonly retried: (unit: Unit, why: string) => void
}

export interface PoolPlan {
  readonly workers: number
  /** Bytes for the whole run. */
  readonly budget: number
  /** Of these, for the workers and an ordinary parent; less where the parent has grown with a large archive. */
  readonly divided: number
  readonly settings: GuardSettings
  /** Whether prlimit works here. */
  readonly selfLimit: boolean
  /** What a unit is told; its memory follows from the share. */
  readonly options: Omit<UnitOptions, 'memory'>
}

interface Task {
  readonly unit: Unit
  readonly attempt: number
}

const SHORT_OF_MEMORY: readonly Stop['reason'][] = ['memory', 'share', 'limit', 'heap', 'oom_killed', 'killed']

export class Pool {
  readonly stops: Stops
  readonly #queue: Task[]
  readonly #alone: Task[] = []
  readonly #children = new Set<Child>()
  readonly #gate: DynamicSemaphore
  readonly #supervisor: Supervisor
  readonly #lanes: number
  #stopped = false
  #started = 0

  constructor(
    units: readonly Unit[],
    readonly plan: PoolPlan,
    readonly events: PoolEvents,
  ) {
    const { settings, budget } = plan
    this.stops = new Stops(plan.options.output, why => events.log('warn', why))
    this.#queue = units.map(unit => ({ unit, attempt: 1 }))
    this.#lanes = Math.max(1, Math.min(plan.workers, units.length))
    this.#gate = new DynamicSemaphore(this.#lanes)
    this.#supervisor = new Supervisor(settings, budget, this.#lanes, this.#gate, this.#children, {
      log: events.log,
      giveUp: why => this.#giveUp(why),
    })
  }

  /** Highest sum of resident bytes that was seen. */
  get peak(): number {
    return this.#supervisor.peak
  }

  async run(): Promise<void> {
    const { divided } = this.plan
    // Whoever leaves at once takes the workers along: one that hangs would not notice that its parent is gone.
    const takeAlong = () => {
      for (const child of this.#children) child.kill()
    }
    process.once('exit', takeAlong)
    this.#supervisor.start()
    try {
      const share = shareOf(divided, this.#lanes)
      await Promise.all(Array.from({ length: this.#lanes }, () => this.#lane(this.#queue, share)))
      // By now nobody else needs memory: the whole budget for one, and half the rows before it spills.
      await this.#lane(this.#alone, shareOf(divided, 1, 0.5))
    } finally {
      this.#supervisor.stop()
      process.off('exit', takeAlong)
    }
  }

  /** Takes no further unit and ends the workers; their half-written files have temporary names. */
  stop(): void {
    this.#stopped = true
    this.#queue.length = this.#alone.length = 0
    this.#gate.setPermits(this.#lanes)
    for (const child of this.#children) child.stop(SIGNAL_GRACE_MS)
  }

  async #lane(queue: Task[], share: Share): Promise<void> {
    let child: Child | undefined
    while (queue.length > 0)
      await this.#gate.use(async () => {
        const task = queue.shift()
        if (!task) return
        try {
          // The supervisor closes idle workers when memory is short.
          if (!child?.usable) child = this.#start(share)
          const { unit } = task
          const options = { ...this.plan.options, memory: share.rows }
          const outcome = await child.run({ kind: 'job', unit, options }, progress =>
            this.events.progress(unit, progress),
          )
          this.#settle(task, outcome, child)
          // After a failure nobody knows what the process still holds.
          if (outcome.kind !== 'done' || this.#isSpent(child)) child.close()
        } catch (error) {
          // No process could be started, or the caller failed: this unit's loss, not that of the others.
          child?.close()
          const { code, message, exitCode } = asConvertError(error)
          this.#failed(task.unit, { code, message, exitCode })
        }
      })
    child?.close()
  }

  #start(share: Share): Child {
    // All workers together have no more threads than the machine has cores.
    const threads = Math.max(1, Math.floor(cpus().length / this.#lanes))
    const gone = (each: Child) => this.#children.delete(each)
    const child = new Child(++this.#started, share, this.plan.selfLimit, threads, gone)
    this.#children.add(child)
    return child
  }

  /** Replaced between two units: memory that leaked goes with the process. */
  #isSpent(child: Child): boolean {
    return child.units >= UNITS_PER_WORKER || child.age * 1000 > this.plan.settings.restartMs || child.stopping
  }

  #settle(task: Task, outcome: Outcome, child: Child): void {
    const { unit } = task
    if (outcome.kind === 'done') {
      this.stops.conclude(unit, 'converted')
      this.events.done(unit, outcome.result)
    } else if (outcome.kind === 'failed' && outcome.failure.code !== 'memory.limit') {
      this.#failed(unit, outcome.failure)
    } else if (!this.#stopped) {
      const stop = outcome.kind === 'stopped' ? outcome.stop : child.because('limit', outcome.failure.message)
      this.#stoppedUnit(task, stop, child)
    }
  }

  #failed(unit: Unit, failure: Failure): void {
    this.stops.conclude(unit, 'failed')
    this.events.failed(unit, failure)
  }

  #stoppedUnit({ unit, attempt }: Task, stop: Stop, { share }: Child): void {
    this.stops.add(unit, stop, attempt)
    const memory = SHORT_OF_MEMORY.includes(stop.reason)
    if (attempt === 1) {
      this.events.retried(unit, memory ? `${stop.why}; alone, when the others are done` : stop.why)
      ;(memory ? this.#alone : this.#queue).push({ unit, attempt: 2 })
      return
    }
    const known = memory && stop.reason !== 'killed'
    this.#failed(unit, known ? memoryFailure(stop.reason, stop.why, share.data, this.plan.budget) : otherFailure(stop))
  }

  #giveUp(why: string): void {
    const left = [...this.#queue, ...this.#alone]
    this.#queue.length = this.#alone.length = 0
    const message = `not started: ${why}, and nothing else could be waited for; run again when memory is free`
    for (const { unit } of left) this.#failed(unit, { code: 'memory.wait', message, exitCode: 75 })
    this.#gate.setPermits(this.#lanes)
  }
}

/** What a person should know of a unit that memory did not suffice for. */
export function memoryFailure(reason: string, why: string, limit: number, budget: number): Failure {
  const whole = budget === Number.POSITIVE_INFINITY ? '' : ` of a memory limit of ${gigabytes(budget)}`
  const given = limit === Number.POSITIVE_INFINITY ? '' : ` It was given ${megabytes(limit)}${whole}.`
  return {
    code: `memory.${reason}`,
    message: `not enough memory: ${why}.${given} What was there before is untouched. Raise --memory-limit, use a smaller --batch-size or --workers 1, or convert one year at a time (--year)`,
    exitCode: 71,
  }
}

function otherFailure({ reason, why, doing }: Stop): Failure {
  const at = doing === null ? '' : ` (at ${doing})`
  if (reason === 'stall')
    return { code: 'unit.stalled', message: `${why}${at}, twice; --stall-timeout allows more`, exitCode: 75 }
  if (reason === 'blocked') return { code: 'unit.blocked', message: `${why}${at}, twice`, exitCode: 70 }
  return { code: `worker.${reason}`, message: `its worker died twice: ${why}`, exitCode: 70 }
}
