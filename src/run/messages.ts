/** What crosses the border between the parent and its workers: every message has a named type. */
import type { Progress, Unit, UnitOptions, UnitResult } from '../model/unit.js'

export interface Job {
  readonly kind: 'job'
  readonly unit: Unit
  readonly options: UnitOptions
}

export interface Failure {
  readonly code: string
  readonly message: string
  readonly exitCode: number
}

export type FromWorker =
  | { readonly kind: 'ready' }
  /** The worker's main thread is not blocked. */
  | { readonly kind: 'alive' }
  | { readonly kind: 'progress'; readonly progress: Progress }
  | { readonly kind: 'done'; readonly result: UnitResult }
  | { readonly kind: 'failed'; readonly failure: Failure }
