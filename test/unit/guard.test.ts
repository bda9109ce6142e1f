/** Budget, estimates, permits and thresholds, with figures worked out by hand. Machines are simulated by a folder in /proc's place. */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readGuard } from '../../src/cli/guarding.js'
import { readOptions } from '../../src/cli/options.js'
import {
  automaticBudget,
  LEAST_BUDGET,
  parentDataLimit,
  peakOfShare,
  shareOf,
  workersWithin,
} from '../../src/guard/budget.js'
import { MEASURED_GAMMA, MemoryEstimator } from '../../src/guard/estimate.js'
import { dataLimitOf, limitData, limited, prlimitWorks } from '../../src/guard/limit.js'
import { cgroupLimit, machineMemory, oomKills, residentOf } from '../../src/guard/machine.js'
import { Monitor, thresholdsOf } from '../../src/guard/monitor.js'
import { ResourceManager } from '../../src/guard/resources.js'
import { DynamicSemaphore } from '../../src/guard/semaphore.js'
import { asConvertError } from '../../src/model/errors.js'
import { GUARD_DEFAULTS, gigabytes } from '../../src/model/guard.js'
import { put, scratchFolder } from '../helpers/run.js'

const scratch = scratchFolder('guard-unit')
const MiB = 2 ** 20
const GiB = 2 ** 30
const machine = (totalGB: number, availableGB: number) => () => ({ total: totalGB * GiB, available: availableGB * GiB })

function fakeProc(totalKb: number, availableKb: number): string {
  const folder = mkdtempSync(join(scratch, 'proc-'))
  return put(folder, { meminfo: `MemTotal:       ${totalKb} kB\nMemFree: 1 kB\nMemAvailable:   ${availableKb} kB\n` })
}

describe('what the kernel says', () => {
  test('of the machine', () => {
    expect(machineMemory(fakeProc(24_684_096, 2_097_152))).toEqual({ total: 24_684_096 * 1024, available: 2 * GiB })
    expect(machineMemory(join(scratch, 'nowhere'))).toEqual({ total: null, available: null })
  })

  test('of a process', () => {
    const own = residentOf(process.pid)
    expect(own?.rss).toBeGreaterThan(20 * MiB)
    expect(own?.shared).toBeLessThan(own?.rss as number)
    expect(residentOf(2 ** 30)).toBeNull()
  })

  test.each([
    ['v2', '0::/user.slice/a\n', 'user.slice/a/memory.events', 'low 0\nhigh 4\nmax 9\noom 2\noom_kill 3\n', 3],
    [
      'v1',
      '5:cpu,cpuacct:/\n4:memory:/job/7\n',
      'memory/job/7/memory.oom_control',
      'oom_kill_disable 0\nunder_oom 0\noom_kill 12\n',
      12,
    ],
  ])('of kills in a cgroup %s', (_, cgroup, file, content, kills) => {
    const proc = put(mkdtempSync(join(scratch, 'proc-')), { 'self/cgroup': cgroup })
    const root = put(mkdtempSync(join(scratch, 'cgroup-')), { [file]: content })
    expect(oomKills(proc, root)).toBe(kills)
    expect(oomKills(proc, join(scratch, 'nowhere'))).toBeNull()
  })
})

describe('budget', () => {
  const others = () => Math.min(...[cgroupLimit(), dataLimitOf('self')].map(each => each ?? Number.POSITIVE_INFINITY))

  test.each([
    // Machine in kB, eta, expected bytes: 0.75 x 8 GB, 50 GB of a machine with 256, 60 % of 24.
    [8_388_608, 0.75, 6 * GiB],
    [268_435_456, 0.75, 50 * GiB],
    [25_165_824, 0.6, 14.4 * GiB],
  ])('of a machine with %i kB, planned with %d', (total, eta, bytes) => {
    const { bytes: found } = automaticBudget({ eta, procRoot: fakeProc(total, total) })
    expect(found).toBeCloseTo(Math.min(bytes, 0.9 * others()), -3)
  })

  test('is divided: the shares and the parent together are no more than it', () => {
    fc.assert(
      fc.property(
        fc.double({ min: LEAST_BUDGET, max: 64 * GiB, noNaN: true }),
        fc.integer({ min: 1, max: 16 }),
        (bytes, most) => {
          const workers = Math.min(most, workersWithin(bytes))
          const share = shareOf(bytes, workers)
          expect(workers * share.worker + 128 * MiB).toBeLessThanOrEqual(bytes + 1)
          expect(share.worker).toBeGreaterThanOrEqual(256 * MiB - 1)
          expect(share.rows).toBeGreaterThanOrEqual(32 * MiB)
          expect(share.rows).toBeLessThanOrEqual(256 * MiB)
          expect(peakOfShare(share)).toBeLessThanOrEqual(share.worker)
        },
      ),
    )
  })

  test('of half a gigabyte: one worker, 384 MB, of which 137 for rows; alone and short of memory, half of that', () => {
    const half = 0.5 * GiB
    expect(workersWithin(half)).toBe(1)
    expect(shareOf(half, 1)).toEqual({ worker: 384 * MiB, rows: 137 * MiB, data: 480 * MiB, heap: 192 })
    expect(shareOf(half, 1, 0.5).rows).toBe(68.5 * MiB)
  })

  test('that is too small lets a process start all the same, and one that is off limits nothing', () => {
    expect(shareOf(10 * MiB, 1)).toMatchObject({ worker: 0, rows: 32 * MiB, data: 352 * MiB })
    expect(parentDataLimit(10 * MiB)).toBe(320 * MiB)
    expect(shareOf(Number.POSITIVE_INFINITY, 4)).toMatchObject({
      rows: 256 * MiB,
      data: Number.POSITIVE_INFINITY,
      heap: 4096,
    })
  })
})

describe('estimates', () => {
  test('base + gamma x bytes + overhead', () => {
    const estimator = new MemoryEstimator({ gamma: 3, overhead: 50, base: 100 })
    expect(estimator.estimate({ bytes: 1000 })).toBe(3050)
    // The two largest of three.
    expect(estimator.estimateRun([{ bytes: 10 }, { bytes: 1000 }, { bytes: 200 }], 2)).toBe(100 + 3050 + 650)
    expect(estimator.estimateRun([], 2)).toBe(100)
  })

  test('gamma is 3 where nothing was measured, else the layout’s, and a unit that spills needs no more than its ceiling', () => {
    const estimator = new MemoryEstimator({ overhead: 0, ceiling: 2000 })
    expect(estimator.gammaOf()).toBe(3)
    expect(estimator.gammaOf('of nobody')).toBe(3)
    expect(estimator.gammaOf('rows')).toBe(MEASURED_GAMMA.rows)
    expect(estimator.estimate({ bytes: 1e9, layout: 'rows' })).toBe(2000)
  })
})

describe('workers', () => {
  const unit = (megabytes: number) => ({ bytes: megabytes * MiB })
  const settings = { ...GUARD_DEFAULTS, gamma: 3, overhead: 50 * MiB }
  const many = Array.from({ length: 20 }, () => unit(10))

  test.each([
    ['as many as cores where memory is plenty', 64, 60, Number.POSITIVE_INFINITY, 8, many, 8],
    ['at most 16', 256, 250, Number.POSITIVE_INFINITY, 64, many, 16],
    // eta x 1 GB = 768 MB; the parent 128, each worker 60 + 3 x 10 + 50 = 140: four make 688, five 828.
    ['four workers of 140 MB beside 128 in three quarters of a gigabyte', 1, 1, Number.POSITIVE_INFINITY, 16, many, 4],
    // Free are 0.5 GB = 512 MB: 128 + 2 x 140 = 408, a third would make 548.
    ['two where only half of it is free', 1, 0.5, Number.POSITIVE_INFINITY, 16, many, 2],
    // A budget of 1 GB: (1024 - 128) / 256 = 3.5 shares.
    ['as many as there are shares in the budget', 64, 60, GiB, 16, many, 3],
    ['one, however little there is', 1, 0.01, Number.POSITIVE_INFINITY, 16, many, 1],
  ])('%s', (_, total, available, budget, cores, units, expected) => {
    expect(new ResourceManager(settings, budget, cores, machine(total, available)).optimalWorkers(units)).toBe(expected)
  })

  test('four where memory cannot be read, within cores and budget', () => {
    const unknown = () => ({ total: null, available: null })
    expect(new ResourceManager(settings, Number.POSITIVE_INFINITY, 16, unknown).optimalWorkers(many)).toBe(4)
    expect(new ResourceManager(settings, Number.POSITIVE_INFINITY, 2, unknown).optimalWorkers(many)).toBe(2)
    expect(new ResourceManager(settings, 0.5 * GiB, 16, unknown).optimalWorkers(many)).toBe(1)
  })

  test('least and most are kept, and the switch turns the model off', () => {
    const at = (more: object) =>
      new ResourceManager({ ...settings, ...more }, Number.POSITIVE_INFINITY, 16, machine(1, 0.5)).optimalWorkers(many)
    expect([at({ minWorkers: 6 }), at({ maxWorkers: 2 }), at({ safety: false })]).toEqual([6, 2, 16])
  })

  test('status and line say what was looked at', () => {
    const manager = new ResourceManager(settings, 4 * GiB, 2, machine(24, 20))
    expect(manager.status()).toMatchObject({
      total: 24 * GiB,
      available: 20 * GiB,
      usable: 4 * GiB,
      cores: 2,
      eta: 0.75,
      minWorkers: 1,
      maxWorkers: 16,
      fallbackWorkers: 4,
      safetyEnabled: true,
    })
    // 128 + 2 x (60 + 3 x 10 + 50) = 408 MB.
    expect(manager.line([unit(10), unit(10)])).toBe(
      '2 workers (2 cores, 20GB of 24GB available, budget 4GB, planned peak 0.4GB)',
    )
  })
})

describe('semaphore', () => {
  test('never more than its permits, in the order of asking, whatever happens to the number of permits', async () => {
    const operation = fc.oneof(
      fc.constant('acquire' as const),
      fc.constant('release' as const),
      fc.integer({ min: 0, max: 5 }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { maxLength: 60 }), async operations => {
        const semaphore = new DynamicSemaphore(2)
        const model = { permits: 2, taken: 0, waiting: 0, asked: 0 }
        const admitted: number[] = []
        for (const each of operations) {
          if (each === 'acquire') {
            const number = model.asked++
            model.waiting++
            semaphore.acquire().then(() => admitted.push(number))
          } else if (each === 'release') {
            if (model.taken === 0) continue
            model.taken--
            semaphore.release()
          } else {
            model.permits = each
            semaphore.setPermits(each)
          }
          // Those who hold a permit when the number shrinks keep it; nobody new may come.
          while (model.waiting > 0 && model.taken < model.permits) {
            model.waiting--
            model.taken++
          }
          expect([semaphore.taken, semaphore.waiting]).toEqual([model.taken, model.waiting])
        }
        await Promise.resolve()
        expect(admitted).toEqual(Array.from({ length: model.asked - model.waiting }, (_, at) => at))
      }),
    )
  })

  test('without permits nobody gets in; a permit lets one in', async () => {
    const semaphore = new DynamicSemaphore(0)
    let entered = 0
    const both = [1, 2].map(() => semaphore.acquire().then(() => entered++))
    await Promise.resolve()
    expect([entered, semaphore.waiting, semaphore.taken]).toEqual([0, 2, 0])
    semaphore.setPermits(1)
    await both[0]
    expect([entered, semaphore.waiting, semaphore.taken]).toEqual([1, 1, 1])
    semaphore.release()
    await both[1]
    expect(entered).toBe(2)
  })

  test('shrinking below what is taken takes nothing away and lets nobody in until enough came back', async () => {
    const semaphore = new DynamicSemaphore(3)
    await Promise.all([semaphore.acquire(), semaphore.acquire(), semaphore.acquire()])
    semaphore.setPermits(1)
    let entered = false
    const last = semaphore.acquire().then(() => {
      entered = true
    })
    semaphore.release()
    semaphore.release()
    await Promise.resolve()
    expect([semaphore.taken, entered]).toEqual([1, false])
    semaphore.release()
    await last
    expect([semaphore.taken, entered]).toEqual([1, true])
  })

  test('follows pressure: none, or the least, while it lasts; one more at each look when it is gone', () => {
    const semaphore = new DynamicSemaphore(3)
    const permitsAfter = (...calls: ['ok' | 'warning' | 'critical', number?][]) =>
      calls.map(([pressure, least]) => {
        semaphore.follow(pressure, 3, least)
        return semaphore.permits
      })
    expect(permitsAfter(['ok'], ['warning'], ['critical'], ['ok'], ['ok'], ['ok'], ['ok'])).toEqual([
      3, 0, 0, 1, 2, 3, 3,
    ])
    expect(permitsAfter(['warning', 1], ['ok'])).toEqual([1, 2])
  })

  test('gives the permit back when the work fails, and refuses one that was never taken', async () => {
    const semaphore = new DynamicSemaphore(1)
    await expect(semaphore.use(() => Promise.reject(new Error('no')))).rejects.toThrow('no')
    expect(semaphore.taken).toBe(0)
    expect(() => semaphore.release()).toThrow(RangeError)
  })
})

describe('pressure', () => {
  test('thresholds: 4 and 2 GB, 15 and 8 % of a small machine, or what was asked for', () => {
    expect(thresholdsOf(GUARD_DEFAULTS, 64 * GiB)).toEqual({ warning: 4 * GiB, critical: 2 * GiB })
    expect(thresholdsOf(GUARD_DEFAULTS, 10 * GiB)).toEqual({ warning: 1.5 * GiB, critical: 0.8 * GiB })
    expect(thresholdsOf(GUARD_DEFAULTS, null)).toEqual({ warning: 4 * GiB, critical: 2 * GiB })
    expect(thresholdsOf({ ...GUARD_DEFAULTS, warning: 7, critical: 5 }, 64 * GiB)).toEqual({ warning: 7, critical: 5 })
  })

  test.each([
    // Total, available, own memory, budget in GB.
    [24, 20, 1, 4, 'ok', 'machine'],
    // 15 % of 24 are 3.6, 8 % are 1.92.
    [24, 3.5, 1, 4, 'warning', 'machine'],
    [24, 2, 1, 4, 'warning', 'machine'],
    [24, 1.9, 1, 4, 'critical', 'machine'],
    [24, 20, 3.5, 4, 'ok', 'machine'],
    [24, 20, 3.7, 4, 'warning', 'budget'],
    [24, 20, 4.1, 4, 'critical', 'budget'],
    [24, 1.9, 4.1, 4, 'critical', 'machine'],
    [24, 3, 4.1, 4, 'critical', 'budget'],
  ])(
    'of a machine with %d GB of which %d are available, own %d of %d: %s (%s)',
    (total, available, rss, budget, pressure, cause) => {
      const monitor = new Monitor(GUARD_DEFAULTS, budget * GiB)
      expect(monitor.judge(total * GiB, available * GiB, rss * GiB)).toMatchObject({ pressure, cause })
    },
  )

  test('a machine that cannot be read presses nobody, a budget does', () => {
    const monitor = new Monitor(GUARD_DEFAULTS, GiB)
    expect(monitor.judge(null, null, 0.5 * GiB).pressure).toBe('ok')
    expect(monitor.judge(null, null, 2 * GiB)).toMatchObject({
      pressure: 'critical',
      cause: 'budget',
      found: 2 * GiB,
      threshold: GiB,
    })
  })

  test('sums resident memory, shared pages once', () => {
    const reading = new Monitor(GUARD_DEFAULTS, GiB).read([process.pid, process.pid, 2 ** 30])
    const own = residentOf(process.pid) as { rss: number; shared: number }
    expect(reading.resident.size).toBe(1)
    // This process twice: its shared pages, some tens of megabytes, count once.
    expect(own.shared).toBeGreaterThan(10 * MiB)
    expect(Math.abs(reading.rss - (2 * own.rss - own.shared))).toBeLessThan(5 * MiB)
  })
})

describe('self limit', () => {
  test.skipIf(!prlimitWorks())('a running process is limited, softly, and one can be started within a limit', () => {
    const { command, args } = limited(3 * GiB, 'node', ['x'])
    expect([command, ...args]).toEqual(['prlimit', `--data=${3 * GiB}:`, 'node', 'x'])
    expect(limited(Number.POSITIVE_INFINITY, 'node', ['x'])).toEqual({ command: 'node', args: ['x'] })
    const before = dataLimitOf('self')
    expect(limitData(process.pid, 20 * GiB)).toEqual({ set: true, bytes: 20 * GiB })
    expect(dataLimitOf('self')).toBe(20 * GiB)
    // Soft only: it can be raised again.
    expect(limitData(process.pid, 30 * GiB)).toEqual({ set: true, bytes: 30 * GiB })
    if (before === null) expect(dataLimitOf('self')).toBe(30 * GiB)
  })

  test('what cannot be limited says why', () => {
    expect(limitData(2 ** 22 + 5, GiB)).toMatchObject({ set: false, why: expect.stringMatching(/prlimit/) })
    expect(limitData(process.pid, Number.POSITIVE_INFINITY)).toEqual({ set: false, why: 'switched off' })
  })

  test('an allocation that is refused is a resource error, any other range error is not', () => {
    const refused = asConvertError(new RangeError('Array buffer allocation failed'), { file: 'a.csv' })
    expect([refused.code, refused.exitCode]).toEqual(['memory.limit', 71])
    expect(asConvertError(new RangeError('Invalid array length')).exitCode).toBe(70)
    expect(asConvertError(Object.assign(new Error('spawn ENOMEM'), { code: 'ENOMEM' })).exitCode).toBe(71)
  })
})

describe('settings', () => {
  test('defaults are those of FEATURES.md', () => {
    expect(readGuard({}, {})).toEqual(GUARD_DEFAULTS)
    expect(GUARD_DEFAULTS).toMatchObject({
      eta: 0.75,
      overhead: 50 * MiB,
      minWorkers: 1,
      maxWorkers: 16,
      fallbackWorkers: 4,
      safety: true,
      workerMemory: 8 * GiB,
      restartMs: 3_600_000,
      healthMs: 60_000,
      graceMs: 120_000,
    })
  })

  test('a flag wins over the environment, and --target-memory over ISO_CONVERTER_ETA', () => {
    expect(
      readGuard({}, { ISO_CONVERTER_ETA: '0.5', ISO_CONVERTER_GAMMA: '2.5', ISO_CONVERTER_M_OVERHEAD_MB: '70' }),
    ).toMatchObject({ eta: 0.5, gamma: 2.5, overhead: 70 * MiB })
    expect(readGuard({ targetMemory: '60' }, { ISO_CONVERTER_ETA: '0.5' }).eta).toBeCloseTo(0.6)
    expect(readGuard({ grace: '3' }, { ISO_CONVERTER_GRACE: '9' }).graceMs).toBe(3000)
    expect(readGuard({}, { ISO_CONVERTER_GRACE: '9', ISO_CONVERTER_SAFETY_ENABLED: 'false' })).toMatchObject({
      graceMs: 9000,
      safety: false,
    })
    expect(readGuard({ memoryWarning: '6', memoryCritical: '0' }, {})).toMatchObject({ warning: 6 * GiB, critical: 0 })
  })

  test.each([
    [{ targetMemory: '0' }, {}, '--target-memory'],
    [{ targetMemory: '120' }, {}, '1 to 100'],
    [{ grace: '3000000' }, {}, '--grace'],
    [{ monitorInterval: '3000000' }, {}, '--monitor-interval'],
    [{}, { ISO_CONVERTER_MAX_WORKERS: '1.5' }, 'ISO_CONVERTER_MAX_WORKERS'],
    [{ stallTimeout: 'soon' }, {}, '--stall-timeout'],
    [{ monitorInterval: '0' }, {}, '--monitor-interval'],
    [{}, { ISO_CONVERTER_MAX_WORKERS: '0' }, 'ISO_CONVERTER_MAX_WORKERS'],
    [{}, { ISO_CONVERTER_SAFETY_ENABLED: 'perhaps' }, 'ISO_CONVERTER_SAFETY_ENABLED'],
    [{}, { ISO_CONVERTER_MIN_WORKERS: '5', ISO_CONVERTER_MAX_WORKERS: '2' }, 'at least 5'],
  ])('%j %j is refused, naming what is wrong', (flags, env, text) => {
    expect(() => readGuard(flags, env)).toThrow(text)
  })

  test('the memory limit: a flag, the environment, 0 for none, and who decided', () => {
    const limit = (flags: object, env = {}) => {
      const { memoryLimit, memorySource } = readOptions(['miso'], flags, env)
      return [memoryLimit, memorySource]
    }
    expect(limit({ memoryLimit: '0.5' }, { ISO_CONVERTER_MEMORY_LIMIT_GB: '4' })).toEqual([0.5 * GiB, '--memory-limit'])
    expect(limit({}, { ISO_CONVERTER_MEMORY_LIMIT_GB: '4' })).toEqual([4 * GiB, 'ISO_CONVERTER_MEMORY_LIMIT_GB'])
    expect(limit({ memoryLimit: '0' })[0]).toBe(Number.POSITIVE_INFINITY)
  })

  test.each([
    [50 * GiB, '50GB'],
    [17.654 * GiB, '17.7GB'],
    [0.5 * GiB, '0.5GB'],
    [Number.POSITIVE_INFINITY, 'unlimited'],
  ])('%d bytes are %s', (bytes, text) => {
    expect(gigabytes(bytes)).toBe(text)
  })
})

test('a meminfo that changes is read again', () => {
  const proc = fakeProc(1000, 500)
  expect(machineMemory(proc).available).toBe(500 * 1024)
  writeFileSync(join(proc, 'meminfo'), 'MemTotal: 1000 kB\nMemAvailable: 100 kB\n')
  expect(machineMemory(proc).available).toBe(100 * 1024)
})
