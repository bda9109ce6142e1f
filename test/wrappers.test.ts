/** The shell wrappers: which layer they choose and say, what they write into groups, and how the sweep counts. Real kernel limits: memory/. */
import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { join, relative } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  type CommandOptions,
  command,
  type Ended,
  ensureBuilt,
  filesBelow,
  misoDay,
  put,
  ROOT,
  scratchFolder,
  sleep,
  start,
} from './helpers/run.js'

const scratch = scratchFolder('wrappers')
const fresh = (): string => mkdtempSync(join(scratch, 'x-'))
const SCRIPTS = join(ROOT, 'scripts')
const ARCHIVE = join(ROOT, 'fixtures/archive')
const shells = [
  ...filesBelow(SCRIPTS, /\.sh$/).map(name => join('scripts', name)),
  ...filesBelow(join(ROOT, 'test/helpers'), /\.sh$/).map(name => join('test/helpers', name)),
]
const GB = 1024 ** 3

beforeAll(ensureBuilt)

/** The helper starts node; this puts a script (or a whole line) in its place. */
const instead = (line: string) => `shift 2; set -- ${line} "$@"`
const run = (script: string, args: readonly string[], options: CommandOptions = {}): Promise<Ended> =>
  command(args, { ...options, shell: instead(`'${script}'`) })
const wrapper = (args: readonly string[], options: CommandOptions = {}): Promise<Ended> =>
  run(join(SCRIPTS, 'run_converter_safe.sh'), args, options)

/** A project whose converter is a few lines of JavaScript. */
function project(main: string, folder = fresh()): string {
  cpSync(SCRIPTS, join(folder, 'scripts'), {
    recursive: true,
    filter: path => !/bench|memory$/.test(relative(SCRIPTS, path)),
  })
  return put(folder, { 'package.json': '{"type":"module"}', 'dist/src/cli/main.js': main })
}
const safe = (folder: string) => join(folder, 'scripts/run_converter_safe.sh')
const TELLS = `console.log(JSON.stringify({ args: process.argv.slice(2), cwd: process.cwd(), layer: process.env.ISO_CONVERTER_LAYER }))\n`
const told = ({ stdout }: Ended) => JSON.parse(stdout) as { args: string[]; cwd: string; layer: string }

/** A folder with commands to be found before the machine's own. */
function commands(scripts: Readonly<Record<string, string>>): { PATH: string } {
  const folder = put(
    fresh(),
    Object.fromEntries(Object.entries(scripts).map(([name, text]) => [name, `#!/bin/sh\n${text}\n`])),
  )
  for (const name of Object.keys(scripts)) spawnSync('chmod', ['+x', join(folder, name)])
  return { PATH: `${folder}:${process.env.PATH}` }
}
const NO_BUS = { 'systemd-run': 'echo "Failed to connect to bus: No medium found" >&2; exit 1' }

/** A kernel of plain files: `groups` by path below the root of the groups, `self` as in /proc/self/cgroup. */
function kernel(self: string, groups: Readonly<Record<string, string>>, { total = 64, available = 60 } = {}) {
  const folder = put(fresh(), {
    'proc/self/cgroup': `${self}\n`,
    'proc/meminfo': `MemTotal: ${(total * GB) / 1024} kB\nMemFree: 1 kB\nMemAvailable: ${(available * GB) / 1024} kB\n`,
  })
  const root = put(join(folder, 'cgroup'), groups)
  return { root, env: { ISO_CONVERTER_PROC_ROOT: join(folder, 'proc'), ISO_CONVERTER_CGROUP_ROOT: root } }
}
const V2 = { 'cgroup.controllers': 'cpu memory\n', 'cgroup.subtree_control': '', 'cgroup.procs': '1\n' }
const NOTHING = kernel('0::/', {})
/** What the wrapper made below a group. */
function group(parent: string): { folder: string; read: (file: string) => string } {
  const [name = 'none'] = readdirSync(parent).filter(each => each.startsWith('iso-convert-'))
  return { folder: join(parent, name), read: file => readFileSync(join(parent, name, file), 'utf8').trim() }
}

describe('the scripts', () => {
  const absent = spawnSync('shellcheck', ['--version']).status !== 0
  if (absent) console.log('wrappers: shellcheck is not installed, the scripts are not checked')

  test.skipIf(absent)(`shellcheck has nothing to say${absent ? ' (skipped: not installed)' : ''}`, () => {
    const { stdout, status } = spawnSync('shellcheck', ['-x', ...shells], { cwd: ROOT, encoding: 'utf8' })
    expect(stdout).toBe('')
    expect(status).toBe(0)
  })

  test.each(shells)('%s is strict, and executable where it is started', name => {
    expect(readFileSync(join(ROOT, name), 'utf8')).toMatch(/^#!\/usr\/bin\/env bash\n(#.*\n)+set -euo pipefail\n/)
    if (!name.startsWith('scripts/lib/')) expect(statSync(join(ROOT, name)).mode & 0o111).toBe(0o111)
  })

  test.each(['run_converter_safe.sh', 'test_converters_safe.sh', 'run_all_converters_safe.sh'])(
    '%s --help',
    async name => {
      const { code, stdout, stderr } = await run(join(SCRIPTS, name), ['--help'])
      expect([code, stderr]).toEqual([0, ''])
      expect(stdout).toContain(`usage: ${name}`)
      expect(stdout).toContain('MEMORY_CAP_GB')
    },
  )
})

describe('usage', () => {
  test.each([
    [[], {}, 'expected a market such as miso, or all, found ""'],
    [['--year', '2024'], {}, 'expected a market such as miso, or all, found "--year"'],
    [['pjm'], { MEMORY_CAP_GB: 'much' }, 'MEMORY_CAP_GB: expected a number of GB such as 60 or 0.25, found "much"'],
    [['pjm'], { MEMORY_CAP_GB: '0' }, 'MEMORY_CAP_GB: expected at least 0.047, found "0"'],
    [['pjm'], { MEMORY_HIGH_GB: '-1' }, 'MEMORY_HIGH_GB: expected a number of GB such as 60 or 0.25, found "-1"'],
    [
      ['pjm'],
      { MEMORY_SWAP_MAX: '4' },
      'MEMORY_SWAP_MAX: expected a size such as 4G or 512M, 0 or infinity, found "4"',
    ],
  ])('%j with %j is an error', async (args, env, message) => {
    const { code, stdout, stderr } = await wrapper(args, { env })
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain(`error: ${message}`)
  })

  test('a converter that is not built, and a node that is not there', async () => {
    const folder = project(TELLS)
    const lost = await run(safe(folder), ['pjm'], { env: { NODE: 'no-such-node' } })
    expect(lost.code).toBe(78)
    expect(lost.stderr).toContain('no-such-node: expected Node 20.15 or later')
    rmSync(join(folder, 'dist'), { recursive: true })
    const unbuilt = await run(safe(folder), ['pjm'])
    expect(unbuilt.code).toBe(78)
    expect(unbuilt.stderr).toContain('run npm start or npm run build')
  })
})

describe('finds the project', () => {
  const args = ['pjm', '--input', 'my files', '--from', '2024-01-01']

  test('from another folder, whose relative paths keep their meaning', async () => {
    const cwd = fresh()
    const ended = await run(safe(project(TELLS)), args, { cwd })
    expect(ended.code, ended.stderr).toBe(0)
    expect(told(ended)).toMatchObject({ args, cwd })
  })

  test('with blanks in its path', async () => {
    const folder = project(TELLS, join(fresh(), 'my project'))
    expect(told(await run(safe(folder), args)).args).toEqual(args)
  })

  test('through symbolic links', async () => {
    const links = fresh()
    symlinkSync(safe(project(TELLS)), join(links, 'first'))
    symlinkSync('first', join(links, 'second'))
    expect(told(await run(join(links, 'second'), args, { cwd: links })).args).toEqual(args)
  })

  test('as an installed package', async () => {
    const user = fresh()
    project(TELLS, join(user, 'node_modules/iso-market-data-converter'))
    mkdirSync(join(user, 'node_modules/.bin'))
    const link = join(user, 'node_modules/.bin/run_converter_safe')
    symlinkSync('../iso-market-data-converter/scripts/run_converter_safe.sh', link)
    expect(told(await run(link, args, { cwd: user }))).toMatchObject({ args, cwd: user })
  })
})

describe('the ladder', () => {
  const tells = project(TELLS)
  const convert = (options: CommandOptions, ...more: string[]) => run(safe(tells), [...more, 'pjm'], options)

  test('F36 systemd-run without a bus: the conversion runs under the next layer, and says so', async () => {
    const output = fresh()
    const args = ['nyiso', '--input', ARCHIVE, '--output', output, '--da-only', '--json']
    const { code, stdout, stderr } = await wrapper(args, { env: commands(NO_BUS) })
    expect(code, stderr).toBe(0)
    expect(stderr).toMatch(/^(Memory protection: (cgroup|prlimit)|WARNING: NO MEMORY PROTECTION)/m)
    expect(stderr).toContain('not: systemd user scope: Failed to connect to bus: No medium found')
    expect(stderr).toContain('not: systemd system scope: Failed to connect to bus: No medium found')
    // Nothing but the converter's report.
    expect(JSON.parse(stdout)).toMatchObject({ exit_code: 0 })
    expect(filesBelow(output, /\.parquet$/)).not.toHaveLength(0)
  })

  test('F36 no systemd, no groups, no prlimit: a loud warning, and the conversion runs', async () => {
    const env = { ...commands({ ...NO_BUS, prlimit: 'echo "prlimit: forbidden" >&2; exit 1' }), ...NOTHING.env }
    const ended = await convert({ env })
    expect(ended.code).toBe(0)
    expect(told(ended).layer).toBe('none')
    expect(ended.stderr).toContain('WARNING: NO MEMORY PROTECTION')
    for (const why of [
      'cgroup v2: there is none',
      'cgroup v1: it has no memory hierarchy here',
      'prlimit: prlimit: forbidden',
    ])
      expect(ended.stderr).toContain(`not: ${why}`)
  })

  test('--require-cgroup where there is no group: status 71, nothing is run', async () => {
    const { code, stdout, stderr } = await convert({ env: { ...commands(NO_BUS), ...NOTHING.env } }, '--require-cgroup')
    expect([code, stdout]).toEqual([71, ''])
    expect(stderr).toContain('--require-cgroup: expected a systemd scope or a control group, found none that works')
    expect(stderr).toContain('not: systemd user scope: Failed to connect to bus')
  })

  test('prlimit limits the data of the process', async () => {
    const folder = project(
      `import { readFileSync } from 'node:fs'\nconsole.log(/Max data size.*/.exec(readFileSync('/proc/self/limits', 'utf8'))[0])\n`,
    )
    const { code, stdout, stderr } = await run(safe(folder), ['pjm'], {
      env: { ...commands(NO_BUS), ...NOTHING.env, MEMORY_CAP_GB: '2.5' },
    })
    expect(code, stderr).toBe(0)
    expect(stderr).toContain('Memory protection: prlimit, RLIMIT_DATA 2.5 GB for each process, not for their sum')
    expect(stdout.split(/\s{2,}/).slice(0, 3)).toEqual(['Max data size', String(2.5 * GB), String(2.5 * GB)])
  })

  const readOnly = [
    'unshare',
    '-m',
    'sh',
    '-c',
    'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && shift && exec "$@"',
    'sh',
  ]
  const cannot = spawnSync(readOnly[0] as string, [...readOnly.slice(1), fresh(), 'true']).status !== 0
  if (cannot) console.log('wrappers: no read-only mount can be made here (needs root), that case is skipped')

  test.skipIf(cannot)(`F36 read-only groups${cannot ? ' (skipped: no mount can be made here)' : ''}`, async () => {
    const { root, env } = kernel('0::/', { ...V2, 'cgroup.subtree_control': 'memory\n' })
    const line = [...readOnly, root, safe(tells)].map(word => `'${word}'`).join(' ')
    const ended = await command(['pjm'], { env: { ...commands(NO_BUS), ...env }, shell: instead(line) })
    expect(ended.code, ended.stderr).toBe(0)
    expect(ended.stderr).toMatch(/not: cgroup v2: .*: Read-only file system/)
    expect(told(ended).layer).toBe('prlimit')
  })

  test('--probe tells every step, and runs nothing', async () => {
    const { root, env } = kernel('5:memory:/job', { 'memory/job/memory.usage_in_bytes': '1\n' })
    const { code, stdout } = await run(safe(tells), ['--probe'], { env: { ...commands(NO_BUS), ...env } })
    expect(code).toBe(0)
    expect(stdout.trimEnd().split('\n')).toEqual([
      'systemd-user-scope\tno\tFailed to connect to bus: No medium found',
      'systemd-system-scope\tno\tFailed to connect to bus: No medium found',
      'cgroup-v2\tno\tthere is none',
      'cgroup-v1\tyes\tlimit 60 GB, soft limit 55 GB',
      'prlimit\tyes\tRLIMIT_DATA 60 GB for each process, not for their sum',
      'active\tcgroup-v1',
    ])
    expect(existsSync(group(join(root, 'memory/job')).folder)).toBe(true)
  })
})

describe('groups', () => {
  const tells = project(TELLS)
  const convert = async (env: Record<string, string>) => {
    const ended = await run(safe(tells), ['pjm'], { env: { ...commands(NO_BUS), ...env } })
    expect(ended.code, ended.stderr).toBe(0)
    return { ...ended, layer: told(ended).layer }
  }

  test('v2, beside the own group: hard and soft limit, swap and the process', async () => {
    const { root, env } = kernel('0::/jobs/mine', {
      ...V2,
      'jobs/cgroup.controllers': 'memory\n',
      'jobs/cgroup.subtree_control': 'memory\n',
      'jobs/cgroup.procs': '',
      'jobs/mine/cgroup.controllers': 'memory\n',
      // A group with processes refuses to hand out controllers; here because a folder is in the place of the file.
      'jobs/mine/cgroup.subtree_control/x': '',
      'jobs/mine/cgroup.procs': '1\n',
    })
    const { layer, stderr } = await convert({
      ...env,
      MEMORY_CAP_GB: '8',
      MEMORY_HIGH_GB: '7.5',
      MEMORY_SWAP_MAX: '512M',
    })
    expect(layer).toBe('cgroup-v2')
    expect(stderr).toContain('Memory protection: cgroup v2, MemoryMax 8 GB, MemoryHigh 7.5 GB\n')
    const { read } = group(join(root, 'jobs'))
    expect(Number(read('memory.max'))).toBe(8 * GB)
    expect(Number(read('memory.high'))).toBe(7.5 * GB)
    expect(Number(read('memory.swap.max'))).toBe(512 * 1024 ** 2)
    expect(read('cgroup.procs')).toMatch(/^\d+$/)
  })

  test('v2, below the root, where the memory controller is switched on first', async () => {
    const { root, env } = kernel('0::/', V2)
    expect((await convert({ ...env, MEMORY_SWAP_MAX: 'infinity' })).layer).toBe('cgroup-v2')
    expect(readFileSync(join(root, 'cgroup.subtree_control'), 'utf8')).toBe('+memory\n')
    expect(group(root).read('memory.swap.max')).toBe('max')
  })

  test('v1: limit, soft limit, memory with swap', async () => {
    const { root, env } = kernel('5:cpuset:/\n4:memory:/pod/me\n0::/', { 'memory/pod/me/memory.usage_in_bytes': '1\n' })
    expect((await convert({ ...env, MEMORY_CAP_GB: '0.25' })).layer).toBe('cgroup-v1')
    const { read } = group(join(root, 'memory/pod/me'))
    expect(Number(read('memory.limit_in_bytes'))).toBe(GB / 4)
    expect(Number(read('memory.soft_limit_in_bytes'))).toBe(Math.floor((GB / 4) * 0.92))
    expect(Number(read('memory.memsw.limit_in_bytes'))).toBe(4.25 * GB)
  })

  test('what a killed wrapper left behind goes, what a living one made stays', async () => {
    const { root, env } = kernel('4:memory:/', { 'memory/memory.usage_in_bytes': '1\n' })
    for (const pid of [999_999_999, process.pid]) mkdirSync(join(root, `memory/iso-convert-1-${pid}`))
    await convert(env)
    expect(readdirSync(join(root, 'memory'))).not.toContain('iso-convert-1-999999999')
    expect(readdirSync(join(root, 'memory'))).toContain(`iso-convert-1-${process.pid}`)
  })

  test.each([
    [8, {}, 'MemoryMax 8 GB, MemoryHigh 7.36 GB', []],
    [128, {}, 'MemoryMax 60 GB, MemoryHigh 55 GB', []],
    [8, { MEMORY_CAP_GB: '100' }, 'MemoryMax 8 GB', ['MEMORY_CAP_GB=100 is more than this machine has; 8 GB is used']],
    [
      8,
      { MEMORY_CAP_GB: '2', MEMORY_HIGH_GB: '3' },
      'MemoryHigh 1.84 GB',
      ['MEMORY_HIGH_GB=3 is not below the cap; 1.84 GB is used'],
    ],
  ])('a machine of %d GB, %j: %s', async (total, more, expected, notes) => {
    const { stderr } = await convert({ ...kernel('0::/', V2, { total }).env, ...more })
    expect(stderr).toContain(expected)
    expect([...stderr.matchAll(/^note: (.*)/gm)].map(match => match[1])).toEqual(notes)
  })

  test('F36 a scope in which no limit is in force is refused', async () => {
    // What systemd does where the memory controller is not given to it.
    const scope = 'while [ "$1" != bash ]; do shift; done; exec "$@"'
    const { env } = kernel('0::/', { ...V2, 'memory.max': 'max\n' })
    const { stderr, layer } = await convert({ ...commands({ 'systemd-run': scope }), ...env })
    expect(stderr).toContain('not: systemd user scope: it starts, but no limit of 60 GB is in force inside, found: max')
    expect(layer).toBe('cgroup-v2')
  })

  test('a property that systemd does not know is left out, the others stay', async () => {
    const log = join(fresh(), 'log')
    const scope = `case "$*" in *OOMPolicy*) echo "Unknown assignment: OOMPolicy=continue" >&2; exit 1;; esac
echo "$*" >> '${log}'; while [ "$1" != bash ]; do shift; done; exec "$@"`
    const { env } = kernel('0::/', { ...V2, 'memory.max': `${2 * GB}\n`, 'memory.events': 'oom 0\noom_kill 0\n' })
    const { stderr, layer } = await convert({ ...commands({ 'systemd-run': scope }), ...env, MEMORY_CAP_GB: '2' })
    expect(layer).toBe('systemd-user-scope')
    expect(stderr).toContain(
      'systemd user scope, MemoryMax 2 GB, MemoryHigh 1.84 GB, refused by this systemd: OOMPolicy\n',
    )
    const last = readFileSync(log, 'utf8').trimEnd().split('\n').at(-1)
    for (const property of ['-p MemoryMax=', 'MemoryHigh=', 'MemorySwapMax=', ' run own '])
      expect(last).toContain(property)
  })
})

describe('how it ended', () => {
  test.each([0, 1, 65, 66, 75])('status %d is passed on', async status => {
    const { code, stderr } = await run(safe(project(`process.exit(${status})\n`)), ['pjm'])
    expect(code).toBe(status)
    expect(stderr).not.toContain('what to do')
  })

  /** A converter that says what its group counts, and ends itself. */
  const counted = (kills: number, peak: number, end: string) =>
    project(`import { readdirSync, writeFileSync } from 'node:fs'
const root = process.env.ISO_CONVERTER_CGROUP_ROOT + '/'
const group = root + readdirSync(root).find(name => name.startsWith('iso-convert-'))
writeFileSync(group + '/memory.events', 'low 0\\nhigh 0\\nmax 9\\noom ${kills}\\noom_kill ${kills}\\n')
writeFileSync(group + '/memory.peak', '${peak}\\n')
${end}\n`)
  const KILL = "process.kill(process.pid, 'SIGKILL')"
  const under = (folder: string) =>
    run(safe(folder), ['pjm'], { env: { ...commands(NO_BUS), ...kernel('0::/', V2).env, MEMORY_CAP_GB: '2' } })

  test('F35 the whole converter was killed at its cap', async () => {
    const { code, stderr } = await under(counted(1, 2 * GB, KILL))
    expect(code).toBe(137)
    expect(stderr).toContain('OOM kill: the kernel killed the whole converter (status 137)')
    expect(stderr).toContain('its group may use 2 GB (MEMORY_CAP_GB), its peak was 2 GB\n')
    expect(stderr).toMatch(/finished partitions stand[\s\S]*raise MEMORY_CAP_GB.*--memory-limit.*--workers 1.*--year/)
  })

  test('F35 workers were killed, the converter survived', async () => {
    const { code, stderr } = await under(counted(2, 2 * GB, 'process.exit(71)'))
    expect(code).toBe(71)
    expect(stderr).toContain(
      'OOM kill: the kernel killed 2 worker(s); the converter itself survived and ended with status 71',
    )
  })

  test('F35 the memory that ran out was not this group’s', async () => {
    const { stderr } = await under(counted(1, GB, KILL))
    expect(stderr).toContain(
      'its peak was 1 GB; that is below the cap, so the machine or a group above this one ran out',
    )
  })

  test('SIGKILL from outside, and without anyone who counts', async () => {
    const outside = await under(counted(0, GB, KILL))
    expect(outside.code).toBe(137)
    expect(outside.stderr).toContain("Killed (status 137) by SIGKILL from outside, not by this group's limit")
    const uncounted = await run(safe(project(`${KILL}\n`)), ['pjm'], { env: { ...commands(NO_BUS), ...NOTHING.env } })
    expect(uncounted.code).toBe(137)
    expect(uncounted.stderr).toContain('Killed (status 137) by SIGKILL. Without a group of its own nobody counted')
  })

  test('status 134', async () => {
    const { code, stderr } = await run(safe(project('process.abort()\n')), ['pjm'])
    expect(code).toBe(134)
    expect(stderr).toContain('Aborted (status 134): most likely its JavaScript heap was full')
  })

  /** As a terminal does with Ctrl-C, and `timeout` to a process and then to its group: nearly at once, and to all in the group. */
  const TWICE = `set -m; "$@" & until [ -e "$READY" ]; do sleep 0.05; done
kill -s "$SIGNAL" $!; sleep 0.1; kill -s "$SIGNAL" -- -$!; wait $!`

  test.each([
    ['TERM', 143],
    ['INT', 130],
  ])('F04 SIG%s reaches the converter once', async (signal, status) => {
    const ready = join(fresh(), 'ready')
    const folder = project(`import { writeFileSync } from 'node:fs'
let count = 0
process.on('SIG${signal}', () => { if (count++ === 0) setTimeout(() => { console.log(count); process.exit(${status}) }, 500) })
setInterval(() => {}, 1000)
writeFileSync('${ready}', '')\n`)
    const { code, stdout, stderr } = await command(['pjm'], {
      env: { READY: ready, SIGNAL: signal },
      shell: instead(`bash -c '${TWICE}' bash '${safe(folder)}'`),
    })
    expect([code, stdout], stderr).toEqual([status, '1\n'])
  })
})

describe('the sweep', () => {
  const QUICK = { PAUSE_SECONDS: '0', MIN_AVAILABLE_GB: '0.01' }
  const sweep = (args: string[], env: Record<string, string>, folder = ROOT, name = 'test_converters_safe.sh') =>
    run(join(folder, 'scripts', name), args, { env: { ...QUICK, ...env }, cwd: scratch })
  /** Result, status and log of each converter, from the table at the end. */
  const summary = ({ stdout }: Ended) =>
    stdout
      .split('\n')
      .slice(stdout.split('\n').findIndex(line => /^converter\s+result/.test(line)) + 1)
      .filter(line => /^\w+ {2}/.test(line))
      .map(line => line.split(/ {2,}/) as [string, string, string, string, string, string, string])

  test('the bundled archive: a log each, a summary, status 0', async () => {
    const output = fresh()
    const ended = await sweep(['--all', '--as-only'], {
      CONVERTERS: 'nyiso, miso',
      ISO_DATA_DIR: ARCHIVE,
      ISO_OUTPUT_DIR: output,
    })
    expect(ended.code, ended.stdout + ended.stderr).toBe(0)
    const rows = summary(ended)
    expect(rows.map(row => row.slice(0, 3))).toEqual([
      ['nyiso', 'ok', '0'],
      ['miso', 'ok', '0'],
    ])
    for (const [iso, , , , before, after, log] of rows) {
      expect(ended.stdout).toContain(`${iso}: ${before} GB available; log ${log}`)
      expect(Number(after)).toBeGreaterThan(0)
      expect(log.startsWith(join(output, 'logs'))).toBe(true)
      expect(readFileSync(log, 'utf8')).toMatch(/^(Memory protection|WARNING): /)
      expect(filesBelow(join(output, 'parquet', iso), /\.parquet$/)).not.toHaveLength(0)
    }
  })

  test('a broken input fails, a market without files is empty', async () => {
    const input = put(fresh(), {
      'miso/20240101_da_expost_lmp.csv': '<html><body>Service unavailable</body></html>\n',
      'miso/20240102_da_expost_lmp.csv': misoDay('da_expost_lmp', '2024-01-02'),
    })
    const args = ['--input', input, '--output', fresh()]
    const ended = await sweep(args, { CONVERTERS: 'ercot miso' })
    expect(ended.code, ended.stdout).toBe(1)
    expect(summary(ended).map(row => row.slice(0, 3))).toEqual([
      ['ercot', 'empty', '66'],
      ['miso', 'failed', '65'],
    ])
    expect(ended.stdout).toContain('file.html')
    expect((await sweep(args, { CONVERTERS: 'ercot' })).code).toBe(0)
  })

  /** Fails, is killed, or tells, by market. */
  const staged = project(`const [iso, ...options] = process.argv.slice(2)
console.log('options', JSON.stringify(options))
if (iso === 'pjm') { for (let line = 1; line <= 40; line++) console.log('line ' + line + '.'); process.exitCode = 70 }
if (iso === 'spp') { console.error('OOM kill: as the wrapper says it'); process.exitCode = 137 }
if (iso === 'isone') { process.on('SIGTERM', () => process.exit(143)); setInterval(() => {}, 1000); console.log('ready') }\n`)
  const input = { ISO_DATA_DIR: ARCHIVE }

  test('the last 30 lines of a failed converter; an OOM kill is named; the status counts', async () => {
    const ended = await sweep([], { ...input, LOG_DIR: fresh(), CONVERTERS: 'pjm,spp,caiso' }, staged)
    expect(ended.code).toBe(2)
    expect(summary(ended).map(row => row.slice(0, 3))).toEqual([
      ['pjm', 'failed', '70'],
      ['spp', 'oom-killed', '137'],
      ['caiso', 'ok', '0'],
    ])
    expect(ended.stdout).toContain('line 11.\n')
    expect(ended.stdout).not.toContain('line 10.\n')
    expect(ended.stdout).toContain('2 of 3 failed')
  })

  test.each([
    ['test_converters_safe.sh', [], ['--year', '2024', '--da-only']],
    ['test_converters_safe.sh', ['--all'], ['--all']],
    ['run_all_converters_safe.sh', [], []],
    ['run_all_converters_safe.sh', ['--year', '2023'], ['--year', '2023']],
  ])('%s %j gives every converter %j', async (name, args, expected) => {
    const ended = await sweep(args, { ...input, LOG_DIR: fresh(), CONVERTERS: 'ercot' }, staged, name)
    expect(readFileSync(summary(ended)[0]?.[6] as string, 'utf8')).toContain(`options ${JSON.stringify(expected)}\n`)
  })

  test('below the floor nothing starts, and that counts as failed', async () => {
    const low = { ...input, LOG_DIR: fresh(), MIN_AVAILABLE_GB: '' }
    const small = { ...low, ...kernel('0::/', {}, { total: 16, available: 7.5 }).env }
    const ended = await sweep([], { ...small, CONVERTERS: 'pjm caiso' }, staged)
    expect(ended.code).toBe(2)
    // 20 GB would never be available on this machine.
    expect(ended.stdout).toContain('no converter starts with less than 8 GB available')
    expect(ended.stdout).toContain('pjm: not run: 7.5 GB available, less than 8 GB (MIN_AVAILABLE_GB)')
    expect(summary(ended).map(row => row.slice(0, 2))).toEqual([
      ['pjm', 'not run'],
      ['caiso', 'not run'],
    ])
    const enough = { ...low, ...kernel('0::/', {}, { total: 16, available: 8.5 }).env }
    expect((await sweep([], { ...enough, CONVERTERS: 'caiso' }, staged)).code).toBe(0)
  })

  test('F04 SIGTERM ends the running converter and the sweep, with a summary', async () => {
    const logs = fresh()
    const { child, ended } = start(['--all'], {
      env: { ...QUICK, ...input, LOG_DIR: logs, CONVERTERS: 'isone caiso' },
      shell: instead(`'${join(staged, 'scripts/run_all_converters_safe.sh')}'`),
    })
    const ready = () => filesBelow(logs).some(name => readFileSync(join(logs, name), 'utf8').includes('ready'))
    for (let waited = 0; !ready() && waited < 10_000; waited += 50) await sleep(50)
    child.kill('SIGTERM')
    const stopped = await ended
    expect(stopped.code, stopped.stderr).toBe(143)
    expect(summary(stopped).map(row => row.slice(0, 3))).toEqual([
      ['isone', 'failed', '143'],
      ['caiso', 'not run', '-'],
    ])
  })

  test.each([
    [
      { CONVERTERS: 'pjm nowhere' },
      2,
      'CONVERTERS: expected some of pjm caiso nyiso spp isone miso ercot, found "nowhere"',
    ],
    [{ PAUSE_SECONDS: 'soon' }, 2, 'PAUSE_SECONDS: expected whole seconds, found "soon"'],
    [{ ISO_DATA_DIR: 'no/such' }, 66, 'no/such: no such folder; --input or ISO_DATA_DIR names the archive'],
  ])('%j is an error', async (env, status, message) => {
    const { code, stderr } = await sweep([], { ...input, LOG_DIR: fresh(), ...env }, staged)
    expect(code).toBe(status)
    expect(stderr).toContain(message)
  })
})
