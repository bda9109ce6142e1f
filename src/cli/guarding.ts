/** Flags and environment of the protection: one table, for both. A flag wins over the environment, that over the default. */
import type { Command } from 'commander'
import { UsageError } from '../model/errors.js'
import { GUARD_DEFAULTS, type GuardSettings } from '../model/guard.js'

export type Environment = Readonly<Record<string, string | undefined>>

const MiB = 2 ** 20
const GiB = 2 ** 30
/** Twenty days in seconds: what a timer of Node can hold. */
const DAYS = 20 * 86_400

interface Setting {
  readonly key: keyof GuardSettings
  /** As commander names it; without one there is only the environment. */
  readonly flag?: string
  readonly env: string
  /** What one unit of the text is in the setting's own unit. */
  readonly factor: number
  readonly least: number
  /** Above this a timer or a machine could not follow. */
  readonly most?: number
  readonly whole?: true
  readonly what: string
}

const SETTINGS: readonly Setting[] = [
  {
    key: 'eta',
    flag: 'targetMemory',
    env: 'TARGET_MEMORY',
    factor: 0.01,
    least: 1,
    most: 100,
    what: 'a percentage such as 60',
  },
  { key: 'eta', env: 'ETA', factor: 1, least: 0.01, most: 1, what: 'a share such as 0.75' },
  { key: 'gamma', env: 'GAMMA', factor: 1, least: 0.01, what: 'a factor such as 3.0' },
  { key: 'overhead', env: 'M_OVERHEAD_MB', factor: MiB, least: 0, what: 'megabytes such as 50' },
  { key: 'minWorkers', env: 'MIN_WORKERS', factor: 1, least: 1, most: 1024, whole: true, what: 'a number of workers' },
  { key: 'maxWorkers', env: 'MAX_WORKERS', factor: 1, least: 1, most: 1024, whole: true, what: 'a number of workers' },
  {
    key: 'fallbackWorkers',
    env: 'FALLBACK_WORKERS',
    factor: 1,
    least: 1,
    most: 1024,
    whole: true,
    what: 'a number of workers',
  },
  {
    key: 'warning',
    flag: 'memoryWarning',
    env: 'MEMORY_WARNING_GB',
    factor: GiB,
    least: 0,
    what: 'gigabytes such as 4',
  },
  {
    key: 'critical',
    flag: 'memoryCritical',
    env: 'MEMORY_CRITICAL_GB',
    factor: GiB,
    least: 0,
    what: 'gigabytes such as 2',
  },
  {
    key: 'workerMemory',
    flag: 'workerMemory',
    env: 'WORKER_MEMORY_GB',
    factor: GiB,
    least: 0.1,
    what: 'gigabytes such as 8',
  },
  {
    key: 'monitorMs',
    flag: 'monitorInterval',
    env: 'MONITOR_INTERVAL',
    factor: 1000,
    least: 0.05,
    most: DAYS,
    what: 'seconds such as 1',
  },
  {
    key: 'healthMs',
    flag: 'watchdogInterval',
    env: 'WATCHDOG_INTERVAL',
    factor: 1000,
    least: 0.05,
    what: 'seconds such as 60',
  },
  {
    key: 'restartMs',
    flag: 'restartAfter',
    env: 'RESTART_AFTER',
    factor: 60_000,
    least: 0,
    what: 'minutes such as 60',
  },
  { key: 'graceMs', flag: 'grace', env: 'GRACE', factor: 1000, least: 0, most: DAYS, what: 'seconds such as 120' },
  {
    key: 'stallMs',
    flag: 'stallTimeout',
    env: 'STALL_TIMEOUT',
    factor: 1000,
    least: 0,
    what: 'seconds such as 600, or 0 for never',
  },
]

export type GuardFlags = Readonly<
  Partial<
    Record<
      | 'targetMemory'
      | 'memoryWarning'
      | 'memoryCritical'
      | 'workerMemory'
      | 'monitorInterval'
      | 'watchdogInterval'
      | 'restartAfter'
      | 'grace'
      | 'stallTimeout',
      string
    >
  >
>

export function guarding(command: Command): Command {
  return command
    .option(
      '--memory-limit <gb>',
      'memory of the whole run; 0 for none (default: $ISO_CONVERTER_MEMORY_LIMIT_GB, else 50 or less)',
    )
    .option('--target-memory <percent>', 'share of the machine’s memory to plan with (default: 75)')
    .option('--memory-warning <gb>', 'available memory below which no unit starts (default: 4, less on small machines)')
    .option('--memory-critical <gb>', 'available memory below which the largest unit stops (default: 2, likewise)')
    .option('--worker-memory <gb>', 'resident memory above which a worker is stopped (default: 8)')
    .option('--monitor-interval <s>', 'seconds between two looks at memory (default: 1)')
    .option('--watchdog-interval <s>', 'seconds between two health lines (default: 60)')
    .option('--restart-after <min>', 'age at which a worker is replaced, between two units (default: 60)')
    .option('--grace <s>', 'seconds from asking a worker to stop to killing it (default: 120)')
    .option('--stall-timeout <s>', 'seconds without progress after which a unit is stopped; 0 for never (default: 600)')
}

export function readGuard(flags: GuardFlags, env: Environment): GuardSettings {
  const settings: Record<string, unknown> = { ...GUARD_DEFAULTS }
  // The first in the table wins, so that a percentage of the command line beats the environment's eta.
  for (const setting of SETTINGS.toReversed()) {
    const flagged = setting.flag ? flags[setting.flag as keyof GuardFlags] : undefined
    const variable = `ISO_CONVERTER_${setting.env}`
    const text = flagged ?? env[variable]
    if (text === undefined || text === '') continue
    const name = flagged === undefined ? variable : `--${dashed(setting.flag ?? '')}`
    const value = Number(text)
    const { least, most = Number.MAX_VALUE, whole } = setting
    if (!(value >= least && value <= most) || text.trim() === '' || (whole && !Number.isInteger(value))) {
      const range = setting.most === undefined ? `at least ${least}` : `${least} to ${most}`
      throw new UsageError('number', `${name} takes ${setting.what}, ${range}, not "${text}"`)
    }
    settings[setting.key] = value * setting.factor
  }
  const safety = env.ISO_CONVERTER_SAFETY_ENABLED
  if (safety !== undefined && safety !== '') settings.safety = truth('ISO_CONVERTER_SAFETY_ENABLED', safety)
  settings.procRoot = env.ISO_CONVERTER_PROC_ROOT ?? GUARD_DEFAULTS.procRoot
  const made = settings as unknown as GuardSettings
  if (made.minWorkers > made.maxWorkers)
    throw new UsageError('number', `at least ${made.minWorkers} workers and at most ${made.maxWorkers} cannot both be`)
  return Object.freeze(made)
}

function truth(name: string, text: string): boolean {
  if (/^(1|true|yes|on)$/i.test(text)) return true
  if (/^(0|false|no|off)$/i.test(text)) return false
  throw new UsageError('boolean', `${name} takes true or false, not "${text}"`)
}

const dashed = (name: string): string => name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)
