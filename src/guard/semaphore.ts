/** A semaphore whose number of permits may change while it is used: below what is taken, nobody new gets in until enough came back. */
import type { Pressure } from './monitor.js'

export class DynamicSemaphore {
  #permits: number
  #taken = 0
  readonly #waiting: (() => void)[] = []

  /** @param permits how many may be held at once; whole, 0 or more */
  constructor(permits: number) {
    this.#permits = permits
  }

  get permits(): number {
    return this.#permits
  }

  get taken(): number {
    return this.#taken
  }

  get waiting(): number {
    return this.#waiting.length
  }

  /** Those who wait are let in in the order in which they came. */
  setPermits(permits: number): void {
    this.#permits = permits
    this.#admit()
  }

  /** Follows memory: under pressure nobody new gets in (but for `least`), and when it is gone one more at each call, up to `most`. */
  follow(pressure: Pressure, most: number, least = 0): void {
    if (pressure !== 'ok') this.setPermits(least)
    else if (this.#permits < most) this.setPermits(this.#permits + 1)
  }

  acquire(): Promise<void> {
    return new Promise(resolve => {
      this.#waiting.push(resolve)
      this.#admit()
    })
  }

  /** Gives a permit back. One call for each `acquire` that was answered. */
  release(): void {
    if (this.#taken === 0) throw new RangeError('release without acquire')
    this.#taken--
    this.#admit()
  }

  /** Scoped form: holds a permit while `work` runs, whatever comes of it. */
  async use<T>(work: () => Promise<T> | T): Promise<T> {
    await this.acquire()
    try {
      return await work()
    } finally {
      this.release()
    }
  }

  #admit(): void {
    while (this.#taken < this.#permits) {
      const next = this.#waiting.shift()
      if (!next) return
      this.#taken++
      next()
    }
  }
}
