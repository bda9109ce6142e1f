/** One worker process as its parent sees it: started within its limits, spoken to, asked to stop, and what its end meant. */
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Share } from '../guard/budget.js'
import { limited } from '../guard/limit.js'
import { oomKills } from '../guard/machine.js'
import { megabytes } from '../model/guard.js'
import type { Progress, UnitResult } from '../model/unit.js'
import type { Failure, FromWorker, Job } from './messages.js'
import type { Stop, StopReason } from './stops.js'

/** What a worker that ended has left on standard error: V8 says there that its heap was full. */
const LAST_WORDS = 4096

export type Outcome =
  | { readonly kind: 'done'; readonly result: UnitResult }
  | { readonly kind: 'failed'; readonly failure: Failure }
  | { readonly kind: 'stopped'; readonly stop: Stop }

export class Child {
  readonly started = performance.now()
  /** Units that it was given. */
  units = 0
  /** Last sign of life of its main thread, and last progress of its unit. */
  alive = performance.now()
  progressed = performance.now()
  /** Resident bytes when it was last looked at. */
  rss: number | null = null
  busy = false
  /** Last batch that it began, for whoever asks what it was at. */
  doing: string | null = null
  readonly #process: ChildProcess
  readonly #killsBefore = oomKills()
  #stop: Stop | undefined
  #killer: NodeJS.Timeout | undefined
  #end = 0
  #words = ''

  /**
   * @param selfLimit whether prlimit works here
   * @param threads for inflating and for garbage, beside the one that does the work
   */
  constructor(
    readonly number: number,
    readonly share: Share,
    readonly selfLimit: boolean,
    threads: number,
    onExit: (child: Child) => void,
  ) {
    const flags = ['--max-semi-space-size=4', `--max-old-space-size=${share.heap}`, `--v8-pool-size=${threads}`]
    const { command, args } = limited(selfLimit ? share.data : Number.POSITIVE_INFINITY, process.execPath, flags)
    this.#process = fork(fileURLToPath(new URL('./worker.js', import.meta.url)), [], {
      execPath: command,
      execArgv: args,
      env: { ...process.env, MALLOC_ARENA_MAX: '2', UV_THREADPOOL_SIZE: String(threads) },
      stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
    })
    this.#process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#words = (this.#words + text).slice(-LAST_WORDS)
    })
    this.#process.once('exit', () => {
      clearTimeout(this.#killer)
      onExit(this)
    })
    this.#process.on('error', () => {})
  }

  get pid(): number | undefined {
    return this.#process.pid
  }

  /** Seconds since it was started. */
  get age(): number {
    return (performance.now() - this.started) / 1000
  }

  run(job: Job, onProgress: (progress: Progress) => void): Promise<Outcome> {
    const child = this.#process
    this.units++
    this.busy = true
    this.doing = null
    this.alive = this.progressed = performance.now()
    return new Promise(resolve => {
      const finish = (outcome: Outcome): void => {
        this.busy = false
        child.off('message', onMessage)
        child.off('close', onClose)
        child.off('error', onError)
        resolve(outcome)
      }
      const onMessage = (message: FromWorker): void => {
        this.alive = performance.now()
        if (message.kind === 'alive') return
        // Ready counts as well: a slow start of the process is no lack of progress.
        this.progressed = this.alive
        if (message.kind === 'ready') return
        if (message.kind !== 'progress') finish(message)
        else {
          const { progress } = message
          if (progress.kind === 'batch')
            this.doing = `batch ${progress.batch}: files ${progress.from}-${progress.to} of ${progress.of}`
          onProgress(progress)
        }
      }
      // Not 'exit': its last words come before 'close'.
      const onClose = (code: number | null, signal: NodeJS.Signals | null): void =>
        finish({ kind: 'stopped', stop: this.#stop ?? this.#meaning(code, signal) })
      // A worker that ended between two units is noticed when it is spoken to.
      const onError = (error: Error): void =>
        finish({ kind: 'stopped', stop: this.because('died', `it had ended between two units (${error.name})`) })
      child.on('message', onMessage)
      child.once('close', onClose)
      child.once('error', onError)
      if (child.connected) child.send(job, error => error && onError(error))
      else onError(new Error('not connected'))
    })
  }

  /** A unit can be given to it. */
  get usable(): boolean {
    return this.#process.connected && !this.stopping
  }

  /** Lets it end when it is idle. */
  close(): void {
    if (this.#process.connected) this.#process.disconnect()
  }

  /**
   * Asks it to stop; kills it when it has not within the grace period, because a blocked main thread hears no signal. Asked twice, the
   * earlier end counts.
   */
  stop(graceMs: number, stop?: Stop): void {
    if (stop) this.#stop ??= stop
    const end = performance.now() + graceMs
    if (this.#killer && end >= this.#end) return
    if (!this.#killer) this.#process.kill('SIGTERM')
    clearTimeout(this.#killer)
    this.#end = end
    this.#killer = setTimeout(() => this.#process.kill('SIGKILL'), graceMs)
  }

  kill(): void {
    this.#process.kill('SIGKILL')
  }

  get stopping(): boolean {
    return this.#killer !== undefined
  }

  /** A stop without readings of the machine. */
  because(reason: StopReason, why: string): Stop {
    const { selfLimit, share } = this
    return {
      reason,
      why,
      rss_mb: this.rss === null ? null : Math.round(this.rss / 2 ** 20),
      available_gb: null,
      threshold_gb: null,
      limit_mb: selfLimit && share.data < Number.POSITIVE_INFINITY ? Math.round(share.data / 2 ** 20) : null,
      doing: this.doing,
    }
  }

  #meaning(code: number | null, signal: NodeJS.Signals | null): Stop {
    const { share } = this
    if (/out of memory|heap limit|allocation fail|bad_alloc|Cannot allocate memory/i.test(this.#words))
      return this.because(
        'heap',
        `its JavaScript heap or the process was at its limit (heap ${share.heap} MB, data ${megabytes(share.data)})`,
      )
    if (signal === 'SIGKILL') {
      const kills = oomKills()
      if (kills === null) return this.because('oom_killed', 'killed (SIGKILL), most likely for lack of memory')
      if (kills > (this.#killsBefore ?? 0))
        return this.because('oom_killed', 'killed by the kernel for lack of memory (out-of-memory kill of the cgroup)')
      return this.because(
        'killed',
        'killed (SIGKILL) by somebody else: the kernel counted no out-of-memory kill (earlyoom and systemd-oomd end processes like this, too)',
      )
    }
    const words = this.#words.trim().split('\n').at(-1)
    return this.because('died', `ended with ${signal ?? `status ${code}`}${words ? `: ${words}` : ''}`)
  }
}
