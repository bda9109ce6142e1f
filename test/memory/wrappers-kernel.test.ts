/**
 * Kernel limits for real, under every kind of group that this machine has: a converter that needs more than its cap dies alone,
 * what it was writing stays the old file, and its group goes away. The need is made by a preloaded module, and the converter's
 * own limit is off, so that nothing but the kernel can end it.
 */
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  command,
  type Ended,
  ensureBuilt,
  filesBelow,
  misoDay,
  nyisoDay,
  parquetDigests,
  put,
  ROOT,
  scratchFolder,
  sleep,
  start,
} from '../helpers/run.js'

const scratch = scratchFolder('kernel')
const fresh = (): string => mkdtempSync(join(scratch, 'x-'))
const WITH_SYSTEMD = join(ROOT, 'test/helpers/with-systemd.sh')
const script = (name: string) => join(ROOT, 'scripts', name)

interface Layer {
  readonly step: string
  /** Words in front of the script. */
  readonly before: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

const noSystemd = put(join(scratch, 'bin'), { 'systemd-run': '#!/bin/sh\necho "not in this test" >&2\nexit 1\n' })
chmodSync(join(noSystemd, 'systemd-run'), 0o755)
const groupsOnly = { PATH: `${noSystemd}:${process.env.PATH}` }
const noUser = { XDG_RUNTIME_DIR: '/nonexistent', DBUS_SESSION_BUS_ADDRESS: '' }
const living = (): number[] => readdirSync('/proc').map(Number).filter(Number.isInteger)
/** The middle of the widest gap between the process ids in use. */
function unusedPid(): number {
  const used = [...living(), Number(readFileSync('/proc/sys/kernel/pid_max', 'utf8'))].sort((a, b) => a - b)
  const gaps = used.map((pid, at) => ({ from: used[at - 1] ?? 300, to: pid }))
  const widest = gaps.reduce((best, gap) => (gap.to - gap.from > best.to - best.from ? gap : best))
  return Math.floor((widest.from + widest.to) / 2)
}
/**
 * Process ids of another namespace begin small, like those of the host's oldest processes, and the converter takes a temporary
 * file whose process lives for one that is being written: so they begin where nobody is.
 */
const AFTER_THAT = `echo ${unusedPid()} > /proc/sys/kernel/ns_last_pid
"$@"; status=$?; sleep 0.3; systemctl list-units --all --plain --no-legend 'run-*.scope' >&2; exit $status`
const booted = existsSync('/run/systemd/system')

const LAYERS: readonly Layer[] = [
  { step: 'systemd-user-scope', before: [], env: {} },
  { step: 'systemd-system-scope', before: booted ? [] : [WITH_SYSTEMD, 'sh', '-c', AFTER_THAT, 'sh'], env: noUser },
  { step: 'cgroup-v2', before: [], env: groupsOnly },
  { step: 'cgroup-v1', before: [], env: groupsOnly },
]

/** Why a layer cannot be tested here; nothing if it can. */
function unavailable({ step, before, env }: Layer): string {
  const [program = '', ...args] = [...before, script('run_converter_safe.sh'), '--probe']
  const { stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', env: { ...process.env, ...env } })
  const [, works, detail] = stdout
    .split('\n')
    .map(line => line.split('\t'))
    .find(([name]) => name === step) ?? ['', 'no', stderr.trim() || 'the probe says nothing']
  return works === 'yes' ? '' : (detail as string)
}

const CAP = '0.3'
const UNLIMITED = { ISO_CONVERTER_MEMORY_LIMIT_GB: '0', MEMORY_CAP_GB: CAP, MEMORY_SWAP_MAX: '0' }

/** Takes memory without bound in the moment in which a temporary file of this name has been opened. */
const GREEDY = put(scratch, {
  'greedy.mjs': `import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
const { openSync } = fs
const taken = []
fs.openSync = (path, ...rest) => {
  const descriptor = openSync(path, ...rest)
  if (new RegExp(process.env.GREEDY).test(String(path))) for (;;) taken.push(Buffer.alloc(16 << 20, 1))
  return descriptor
}
syncBuiltinESMExports()
`,
})
const greedy = (name: string) => ({
  ...UNLIMITED,
  GREEDY: name,
  NODE_OPTIONS: `--import=${pathToFileURL(join(GREEDY, 'greedy.mjs')).href}`,
})

/** Names of the groups that wrappers have made; a scope has one in every hierarchy. */
function groups(): string[] {
  const made = ['(', '-name', 'iso-convert-*', '-o', '-name', 'run-*.scope', ')']
  const { stdout } = spawnSync('find', ['/sys/fs/cgroup', '-type', 'd', ...made], { encoding: 'utf8' })
  return [
    ...new Set(
      stdout
        .split('\n')
        .filter(Boolean)
        .map(path => basename(path)),
    ),
  ]
}

/** Processes that run this script, also those in a namespace of their own. */
const running = (path: string): number[] =>
  living().filter(pid => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')[1] === path
    } catch {
      return false
    }
  })

/** Two months of MISO. */
const months = (seed: number) =>
  put(join(fresh(), 'archive'), {
    'miso/20240110_da_expost_lmp.csv': misoDay('da_expost_lmp', '2024-01-10', { seed }),
    'miso/20240210_da_expost_lmp.csv': misoDay('da_expost_lmp', '2024-02-10', { seed }),
    'nyiso/20240110damlbmp_zone.csv': nyisoDay('damlbmp', '2024-01-10', { seed }),
  })
const before = months(1)
const after = months(2)
const args = (input: string, output: string, ...more: string[]) => ['--input', input, '--output', output, ...more]
const month = (digests: Record<string, string>, number: number) =>
  Object.entries(digests).find(([path]) => path.includes(`miso/da_energy_hourly/year=2024/month=${number}/`))?.[1]
/** What an undisturbed run makes of the second archive. */
let wanted: Record<string, string>

beforeAll(async () => {
  await ensureBuilt()
  const output = fresh()
  expect((await command(['all', ...args(after, output)])).code).toBe(0)
  wanted = parquetDigests(output)
  expect(Object.keys(wanted)).toHaveLength(3)
})

for (const layer of LAYERS)
  describe(layer.step, () => {
    const { step, before: front, env } = layer
    const why = unavailable(layer)
    if (why) console.log(`wrappers-kernel: ${step} is skipped: ${why}`)

    const instead = (name: string) =>
      `shift 2; set -- ${[...front, script(name)].map(word => `'${word.replaceAll("'", `'\\''`)}'`).join(' ')} "$@"`
    const run = (name: string, line: readonly string[], more: Record<string, string>): Promise<Ended> =>
      command(line, { shell: instead(name), env: { ...env, ...more }, limit: 100_000 })
    const wrapper = (line: readonly string[], more: Record<string, string> = UNLIMITED) =>
      run('run_converter_safe.sh', line, more)
    const existing = groups()
    const gone = ({ stderr }: Ended) => {
      expect(stderr).not.toMatch(/^run-.*\.scope/m)
      expect(groups().filter(each => !existing.includes(each))).toEqual([])
    }
    const skipped = why ? ` (skipped: ${why})` : ''

    /** An output with the old prices. */
    async function converted(): Promise<{ output: string; old: Record<string, string> }> {
      const output = fresh()
      expect((await command(['all', ...args(before, output)])).code).toBe(0)
      return { output, old: parquetDigests(output) }
    }

    /** Nothing of the killed run is in the way of the next. */
    async function recovers(output: string): Promise<void> {
      expect(filesBelow(output, /\.parquet\.\d+\.tmp$/), 'it was killed while it wrote').not.toHaveLength(0)
      const next = await command(['all', ...args(after, output)])
      expect(next.code, next.stderr).toBe(0)
      expect(filesBelow(output, /\.tmp$/)).toEqual([])
      expect(parquetDigests(output)).toEqual(wanted)
    }

    test.skipIf(why)(`what fits runs, and the limit is in force${skipped}`, async () => {
      const output = fresh()
      const ended = await wrapper(['all', ...args(after, output)], { MEMORY_CAP_GB: '1' })
      expect(ended.code, ended.stderr).toBe(0)
      expect(ended.stderr).toMatch(
        new RegExp(`^Memory protection: ${step.replaceAll('-', ' ')}, (MemoryMax|limit) 1 GB`, 'm'),
      )
      expect(parquetDigests(output)).toEqual(wanted)
      gone(ended)
    })

    test.skipIf(why)(`F35 a converter above its cap dies alone, and the old file stays${skipped}`, async () => {
      const { output, old } = await converted()
      const ended = await wrapper(['miso', ...args(after, output, '--workers', '0')], greedy('month=2.*\\.tmp$'))
      expect(ended.code, ended.stderr).toBe(137)
      expect(ended.stderr).toContain('OOM kill: the kernel killed the whole converter (status 137)')
      expect(ended.stderr).toMatch(/its group may use 0\.3 GB \(MEMORY_CAP_GB\), its peak was 0\.(3|29\d*) GB\n/)
      expect(ended.stderr).toMatch(/raise MEMORY_CAP_GB.*--memory-limit.*--workers 1.*--year/)
      expect(month(parquetDigests(output), 2)).toBe(month(old, 2))
      gone(ended)
      await recovers(output)
    })

    test.skipIf(why)(
      `F35 only a worker is killed, the converter survives and finishes the rest${skipped}`,
      async () => {
        const { output, old } = await converted()
        const ended = await wrapper(['miso', ...args(after, output, '--workers', '1')], greedy('month=2.*\\.tmp$'))
        expect(ended.code, ended.stderr).toBe(71)
        expect(ended.stderr).toMatch(
          /OOM kill: the kernel killed \d worker\(s\); the converter itself survived and ended with status 71/,
        )
        const now = parquetDigests(output)
        expect(month(now, 1)).toBe(month(wanted, 1))
        expect(month(now, 2)).toBe(month(old, 2))
        gone(ended)
        await recovers(output)
      },
    )

    test.skipIf(why)(`F35 in a sweep the next converter succeeds${skipped}`, async () => {
      const { output, old } = await converted()
      const more = {
        ...greedy('miso.*parquet\\.\\d+\\.tmp$'),
        CONVERTERS: 'miso nyiso',
        PAUSE_SECONDS: '0',
        MIN_AVAILABLE_GB: '0.1',
      }
      const ended = await run('run_all_converters_safe.sh', args(after, output, '--workers', '0'), more)
      expect(ended.code, ended.stdout + ended.stderr).toBe(1)
      expect(ended.stdout).toMatch(/^miso {2,}oom-killed {2,}137 /m)
      expect(ended.stdout).toMatch(/^nyiso {2,}ok {2,}0 /m)
      expect(ended.stdout).toContain('OOM kill: the kernel killed the whole converter')
      const now = parquetDigests(output)
      for (const number of [1, 2]) expect(month(now, number)).toBe(month(old, number))
      for (const path of Object.keys(now).filter(each => each.includes('/nyiso/'))) expect(now[path]).toBe(wanted[path])
      gone(ended)
      await recovers(output)
    })

    test.skipIf(why)(`F04 SIGTERM ends the converter and removes the group${skipped}`, async () => {
      const folder = fresh()
      const waits = put(folder, {
        'waits.mjs': `import { writeFileSync } from 'node:fs'
process.on('SIGTERM', () => process.exit(143))
writeFileSync(new URL('ready', import.meta.url), '')
for (;;) await new Promise(resolve => setTimeout(resolve, 100))\n`,
      })
      const others = running(script('run_converter_safe.sh'))
      const { ended } = start(['miso'], {
        shell: instead('run_converter_safe.sh'),
        env: { ...env, ...UNLIMITED, NODE_OPTIONS: `--import=${pathToFileURL(join(waits, 'waits.mjs')).href}` },
      })
      for (let waited = 0; !existsSync(join(folder, 'ready')) && waited < 20_000; waited += 50) await sleep(50)
      const made = groups().filter(each => !existing.includes(each))
      const mine = running(script('run_converter_safe.sh')).filter(pid => !others.includes(pid))
      for (const pid of mine) process.kill(pid, 'SIGTERM')
      expect([mine.length, made.length]).toEqual([1, 1])
      const stopped = await ended
      expect(stopped.code, stopped.stderr).toBe(143)
      gone(stopped)
    })
  })
