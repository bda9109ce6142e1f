/**
 * Protection at work, on the built command: workers that allocate without bound, hang, stall, leak or die, and a machine that runs short.
 * What goes wrong is put into the workers from outside, by a module that Node loads before them: nothing in the product knows of it.
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { prlimitWorks } from '../src/guard/limit.js'
import { machineMemory, oomKills } from '../src/guard/machine.js'
import type { RunReport } from '../src/run/report.js'
import {
  command,
  ensureBuilt,
  filesBelow,
  misoDay,
  parquetDigests,
  put,
  ROOT,
  receipts,
  scratchFolder,
  sleep,
  start,
  unbalanced,
} from './helpers/run.js'
import { makeZip } from './helpers/zip.js'

const scratch = scratchFolder('guard-run')
const fresh = (): string => mkdtempSync(join(scratch, 'x-'))
const MONTHS = ['2024-01', '2024-02', '2024-03']
const BAD = '2024-02'

/** Each acts on the unit of one month; `once` are those that leave a mark and behave from then on. */
const STUBS: Readonly<Record<string, string>> = {
  allocate: 'for (;;) hoard.push(Buffer.alloc(16 << 20, 1))',
  'allocate slowly': 'setInterval(() => hoard.push(Buffer.alloc(2 << 20, 1)), 5); return false',
  heap: 'for (;;) hoard.push({ a: [hoard.length, 1, 2] })',
  hang: 'for (;;) {}',
  stall: 'return false',
  kill: "process.kill(process.pid, 'SIGKILL')",
  throw: "setTimeout(() => { throw new Error('out of the blue') }, 0); return false",
  leak: 'hoard.push(Buffer.alloc(8 << 20, 1))',
}

function stub(name: string, { once = false, everywhere = false } = {}): { NODE_OPTIONS: string; notes: string } {
  const folder = fresh()
  const path = join(folder, 'stub.mjs')
  const mark = JSON.stringify(join(folder, 'mark'))
  const notes = join(folder, 'notes')
  writeFileSync(
    path,
    `import { appendFileSync, existsSync, writeFileSync } from 'node:fs'
const hoard = []
function act() {
  ${once ? `if (existsSync(${mark})) return true; writeFileSync(${mark}, '')` : ''}
  ${STUBS[name]}
  return true
}
if (process.argv[1]?.endsWith('worker.js')) {
  const on = process.on.bind(process)
  process.on = (event, listener) => event !== 'message' ? on(event, listener) : on('message', job => {
    if (job.kind === 'job') {
      appendFileSync(${JSON.stringify(notes)}, process.pid + ' ' + job.unit.leaves[0] + ' ' + job.options.memory + '\\n')
      if ((${everywhere} || job.unit.leaves[0] === '${BAD}') && act() === false) return
    }
    listener(job)
  })
}
`,
  )
  return { NODE_OPTIONS: `--import ${path}`, notes }
}

interface Note {
  readonly pid: number
  readonly leaf: string
  readonly memory: number
}

const notesOf = (path: string): Note[] =>
  readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map(line => line.split(' '))
    .map(([pid, leaf, memory]) => ({ pid: Number(pid), leaf: leaf as string, memory: Number(memory) }))

/** A process that has ended may wait for its parent to notice. */
function isRunning(pid: number): boolean {
  const status = existsSync(`/proc/${pid}`) ? readFileSync(`/proc/${pid}/status`, 'utf8') : ''
  return /^State:\s+[^ZX]/m.test(status)
}

const archive = join(scratch, 'archive')
let good: Record<string, string>

beforeAll(async () => {
  await ensureBuilt()
  put(
    archive,
    Object.fromEntries(
      MONTHS.map(month => [
        `${month.replace('-', '')}05_da_expost_lmp.csv`,
        misoDay('da_expost_lmp', `${month}-05`, { nodes: 200 }),
      ]),
    ),
  )
  const output = join(scratch, 'good')
  expect((await command(['miso', '--input', archive, '--output', output])).code).toBe(0)
  good = parquetDigests(output)
  expect(Object.keys(good).length).toBe(3)
})

const BASE = ['miso', '--input', archive]
const FAST = ['--monitor-interval', '0.1', '--grace', '1']

async function run(args: readonly string[], env: Readonly<Record<string, string>>, output = join(fresh(), 'out')) {
  const path = join(fresh(), 'report.json')
  const ended = await command([...BASE, '--output', output, '--report', path, '--force', ...FAST, ...args], { env })
  return { ...ended, output, report: JSON.parse(readFileSync(path, 'utf8')) as RunReport }
}

type Result = Awaited<ReturnType<typeof run>>

/** The other units are written, balanced; nothing is half-written. */
function othersStand({ output }: Result, expected = good): void {
  const written = parquetDigests(output)
  for (const [name, digest] of Object.entries(expected))
    if (!name.includes('2024-02')) expect(written[name], name).toBe(digest)
  expect(unbalanced(receipts(output))).toEqual([])
  expect(filesBelow(output, /\.tmp$/)).toEqual([])
}

const stopped = ({ report }: Result) =>
  report.stopped.map(({ reason, attempt, outcome, partitions }) => ({ reason, attempt, outcome, partitions }))
const twice = (reason: string) => [1, 2].map(attempt => ({ reason, attempt, outcome: 'failed', partitions: [BAD] }))
const absent = !prlimitWorks()
if (absent) console.log('guard-run: the tests of the self limit are skipped, prlimit does not work here')

describe('memory', () => {
  test('memory that zlib is refused is no damaged file: the unit is tried again and loses nothing', async () => {
    const input = fresh()
    for (const date of ['2024-02-05', '2024-02-06']) {
      const name = `${date.replaceAll('-', '')}_da_expost_lmp`
      put(input, { [`${name}.zip`]: makeZip([{ name: `${name}.csv`, data: misoDay('da_expost_lmp', date) }]) })
    }
    const stubbed = join(fresh(), 'zlib.mjs')
    writeFileSync(
      stubbed,
      `import { existsSync, writeFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import zlib from 'node:zlib'
if (process.argv[1]?.endsWith('worker.js') && !existsSync('${stubbed}.mark')) {
  const real = zlib.inflateRawSync
  let calls = 0
  zlib.inflateRawSync = (...args) => {
    if (++calls !== 2) return real(...args)
    writeFileSync('${stubbed}.mark', '')
    throw Object.assign(new Error('insufficient memory'), { code: 'Z_MEM_ERROR', errno: -4 })
  }
  syncBuiltinESMExports()
}
`,
    )
    const result = await run(['--input', input], { NODE_OPTIONS: `--import ${stubbed}` })
    expect(existsSync(`${stubbed}.mark`)).toBe(true)
    expect(result.code, result.stderr).toBe(0)
    expect(stopped(result)).toEqual([{ reason: 'limit', attempt: 1, outcome: 'converted', partitions: [BAD] }])
    expect(result.report.problems).toEqual([])
    // Two days, 24 hours, three nodes.
    expect(result.report.datasets.map(each => each.rows)).toEqual([2 * 24 * 3])
  })

  test.skipIf(absent)(
    'a breach of the self limit: that unit fails with 71, naming unit, limit and remedies; its old output is byte-identical',
    async () => {
      const output = join(fresh(), 'out')
      expect((await command([...BASE, '--output', output])).code).toBe(0)
      const result = await run(['--memory-limit', '0.5'], stub('allocate'), output)
      expect(result.code, result.stderr).toBe(71)
      expect(result.stderr).toContain('Memory limit set to 0.5GB for safety')
      expect(result.stderr).toMatch(
        /MISO da_energy_hourly 2024-02: not enough memory: .*480 MB.*--memory-limit.*--batch-size.*--year/,
      )
      expect(result.report).toMatchObject({
        exit_code: 71,
        // Whoever asks next is refused: a Buffer, which can be caught, or V8 itself, which ends the process.
        failures: [{ code: expect.stringMatching(/^memory\.(limit|heap)$/), partitions: [BAD], exit_code: 71 }],
      })
      expect(stopped(result)).toMatchObject(twice('').map(({ reason: _, ...rest }) => rest))
      expect(parquetDigests(output)).toEqual(good)
      expect(readdirSync(join(output, 'stopped/miso/da_energy_hourly'))).toEqual([`${BAD}.json`])
      expect(JSON.parse(readFileSync(join(output, `stopped/miso/da_energy_hourly/${BAD}.json`), 'utf8'))).toMatchObject(
        { reason: expect.stringMatching(/limit|heap/), limit_mb: 480 },
      )
      // Once it is converted the record goes.
      expect((await command([...BASE, '--output', output, '--force'])).code).toBe(0)
      expect(filesBelow(join(output, 'stopped'))).toEqual([])
    },
  )

  test('F33 without a self limit the brake stops the unit before the budget is far exceeded, and tries it alone', async () => {
    // A PATH without prlimit: what protects is the monitor.
    const bin = fresh()
    mkdirSync(bin, { recursive: true })
    symlinkSync(process.execPath, join(bin, 'node'))
    const result = await run(['--memory-limit', '0.6', '--workers', '1'], { ...stub('allocate slowly'), PATH: bin })
    expect(result.code, result.stderr).toBe(71)
    expect(result.stderr).toMatch(
      /self limit of 0\.6GB could not be set \(no prlimit here.*still active: bounded batches, the monitor/,
    )
    expect(result.stderr).toMatch(/Emergency brake: this run holds 0\.\d+GB, critical above 0\.6GB .*stopping worker/)
    othersStand(result)
    expect(result.report.stopped).toMatchObject([
      { reason: 'memory', attempt: 1, threshold_gb: 0.6, available_gb: expect.any(Number) },
      { reason: 'memory', attempt: 2 },
    ])
    expect(result.report.failures).toMatchObject([{ code: 'memory.memory', exit_code: 71 }])
    // Looked at ten times a second, 0.4 MB a millisecond at most.
    expect(result.report.peak_rss_all_mb).toBeLessThan(1000)
  })

  test('F34 a JavaScript heap that is full inside a worker is that unit’s failure, in words', async () => {
    const result = await run(['--memory-limit', '0.5'], stub('heap'))
    expect(result.code, result.stderr).toBe(71)
    expect(result.stderr).toMatch(/its JavaScript heap or the process was at its limit/)
    expect(result.stderr).not.toMatch(/OOMErrorHandler|FATAL ERROR/)
    expect(stopped(result)).toEqual(twice('heap'))
    othersStand(result)
  })

  test('F35 a worker that is killed: the unit is tried alone at the end, with half the memory for rows, and succeeds', async () => {
    const { notes, ...env } = stub('kill', { once: true })
    const result = await run(['--memory-limit', '1', '--workers', '2'], env)
    expect(result.code, result.stderr).toBe(0)
    // The counter of the cgroup, where there is one, knows that it was not the kernel.
    const reason = oomKills() === null ? 'oom_killed' : 'killed'
    expect(stopped(result)).toEqual([{ reason, attempt: 1, outcome: 'converted', partitions: [BAD] }])
    expect(parquetDigests(result.output)).toEqual(good)
    const attempts = notesOf(notes)
    expect(attempts.at(-1)?.leaf).toBe(BAD)
    const [first, second] = attempts.filter(({ leaf }) => leaf === BAD)
    // 1 GB for two: (1024 - 128) / 2 = 448, (448 - 110) / 2 = 169 MB of rows. Alone: 256, the most, halved.
    expect([first?.memory, second?.memory]).toEqual([169 * 2 ** 20, 128 * 2 ** 20])
    expect(first?.pid).not.toBe(second?.pid)
  })

  test('with a stub that leaks slowly recycling after 20 units keeps memory flat', async () => {
    const input = fresh()
    const months = Array.from(
      { length: 50 },
      (_, at) => `${2019 + Math.floor(at / 12)}-${String((at % 12) + 1).padStart(2, '0')}`,
    )
    put(
      input,
      Object.fromEntries(
        months.map(month => [
          `${month.replace('-', '')}05_da_expost_lmp.csv`,
          misoDay('da_expost_lmp', `${month}-05`, { nodes: 2 }),
        ]),
      ),
    )
    const { notes, ...env } = stub('leak', { everywhere: true })
    const result = await run(['--input', input, '--workers', '1', '--memory-limit', '2'], env)
    expect(result.code, result.stderr).toBe(0)
    const pids = notesOf(notes).map(({ pid }) => pid)
    expect([...new Set(pids)].map(pid => pids.filter(each => each === pid).length)).toEqual([20, 20, 10])
    // 8 MB a unit: 20 of them are 160 MB beside some 90 of a worker; 50 would be 400.
    expect(result.report.peak_rss_mb).toBeLessThan(330)
    expect(result.report.peak_rss_mb).toBeGreaterThan(200)
  })

  test('F32 on a machine with 2 GB free of 24 no unit starts, a warning says why, and it goes on when memory returns', async () => {
    const proc = put(fresh(), { meminfo: 'MemTotal: 25165824 kB\nMemAvailable: 2097152 kB\n' })
    const output = join(fresh(), 'out')
    const { child, ended } = start([...BASE, '--output', output, ...FAST], { env: { ISO_CONVERTER_PROC_ROOT: proc } })
    let log = ''
    child.stderr?.on('data', text => {
      log += text
    })
    while (!log.includes('no new unit starts') && child.exitCode === null) await sleep(20)
    await sleep(700)
    expect(log).toContain('Memory warning: 2GB of memory available, warning below 3.6GB; no new unit starts')
    expect(child.exitCode).toBeNull()
    expect(log).not.toContain('Processing MISO batch')
    expect(filesBelow(output, /\.parquet/)).toEqual([])
    writeFileSync(join(proc, 'meminfo'), 'MemTotal: 25165824 kB\nMemAvailable: 20971520 kB\n')
    const { code, stderr } = await ended
    expect(code, stderr).toBe(0)
    expect(stderr).toMatch(/Memory is back \(20GB available\): units start again/)
    expect(parquetDigests(output)).toEqual(good)
  })

  test('memory that does not return in time: 75, and every unit is named', async () => {
    const proc = put(fresh(), { meminfo: 'MemTotal: 25165824 kB\nMemAvailable: 2097152 kB\n' })
    const result = await run(['--stall-timeout', '1'], { ISO_CONVERTER_PROC_ROOT: proc })
    expect(result.code, result.stderr).toBe(75)
    expect(result.report.failures.map(({ code, partitions }) => [code, ...partitions])).toEqual(
      MONTHS.map(month => ['memory.wait', month]),
    )
    expect(filesBelow(result.output, /\.parquet/)).toEqual([])
    // In one process, too, whatever it holds itself.
    const alone = await run(['--stall-timeout', '1', '--workers', '0', '--memory-limit', '0.05'], {
      ISO_CONVERTER_PROC_ROOT: proc,
    })
    expect(alone.code, alone.stderr).toBe(75)
    expect(alone.report.failures.map(({ code }) => code)).toEqual(MONTHS.map(() => 'memory.wait'))
  })

  test('the brake of a machine that runs out while units run: stopped, with the figures, and tried again', async () => {
    const proc = put(fresh(), { meminfo: 'MemTotal: 25165824 kB\nMemAvailable: 20971520 kB\n' })
    const output = join(fresh(), 'out')
    const path = join(fresh(), 'report.json')
    const { notes, ...env } = stub('stall', { once: true })
    const { ended, child } = start([...BASE, '--output', output, '--report', path, '--workers', '1', ...FAST], {
      env: { ...env, ISO_CONVERTER_PROC_ROOT: proc },
    })
    let log = ''
    child.stderr?.on('data', text => {
      log += text
    })
    const noted = () => {
      try {
        return readFileSync(notes, 'utf8')
      } catch {
        return ''
      }
    }
    while (!noted().includes(BAD) && child.exitCode === null) await sleep(20)
    writeFileSync(join(proc, 'meminfo'), 'MemTotal: 25165824 kB\nMemAvailable: 1048576 kB\n')
    while (!log.includes('Emergency brake') && child.exitCode === null) await sleep(20)
    writeFileSync(join(proc, 'meminfo'), 'MemTotal: 25165824 kB\nMemAvailable: 20971520 kB\n')
    const { code, stderr } = await ended
    expect(code, stderr).toBe(0)
    expect((JSON.parse(readFileSync(path, 'utf8')) as RunReport).stopped).toMatchObject([
      { reason: 'memory', available_gb: 1, threshold_gb: 1.92, outcome: 'converted', partitions: [BAD] },
    ])
    expect(parquetDigests(output)).toEqual(good)
  })
})

describe('watchdog', () => {
  test('F37 a worker whose main thread is blocked is replaced, and its unit converted by the next', async () => {
    const result = await run(['--stall-timeout', '2'], stub('hang', { once: true }))
    expect(result.code, result.stderr).toBe(0)
    expect(result.stderr).toMatch(
      /2024-02: the watchdog stopped it: its main thread is blocked since \d+ s; trying once more/,
    )
    expect(stopped(result)).toEqual([{ reason: 'blocked', attempt: 1, outcome: 'converted', partitions: [BAD] }])
    expect(parquetDigests(result.output)).toEqual(good)
  })

  test('F37 blocked twice: that unit fails with 70, and a record says what it was at', async () => {
    const result = await run(['--stall-timeout', '1.5'], stub('hang'))
    expect(result.code, result.stderr).toBe(70)
    expect(result.report.failures).toMatchObject([{ code: 'unit.blocked', partitions: [BAD], exit_code: 70 }])
    expect(stopped(result)).toEqual(twice('blocked'))
    const record = join(result.output, `stopped/miso/da_energy_hourly/${BAD}.json`)
    expect(JSON.parse(readFileSync(record, 'utf8'))).toMatchObject({ reason: 'blocked', attempt: 2, outcome: 'failed' })
    othersStand(result)
  })

  test('F38 --stall-timeout: a unit without progress, its thread alive, fails with 75', async () => {
    const result = await run(['--stall-timeout', '2.5'], stub('stall'))
    expect(result.code, result.stderr).toBe(75)
    expect(result.stderr).toMatch(/it makes no progress since/)
    expect(result.report.failures).toMatchObject([{ code: 'unit.stalled', partitions: [BAD] }])
    othersStand(result)
  })

  test('an error out of the blue is that unit’s failure, with its words', async () => {
    const result = await run([], stub('throw'))
    expect(result.code, result.stderr).toBe(70)
    expect(result.report.failures).toMatchObject([
      { message: expect.stringContaining('out of the blue'), partitions: [BAD] },
    ])
    othersStand(result)
  })

  test('a worker above its own limit is stopped', async () => {
    const result = await run(['--worker-memory', '0.3', '--workers', '1'], stub('allocate slowly'))
    expect(result.code, result.stderr).toBe(71)
    expect(result.stderr).toMatch(/the watchdog stopped it at 0\.\d+GB, above its share of 0\.3GB/)
    expect(stopped(result)).toEqual(twice('share'))
    othersStand(result)
  })

  test('of several failures the gravest decides: 70 of a hanging unit, not 75 of one that stalls', async () => {
    const both = stub('hang')
    const other = stub('stall')
    const swap = join(fresh(), 'other.mjs')
    writeFileSync(swap, readFileSync(other.NODE_OPTIONS.slice('--import '.length), 'utf8').replaceAll(BAD, '2024-01'))
    const result = await run(['--stall-timeout', '2.5'], { NODE_OPTIONS: `${both.NODE_OPTIONS} --import ${swap}` })
    expect(result.report.failures.map(each => each.exit_code).sort()).toEqual([70, 75])
    expect(result.code, result.stderr).toBe(70)
  })

  test('health lines tell number, process, age and memory', async () => {
    const result = await run(
      ['--watchdog-interval', '0.2', '--stall-timeout', '2.5', '--restart-after', '30'],
      stub('stall', { once: true }),
    )
    expect(result.code, result.stderr).toBe(0)
    expect(result.stderr).toMatch(/^Worker 1 PID \d+ healthy \(age \d+s\/1800s, mem 0\.\d\dGB\)$/m)
  })

  test('a worker that is too old is replaced between two units', async () => {
    const { notes, ...env } = stub('leak', { everywhere: true })
    const result = await run(['--workers', '1', '--restart-after', '0'], env)
    expect(result.code, result.stderr).toBe(0)
    expect(new Set(notesOf(notes).map(({ pid }) => pid)).size).toBe(3)
  })

  test('Ctrl-C while a worker hangs and is already being stopped: ten seconds at most, not the grace period; nobody is left behind', async () => {
    const { notes, ...env } = stub('hang')
    const { child, ended } = start(
      [...BASE, '--output', join(fresh(), 'out'), '--workers', '1', '--stall-timeout', '1', '--grace', '45'],
      { env },
    )
    let log = ''
    child.stderr?.on('data', text => {
      log += text
    })
    const hung = () => (existsSync(notes) ? notesOf(notes).find(({ leaf }) => leaf === BAD)?.pid : undefined)
    while (hung() === undefined && child.exitCode === null) await sleep(20)
    await sleep(2500)
    const sent = performance.now()
    child.kill('SIGTERM')
    expect((await ended).code, log).toBe(143)
    expect(performance.now() - sent).toBeLessThan(20_000)
    expect(isRunning(hung() as number)).toBe(false)
  })

  test('a second signal leaves at once and takes a hanging worker along', async () => {
    const { notes, ...env } = stub('hang')
    const { child, ended } = start([...BASE, '--output', join(fresh(), 'out'), '--workers', '1'], { env })
    const hung = () => (existsSync(notes) ? notesOf(notes).find(({ leaf }) => leaf === BAD)?.pid : undefined)
    while (hung() === undefined && child.exitCode === null) await sleep(20)
    child.kill('SIGTERM')
    await sleep(500)
    child.kill('SIGTERM')
    expect((await ended).code).toBe(143)
    await sleep(200)
    expect(isRunning(hung() as number)).toBe(false)
  })

  test('what cannot be recorded is a warning, and the other units go on', async () => {
    const output = put(join(fresh(), 'out'), { stopped: 'a file in the place of the folder' })
    const result = await run(['--workers', '2'], stub('kill'), output)
    expect([70, 71]).toContain(result.code)
    expect(result.stderr).toMatch(/warn: .*stopped/)
    othersStand(result)
  })
})

describe('what is told', () => {
  test('the limit switched off is warned of, a limit below what is needed too', async () => {
    const off = await command([...BASE, '--output', join(fresh(), 'out'), '--memory-limit', '0'])
    expect([off.code, off.stderr]).toEqual([0, expect.stringContaining('warn: Memory limit switched off')])
    const little = await command([...BASE, '--output', join(fresh(), 'out'), '--memory-limit', '0.2'])
    expect(little.stderr).toMatch(
      /warn: a memory limit of 0\.2GB .* is less than a worker and its parent are known to need \(0\.38GB\)/,
    )
  })

  test('doctor: what is active and why the rest is not; 0 only if a run would be protected', async () => {
    const { code, stdout } = await command(['doctor', '--json', '--memory-limit', '4'])
    const found = JSON.parse(stdout)
    expect(found).toMatchObject({
      protected: true,
      budget: { bytes: 4 * 2 ** 30, source: '--memory-limit' },
      zstd: expect.any(String),
    })
    expect(found.memory.total).toBe(machineMemory().total)
    expect(found.wrapper.map((each: { step: string }) => each.step)).toEqual([
      'systemd-user-scope',
      'systemd-system-scope',
      'cgroup-v2',
      'cgroup-v1',
      'prlimit',
    ])
    expect(code).toBe(0)
    const text = await command(['doctor'])
    expect(text.stdout).toMatch(/A run is protected here/)
    expect(text.stdout).toMatch(/no new unit below .*GB available, brake below/)
  })

  test('doctor: without prlimit and without a cgroup nothing protects: 71, and what to do', async () => {
    const bin = fresh()
    symlinkSync(process.execPath, join(bin, 'node'))
    const { code, stdout } = await command(['doctor'], { env: { PATH: bin } })
    const around = /active {6}2 kernel limit/.test(stdout)
    if (around) console.log('guard-run: this shell is inside a cgroup with a limit, so that doctor finds protection')
    expect(code).toBe(around ? 0 : 71)
    expect(stdout).toMatch(/not active {2}1 self limit \(RLIMIT_DATA\): no prlimit here/)
    if (!around) expect(stdout).toMatch(/A run is NOT protected here.\n {2}install util-linux/)
  })

  test('the library exports the manager, the estimator and the semaphore', async () => {
    const { ResourceManager, MemoryEstimator, DynamicSemaphore, GUARD_DEFAULTS } = await import(
      join(ROOT, 'dist/src/index.js')
    )
    expect(new ResourceManager().optimalWorkers()).toBeGreaterThanOrEqual(1)
    expect(new MemoryEstimator({ gamma: GUARD_DEFAULTS.gamma ?? 3 }).estimate({ bytes: 100 })).toBe(300 + 50 * 2 ** 20)
    expect(new DynamicSemaphore(2).permits).toBe(2)
  })
})
