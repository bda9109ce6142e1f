/** How a run protects the machine: what it plans with, when it holds back, when it stops a unit. Bytes and milliseconds. */
const MiB = 2 ** 20
const GiB = 2 ** 30

export interface GuardSettings {
  /** Share of the machine's memory that may be planned with. */
  readonly eta: number
  /** Bytes of memory per byte of input text; undefined for what was measured per layout. */
  readonly gamma: number | undefined
  /** Bytes per unit beside its rows. */
  readonly overhead: number
  readonly minWorkers: number
  readonly maxWorkers: number
  /** Workers where the machine's memory cannot be read. */
  readonly fallbackWorkers: number
  /** False: workers are as many as cores, whatever the memory. */
  readonly safety: boolean
  /** Available memory of the machine below which no unit starts; undefined: 4 GB, or 15 % of a smaller machine. */
  readonly warning: number | undefined
  /** Available memory below which the largest unit is stopped; undefined: 2 GB, or 8 % of a smaller machine. */
  readonly critical: number | undefined
  /** Resident bytes above which a worker is stopped, whatever its share. */
  readonly workerMemory: number
  /** Between two looks at memory. */
  readonly monitorMs: number
  /** Between two health lines. */
  readonly healthMs: number
  /** Age above which a worker is replaced, between two units. */
  readonly restartMs: number
  /** From asking a worker to stop to killing it. */
  readonly graceMs: number
  /** A unit without progress for so long is stopped; 0 for never. */
  readonly stallMs: number
  /** Where the kernel tells of processes and memory; another place in tests. */
  readonly procRoot: string
}

export const GUARD_DEFAULTS: GuardSettings = Object.freeze({
  eta: 0.75,
  gamma: undefined,
  overhead: 50 * MiB,
  minWorkers: 1,
  maxWorkers: 16,
  fallbackWorkers: 4,
  safety: true,
  warning: undefined,
  critical: undefined,
  workerMemory: 8 * GiB,
  monitorMs: 1000,
  healthMs: 60_000,
  restartMs: 60 * 60_000,
  graceMs: 120_000,
  stallMs: 600_000,
  procRoot: '/proc',
})

/** 17.7GB, 0.5GB: as people write it, without digits that say nothing. */
export function gigabytes(bytes: number): string {
  if (bytes === Number.POSITIVE_INFINITY) return 'unlimited'
  const value = bytes / GiB
  return `${Number(value.toFixed(value < 1 ? 2 : 1))}GB`
}

export const megabytes = (bytes: number): string => `${Math.round(bytes / MiB)} MB`
