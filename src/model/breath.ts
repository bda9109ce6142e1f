/**
 * Long work is one turn of the event loop: signals, messages and timers wait until it ends. Whoever works long takes a breath now and then,
 * so that a worker can be stopped, hears that its parent is gone, and can say that it is alive.
 */
import { setImmediate } from 'node:timers/promises'

const EVERY_MS = 100

export class Breath {
  #last = performance.now()

  /** Cheap enough to be asked often; asked before `take`, because awaiting is not. */
  get due(): boolean {
    return performance.now() - this.#last > EVERY_MS
  }

  async take(): Promise<void> {
    await setImmediate()
    this.#last = performance.now()
  }
}
