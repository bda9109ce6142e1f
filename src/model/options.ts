/** Everything a run was asked to do, read completely before anything is done, and never changed afterwards. */
import type { GuardSettings } from './guard.js'

export interface RunOptions {
  /** Short names in lower case, in the order in which they run. */
  readonly isos: readonly string[]
  readonly datasets: readonly string[]
  /** Delivery dates, inclusive; empty for all. */
  readonly ranges: readonly { readonly from: string; readonly to: string }[]
  readonly input: string
  /** The market of files that do not tell theirs. */
  readonly hint: string | undefined
  readonly output: string
  readonly tmpDir: string
  /** Worker processes; 0 converts in this process, auto as many as memory and cores carry. */
  readonly workers: number | 'auto'
  readonly batchSize: number
  readonly maxInFlight: number
  /** Bytes for the whole run, workers included. */
  readonly memoryLimit: number
  /** Who decided on it, for people. */
  readonly memorySource: string
  readonly guard: GuardSettings
  /** This process is ours to limit: true on the command line, false in somebody else's program. */
  readonly limitSelf: boolean
  readonly limit: number | undefined
  readonly maxBadRows: { readonly count: number } | { readonly percent: number }
  readonly maxGaps: number | undefined
  readonly force: boolean
  readonly dryRun: boolean
}
