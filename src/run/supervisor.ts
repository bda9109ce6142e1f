/**
 * Looks at memory and at the workers while units run. Monitor: below the warning line no unit starts. Emergency brake: below the critical
 * line the largest unit is stopped. Watchdog: a worker over its share or without progress is stopped; health lines tell of the others.
 */
import type { Reading } from '../guard/monitor.js'
import { Monitor } from '../guard/monitor.js'
import type { DynamicSemaphore } from '../guard/semaphore.js'
import { type GuardSettings, gigabytes } from '../model/guard.js'
import type { Child } from './child.js'
import type { Stop } from './stops.js'

export interface SupervisorEvents {
  readonly log: (level: 'info' | 'warn', message: string, fields?: Readonly<Record<string, unknown>>) => void
  /** Nothing could be started for longer than the stall timeout. */
  readonly giveUp: (why: string) => void
}

/** While pressure lasts, a warning is repeated so often. */
const REMIND_MS = 60_000
/** Resident pages of files, Node's own code above all: the data limit does not count them, resident memory does. */
const FILES = 64 * 2 ** 20
/** Stopping a unit takes a moment to show in the figures: looks at memory between two uses of the brake. */
const BRAKE_PAUSE = 3

export class Supervisor {
  readonly #monitor: Monitor
  #timer: NodeJS.Timeout | undefined
  #pressed = false
  #warned = 0
  #health = performance.now()
  #idleSince: number | undefined
  #pause = 0
  peak = 0

  constructor(
    readonly settings: GuardSettings,
    readonly budget: number,
    readonly lanes: number,
    readonly gate: DynamicSemaphore,
    readonly children: ReadonlySet<Child>,
    readonly events: SupervisorEvents,
  ) {
    this.#monitor = new Monitor(settings, budget)
  }

  start(): void {
    this.look()
    this.#timer = setInterval(() => this.look(), this.settings.monitorMs)
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  /** One look at everything. */
  look(): void {
    const children = [...this.children].filter(child => child.pid !== undefined)
    const reading = this.#monitor.read([process.pid, ...children.map(child => child.pid as number)])
    this.peak = Math.max(this.peak, reading.rss)
    for (const child of children) child.rss = reading.resident.get(child.pid as number) ?? child.rss
    this.#permit(reading)
    this.#brake(reading)
    for (const child of children) if (child.busy && !child.stopping) this.#watch(child)
    this.#tellHealth(children)
  }

  #permit(reading: Reading): void {
    const now = performance.now()
    if (reading.pressure === 'ok') {
      if (this.#pressed)
        this.events.log('info', `Memory is back (${gigabytes(reading.available ?? 0)} available): units start again`)
      this.#pressed = false
      this.#idleSince = undefined
      // One more at each look: all at once would bring the pressure back.
      this.gate.follow('ok', this.lanes)
      return
    }
    // A budget that the parent alone nearly fills must not keep the last unit waiting for ever.
    this.gate.follow(reading.pressure, this.lanes, reading.cause === 'budget' ? 1 : 0)
    if (!this.#pressed || now - this.#warned > REMIND_MS) {
      this.#warned = now
      const rule = reading.cause === 'budget' ? 'no more than one unit runs' : 'no new unit starts'
      this.events.log('warn', `Memory ${reading.pressure}: ${reading.why}; ${rule}`, {
        available: reading.available,
        threshold: reading.threshold,
        rss: reading.rss,
      })
    }
    this.#pressed = true
    // A worker without a unit holds what its last one left: that is the first to be given back.
    for (const child of this.children) if (!child.busy) child.close()
    const busy = this.gate.taken > 0 || this.gate.waiting === 0
    if (busy) this.#idleSince = undefined
    else this.#idleSince ??= now
    const { stallMs } = this.settings
    if (stallMs > 0 && this.#idleSince !== undefined && now - this.#idleSince > stallMs) this.events.giveUp(reading.why)
  }

  #brake(reading: Reading): void {
    if (this.#pause > 0) this.#pause--
    if (reading.pressure !== 'critical' || this.#pause > 0) return
    const largest = [...this.children]
      .filter(child => child.busy && !child.stopping)
      .sort((a, b) => (b.rss ?? 0) - (a.rss ?? 0))[0]
    if (!largest) return
    this.#pause = BRAKE_PAUSE
    this.events.log(
      'warn',
      `Emergency brake: ${reading.why}; stopping worker ${largest.number} (${gigabytes(largest.rss ?? 0)})`,
    )
    const GiB = 2 ** 30
    const stop: Stop = {
      ...largest.because('memory', `stopped by the emergency brake: ${reading.why}`),
      available_gb: reading.available === null ? null : round(reading.available / GiB),
      threshold_gb: round(reading.threshold / GiB),
    }
    largest.stop(this.settings.graceMs, stop)
  }

  #watch(child: Child): void {
    const { graceMs, stallMs, workerMemory } = this.settings
    const most = Math.min(workerMemory, child.share.data + FILES)
    if (child.rss !== null && child.rss > most)
      child.stop(
        graceMs,
        child.because(
          'share',
          `the watchdog stopped it at ${gigabytes(child.rss)}, above its share of ${gigabytes(most)}`,
        ),
      )
    const now = performance.now()
    if (stallMs === 0 || now - child.progressed < stallMs) return
    // A thread that is not blocked speaks up every second.
    const blocked = now - child.alive > (now - child.progressed) / 2
    const what = blocked ? 'its main thread is blocked' : 'it makes no progress'
    child.stop(
      graceMs,
      child.because(
        blocked ? 'blocked' : 'stall',
        `the watchdog stopped it: ${what} since ${Math.round((now - child.progressed) / 1000)} s`,
      ),
    )
  }

  #tellHealth(children: readonly Child[]): void {
    const { healthMs, restartMs } = this.settings
    const now = performance.now()
    if (now - this.#health < healthMs) return
    this.#health = now
    for (const child of children) {
      const state = child.stopping ? 'stopping' : child.busy ? 'healthy' : 'idle'
      this.events.log(
        'info',
        `Worker ${child.number} PID ${child.pid} ${state} (age ${Math.round(child.age)}s/${Math.round(restartMs / 1000)}s, mem ${((child.rss ?? 0) / 2 ** 30).toFixed(2)}GB)`,
      )
    }
  }
}

const round = (value: number): number => Math.round(value * 100) / 100
