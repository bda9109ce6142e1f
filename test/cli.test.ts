/** The built command as a person or a script meets it: flags, messages, streams and exit codes. */
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import type { RunReport } from '../src/run/report.js'
import {
  COMMAND,
  command,
  dateAfter,
  digits,
  easternDay,
  ensureBuilt,
  filesBelow,
  misoDay,
  nyisoDay,
  parquetDigests,
  pjmFile,
  put,
  ROOT,
  receipts,
  scratchFolder,
} from './helpers/run.js'

const scratch = scratchFolder('cli')
const fresh = (): string => mkdtempSync(join(scratch, 'x-'))

/** Two ISOs, all three kinds of market, two years. */
let archive: string
beforeAll(async () => {
  await ensureBuilt()
  const services = `datetime_beginning_utc,datetime_beginning_ept,ancillary_service,unit,value,row_is_current,version_nbr\r\n9/1/2024 4:00:00 AM,9/1/2024 12:00:00 AM,RTO Synchronized Reserve,Price,0.5,True,1\r\n`
  archive = put(join(scratch, 'archive'), {
    'miso/20231231_da_expost_lmp.csv': misoDay('da_expost_lmp', '2023-12-31'),
    'miso/20240101_da_expost_lmp.csv': misoDay('da_expost_lmp', '2024-01-01'),
    'miso/20240201_da_expost_lmp.csv': misoDay('da_expost_lmp', '2024-02-01'),
    'miso/20240101_rt_lmp_final.csv': misoDay('rt_lmp_final', '2024-01-01'),
    'miso/readme.txt': 'not a report',
    'pjm/da_hrl_lmps.csv': pjmFile([easternDay('2024-01-01')]),
    'pjm/ancillary_services.csv': services,
    'nyiso/20240101damlbmp_zone.csv': nyisoDay('damlbmp_zone', '2024-01-01'),
  })
})

async function run(args: readonly string[], more: Parameters<typeof command>[1] = {}) {
  const output = join(fresh(), 'out')
  const result = await command([...args, '--input', archive, '--output', output], more)
  return {
    ...result,
    output,
    datasets: [...new Set(receipts(output).map(each => `${each.iso} ${each.dataset}`))].sort(),
  }
}

const report = (text: string): RunReport => JSON.parse(text) as RunReport

describe('help', () => {
  test('names every flag, gives examples and the exit codes', async () => {
    const { code, stdout, stderr } = await command(['--help'])
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/Examples:/)
    expect(stdout).toContain('convert miso --year 2024 --da-only')
    for (const flag of FLAGS) expect(stdout, flag).toContain(flag)
    for (const number of ['65', '66', '70', '71', '73', '74', '75', '77', '78', '130/143'])
      expect(stdout).toContain(number)
  })

  test('of each command', async () => {
    for (const name of ['reports', 'inspect', 'plan', 'doctor']) {
      const { code, stdout } = await command([name, '--help'])
      expect(code).toBe(0)
      expect(stdout).toContain(`convert ${name}`)
    }
  })

  test('lists no flag that this file does not try', async () => {
    const { stdout } = await command(['--help'])
    const listed = [...stdout.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)].map(match => match[1] as string)
    expect(listed.filter(flag => !FLAGS.includes(flag) && !['--help', '--version'].includes(flag))).toEqual([])
  })

  test('--version', async () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }
    expect(await command(['--version'])).toMatchObject({ code: 0, stdout: `${version}\n` })
  })
})

const FLAGS = [
  '--year',
  '--from',
  '--to',
  '--all',
  '--da-only',
  '--rt-only',
  '--as-only',
  '--input',
  '--iso',
  '--output',
  '--n-limit',
  '--force',
  '--workers',
  '--batch-size',
  '--max-in-flight',
  '--memory-limit',
  '--target-memory',
  '--memory-warning',
  '--memory-critical',
  '--worker-memory',
  '--monitor-interval',
  '--watchdog-interval',
  '--restart-after',
  '--grace',
  '--stall-timeout',
  '--tmp-dir',
  '--max-bad-rows',
  '--max-gaps',
  '--dry-run',
  '--json',
  '--report',
  '--log-format',
  '--quiet',
  '--verbose',
]

describe('what is converted', () => {
  test('several markets, and all of them', async () => {
    expect((await run(['miso', 'pjm'])).datasets).toEqual([
      'MISO da_energy_hourly',
      'MISO rt_energy_hourly',
      'PJM da_energy_hourly',
      'PJM rt_as_hourly',
    ])
    const all = await run(['all'])
    expect([all.code, all.datasets.length]).toEqual([0, 5])
  })

  test.each([
    ['--da-only', ['MISO da_energy_hourly', 'PJM da_energy_hourly']],
    ['--rt-only', ['MISO rt_energy_hourly']],
    ['--as-only', ['PJM rt_as_hourly']],
  ])('%s', async (flag, datasets) => {
    expect((await run(['miso', 'pjm', flag])).datasets).toEqual(datasets)
  })

  test.each([
    [
      ['--year', '2024'],
      ['2024-01', '2024-02'],
    ],
    [['--year', '2023'], ['2023-12']],
    [
      ['--year', '2023', '--year', '2024'],
      ['2023-12', '2024-01', '2024-02'],
    ],
    [['--from', '2024-02-01'], ['2024-02']],
    [
      ['--to', '2024-01-15'],
      ['2023-12', '2024-01'],
    ],
    [['--from', '2024-01-01', '--to', '2024-01-31'], ['2024-01']],
    [['--all'], ['2023-12', '2024-01', '2024-02']],
  ])('%j', async (flags, partitions) => {
    const { output, code } = await run(['miso', '--da-only', ...flags])
    expect(code).toBe(0)
    expect(receipts(output).map(each => each.partition)).toEqual(partitions)
  })

  test('--year 2024 on a folder called 2024 that holds 2023: nothing is written, it says what is there, exit 66', async () => {
    const input = put(fresh(), { '2024/20230301_da_expost_lmp.csv': misoDay('da_expost_lmp', '2023-03-01') })
    const output = join(fresh(), 'out')
    const { code, stdout, stderr } = await command(['miso', '--year', '2024', '--input', input, '--output', output])
    expect(code).toBe(66)
    expect(parquetDigests(output)).toEqual({})
    expect(stderr + stdout).toMatch(/2023-03/)
    expect(stderr + stdout).toMatch(/delivery dates/)
  })

  test('an empty folder, a missing one, a file in its place, none of its files a report: exit 66 with the reason', async () => {
    const output = join(fresh(), 'out')
    const try_ = (input: string) => command(['miso', '--input', input, '--output', output])
    const empty = await try_(fresh())
    expect([empty.code, empty.stderr]).toEqual([66, expect.stringMatching(/no files/)])
    const missing = await try_(join(fresh(), 'nowhere'))
    expect([missing.code, missing.stderr]).toEqual([66, expect.stringMatching(/nowhere.*no such folder.*--input/)])
    const file = await try_(join(archive, 'miso/readme.txt'))
    expect(file.code).toBe(66)
    const strange = await try_(put(fresh(), { 'a.csv': 'x,y\n1,2\n' }))
    expect([strange.code, strange.stderr]).toEqual([66, expect.stringMatching(/none of the 1 files/)])
    expect(strange.stderr).toContain('a.csv')
    expect(parquetDigests(output)).toEqual({})
  })

  test('the environment names the folders, flags go before it', async () => {
    const output = join(fresh(), 'out')
    const env = { ISO_DATA_DIR: archive, ISO_OUTPUT_DIR: output }
    expect((await command(['pjm', '--da-only'], { env })).code).toBe(0)
    expect(receipts(output)).toHaveLength(1)
    const other = join(fresh(), 'other')
    expect((await command(['pjm', '--da-only', '--output', other], { env })).code).toBe(0)
    expect(receipts(other)).toHaveLength(1)
  })

  test('a second run does nothing, --force does it again', async () => {
    const { output } = await run(['miso'])
    const again = report((await command(['miso', '--input', archive, '--output', output, '--json'])).stdout)
    expect([again.written.length, again.up_to_date]).toEqual([0, 4])
    const forced = report((await command(['miso', '--input', archive, '--output', output, '--json', '--force'])).stdout)
    expect([forced.written.length, forced.up_to_date]).toEqual([4, 0])
  })

  test('--dry-run writes nothing', async () => {
    const { code, output } = await run(['all', '--dry-run'])
    expect([code, existsSync(output) ? filesBelow(output) : []]).toEqual([0, []])
  })

  test('pjm --n-limit 3 reads three files of each report', async () => {
    const files = Object.fromEntries(
      ['da', 'rt'].flatMap(side =>
        Array.from({ length: 5 }, (_, at) => [
          `${side}_hrl_lmps (${at}).csv`,
          pjmFile([{ ...easternDay(dateAfter('2024-03-01', at)), side: side as 'da' }]),
        ]),
      ),
    )
    const output = join(fresh(), 'out')
    const { code } = await command(['pjm', '--n-limit', '3', '--input', put(fresh(), files), '--output', output])
    expect(code).toBe(0)
    expect(receipts(output).map(each => [each.dataset, each.inputs.length, each.counts.written])).toEqual([
      ['da_energy_hourly', 3, 3 * 72],
      ['rt_energy_hourly', 3, 3 * 72],
    ])
  })

  test('limits: workers, batches, members in flight, memory, a folder for spilled runs', async () => {
    const base = parquetDigests((await run(['miso'])).output)
    for (const flags of [
      ['--workers', '0'],
      ['--workers', '2'],
      ['--workers', 'auto'],
      ['--batch-size', '1', '--max-in-flight', '1'],
      ['--memory-limit', '0'],
      ['--memory-limit', '0.5'],
      ['--target-memory', '50', '--memory-warning', '0.5', '--memory-critical', '0.2', '--worker-memory', '2'],
      ['--monitor-interval', '0.2', '--watchdog-interval', '0.5', '--restart-after', '1', '--grace', '5'],
      ['--stall-timeout', '30'],
      ['--tmp-dir', fresh()],
      // Files that tell their market are not moved to another.
      ['--iso', 'nyiso'],
    ]) {
      const { code, output } = await run(['miso', ...flags])
      expect(code, flags.join(' ')).toBe(0)
      expect(parquetDigests(output)).toEqual(base)
    }
  })

  test('--max-bad-rows and --max-gaps set what still counts as success', async () => {
    const bad = misoDay('da_expost_lmp', '2024-01-01').replace(/(NODE\.1,Gennode,LMP),[-\d.]+/, '$1,oops')
    const input = put(fresh(), {
      '20240101_da_expost_lmp.csv': bad,
      '20240103_da_expost_lmp.csv': misoDay('da_expost_lmp', '2024-01-03'),
    })
    const code = async (...flags: string[]) =>
      (await command(['miso', '--input', input, '--output', join(fresh(), 'out'), ...flags])).code
    expect(await code()).toBe(65)
    expect(await code('--max-bad-rows', '100')).toBe(0)
    expect(await code('--max-bad-rows', '99%')).toBe(0)
    expect(await code('--max-bad-rows', '100', '--max-gaps', '24')).toBe(0)
    expect(await code('--max-bad-rows', '100', '--max-gaps', '23')).toBe(65)
  })
})

describe('wrong usage: exit 2, nothing touched', () => {
  test.each([
    [['narnia']],
    [[]],
    [['miso', '--da-only', '--rt-only']],
    [['miso', '--as-only', '--rt-only']],
    [['miso', '--all', '--year', '2024']],
    [['miso', '--year', '2024', '--from', '2024-01-01']],
    [['miso', '--year', 'twenty']],
    [['miso', '--year', '24']],
    [['miso', '--from', '2024-13-01']],
    [['miso', '--from', '01/02/2024']],
    [['miso', '--from', '2024-02-30']],
    [['miso', '--from', '2024-03-01', '--to', '2024-02-01']],
    [['miso', '--workers', '-1']],
    [['miso', '--workers', 'many']],
    [['miso', '--batch-size', '0']],
    [['miso', '--max-in-flight', '1.5']],
    [['miso', '--n-limit', '0']],
    [['miso', '--memory-limit', 'lots']],
    [['miso', '--target-memory', '0']],
    [['miso', '--stall-timeout', '-1']],
    [['doctor', '--worker-memory', 'big']],
    [['miso', '--memory-limit', '-1']],
    [['miso', '--max-bad-rows', 'few']],
    [['miso', '--max-gaps', '-1']],
    [['miso', '--log-format', 'xml']],
    [['miso', '--iso', 'narnia']],
    [['miso', '--no-such-flag']],
    [['miso', '--year']],
    [['reports', 'narnia']],
    [['plan', 'narnia']],
    [['inspect']],
  ])('%j', async args => {
    const output = join(fresh(), 'out')
    const more = ['reports', 'inspect'].includes(args[0] ?? '') ? [] : ['--input', archive, '--output', output]
    const { code, stdout, stderr } = await command([...args, ...more])
    expect(code, stderr).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).toMatch(/error/i)
    expect(stderr).not.toMatch(/\bat .*\.js:\d+/)
    expect(existsSync(output)).toBe(false)
  })

  test('the message names what is known', async () => {
    expect((await command(['narnia'])).stderr).toMatch(/"narnia".*pjm, caiso, nyiso, spp, isone, miso, ercot/)
    expect((await command(['miso', '--da-only', '--rt-only'])).stderr).toMatch(/--da-only and --rt-only exclude/)
  })

  test('a wrong value in the environment is named by its variable', async () => {
    const { code, stderr } = await command(['miso', '--input', archive], {
      env: { ISO_CONVERTER_MEMORY_LIMIT_GB: 'x' },
    })
    expect([code, stderr]).toEqual([2, expect.stringContaining('ISO_CONVERTER_MEMORY_LIMIT_GB')])
  })
})

describe('output that cannot be', () => {
  test('a file in the place of the folder: exit 73', async () => {
    const file = join(put(fresh(), { taken: 'x' }), 'taken')
    for (const output of [file, join(file, 'below')]) {
      const { code, stderr } = await command(['miso', '--input', archive, '--output', output])
      expect(code, stderr).toBe(73)
      expect(stderr).toContain(file)
    }
    expect(readFileSync(file, 'utf8')).toBe('x')
  })

  test('a place where nobody may write', async () => {
    const { code, stderr } = await command(['miso', '--input', archive, '--output', '/proc/iso-out'], { limit: 8000 })
    expect([73, 77], stderr || 'it hangs').toContain(code)
    expect(stderr).toContain('/proc')
  })

  test('a --report that cannot be written ends with an error, and the data stands', async () => {
    const { code, stderr, output } = await run(['pjm', '--report', join(archive, 'miso/readme.txt/x.json')])
    expect(code, stderr).not.toBe(0)
    expect(stderr).toContain('x.json')
    expect(Object.keys(parquetDigests(output))).toHaveLength(2)
  })
})

describe('streams', () => {
  test('--json: a report on standard output and nothing else', async () => {
    const { code, stdout, stderr } = await run(['miso', '--json'])
    const read = report(stdout)
    expect(read).toMatchObject({ exit_code: 0, isos: ['MISO'], up_to_date: 0, failures: [], problems: [] })
    expect(read.written).toHaveLength(4)
    expect(read.unknown.map(each => each.file)).toEqual(['miso/readme.txt'])
    expect(read.datasets.map(each => [each.dataset, each.rows])).toEqual([
      ['da_energy_hourly', 3 * 72],
      ['rt_energy_hourly', 72],
    ])
    expect(code).toBe(0)
    expect(stderr).toMatch(/Processing MISO batch/)
  })

  test('--json also when it goes wrong', async () => {
    const input = put(fresh(), { '20240101_da_expost_lmp.csv': '<html><body>no</body></html>' })
    const { code, stdout } = await command(['miso', '--input', input, '--output', join(fresh(), 'out'), '--json'])
    expect(code).toBe(65)
    expect(report(stdout)).toMatchObject({ exit_code: 65, problems: [{ code: 'file.html' }] })
    const none = await command(['miso', '--input', fresh(), '--output', join(fresh(), 'out'), '--json'])
    expect([none.code, report(none.stdout).exit_code]).toEqual([66, 66])
  })

  test('--report FILE holds what --json prints', async () => {
    const file = join(fresh(), 'below/report.json')
    const { stdout } = await run(['miso', '--json', '--report', file])
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(JSON.parse(stdout))
    expect(filesBelow(join(file, '..'))).toEqual(['report.json'])
  })

  test('--log-format json: every line parses and has a level and a message', async () => {
    const { stderr } = await run(['miso', '--log-format', 'json'])
    const lines = stderr
      .trim()
      .split('\n')
      .map(line => JSON.parse(line) as Record<string, unknown>)
    expect(lines.length).toBeGreaterThan(3)
    for (const line of lines) expect(line).toMatchObject({ level: expect.any(String), message: expect.any(String) })
    expect(lines.some(line => /batch 1/.test(String(line.message)))).toBe(true)
  })

  test('--quiet prints nothing on success and the reason on failure', async () => {
    expect(await run(['miso', '--quiet'])).toMatchObject({ code: 0, stdout: '', stderr: '' })
    const input = put(fresh(), { '20240101_da_expost_lmp.csv': '<html><body>no</body></html>' })
    const bad = await command(['miso', '--quiet', '--input', input, '--output', join(fresh(), 'out')])
    expect(bad.code).toBe(65)
    expect(bad.stdout).toBe('')
    expect(bad.stderr).toMatch(/web page/)
  })

  test('--verbose names every file', async () => {
    const { stdout, stderr } = await run(['miso', '--verbose'])
    expect(stdout + stderr).toContain('readme.txt')
  })

  test('lines of batches: 1-50 of 120, 51-100, 101-120', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 120 }, (_, at) => {
        const name = `${at}/20240101_da_expost_lmp.csv`
        return [name, misoDay('da_expost_lmp', '2024-01-01', { nodes: 1 })]
      }),
    )
    const input = put(fresh(), files)
    const { stderr } = await command(['miso', '--input', input, '--output', join(fresh(), 'out')])
    const lines = stderr.split('\n').filter(line => /^Processing/.test(line))
    expect(lines).toEqual([
      'Processing MISO batch 1: files 1-50 of 120',
      'Processing MISO batch 2: files 51-100 of 120',
      'Processing MISO batch 3: files 101-120 of 120',
    ])
    const small = await command([
      ...'miso --batch-size 100 --output'.split(' '),
      join(fresh(), 'out'),
      '--input',
      input,
    ])
    expect(small.stderr).toContain('Processing MISO batch 2: files 101-120 of 120')
  })

  test('the summary is a table on standard output', async () => {
    const { stdout } = await run(['miso'])
    expect(stdout).toMatch(/^iso +data set +files +rows +duplicates +superseded +quarantined +missing +first +last$/m)
    expect(stdout).toMatch(/^MISO +da_energy_hourly +3 +216 /m)
    expect(stdout).toMatch(/4 files written/)
    expect(stdout).toContain('miso/readme.txt')
  })
})

describe('reports', () => {
  test('as a table and as JSON, for one market or all', async () => {
    const all = await command(['reports'])
    expect(all.code).toBe(0)
    for (const id of ['da_expost_lmp', 'da_hrl_lmps', 'damlbmp_zone', 'realtime_gen']) expect(all.stdout).toContain(id)
    const miso = JSON.parse((await command(['reports', 'miso', '--json'])).stdout) as { iso: string; report: string }[]
    expect(new Set(miso.map(each => each.iso))).toEqual(new Set(['MISO']))
    expect(all.stdout.trim().split('\n').length).toBeGreaterThan(miso.length)
  })

  test('convert reports | head -1 is no crash', () => {
    const line = `set -o pipefail; "${process.execPath}" "${COMMAND}" reports | head -1`
    const { status, stdout, stderr } = spawnSync('bash', ['-c', line], { encoding: 'utf8' })
    expect([0, 141]).toContain(status)
    expect([stdout.split('\n').length, stderr]).toEqual([2, ''])
  })
})

describe('plan', () => {
  test('says units and files, writes nothing', async () => {
    const { code, stdout, output } = await run(['plan', 'miso'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/4 units to convert, 0 partitions up to date/)
    expect(existsSync(output) ? filesBelow(output) : []).toEqual([])
    const verbose = await run(['plan', 'miso', '--verbose'])
    expect(verbose.stdout).toContain('20240201_da_expost_lmp.csv')
  })

  test('as JSON, with a selection, and after a run', async () => {
    const { stdout } = await run(['plan', 'miso', '--json', '--year', '2024', '--da-only'])
    expect(JSON.parse(stdout)).toEqual({
      units: ['01', '02'].map(month => ({
        iso: 'MISO',
        dataset: 'da_energy_hourly',
        partitions: [`2024-${month}`],
        files: [`miso/2024${month}01_da_expost_lmp.csv`],
      })),
      up_to_date: 0,
    })
    const { output } = await run(['miso'])
    const after = await command(['plan', 'miso', '--json', '--input', archive, '--output', output])
    expect(JSON.parse(after.stdout)).toEqual({ units: [], up_to_date: 4 })
    const limited = await run(['plan', 'miso', '--json', '--n-limit', '1', '--da-only'])
    expect(JSON.parse(limited.stdout).units).toHaveLength(1)
  })
})

describe('inspect', () => {
  const raw = () => join(archive, 'miso/20240101_da_expost_lmp.csv')

  test('a raw file: its report, data set, header and first rows', async () => {
    const { code, stdout } = await command(['inspect', raw(), '--rows', '3'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/da_expost_lmp of MISO/)
    expect(stdout).toMatch(/da_energy_hourly, partitions 2024-01/)
    expect(stdout.match(/2024-01-01T\d\d:00:00Z/g)?.length).toBe(6)
  })

  test('as JSON, in the columns of the schema', async () => {
    const { stdout } = await command(['inspect', raw(), '--rows', '2', '--json', '--iso', 'miso'])
    const [member] = JSON.parse(stdout) as { views: { report: string; rows: Record<string, unknown>[] }[] }[]
    expect(member?.views).toHaveLength(1)
    expect(member?.views[0]?.rows).toHaveLength(2)
    expect(member?.views[0]?.rows[0]).toMatchObject({
      interval_start_utc: '2024-01-01T05:00:00Z',
      iso: 'MISO',
      market_run: 'EXPOST',
      location: 'NODE.0',
      location_type: 'HUB',
      is_final: true,
    })
  })

  test('a Parquet file: rows, schema, metadata, statistics', async () => {
    const { output } = await run(['miso', '--da-only'])
    const [name] = Object.keys(parquetDigests(output)) as [string]
    const { code, stdout } = await command(['inspect', join(output, name)])
    const read = JSON.parse(stdout) as Record<string, unknown>
    expect(code).toBe(0)
    expect(read).toMatchObject({
      rows: 72,
      metadata: { dataset: 'da_energy_hourly', iso: 'MISO', schema_version: '2' },
    })
  })

  test('an unknown price table: what is what, and a declaration; likewise under the name of a report', async () => {
    const renamed = nyisoDay('damlbmp_zone', '2024-01-01').replace('LBMP ($/MWHr)', 'Clearing Price ($/MWHr)')
    const folder = put(fresh(), { 'new.csv': renamed, '20240101damlbmp_zone.csv': renamed })
    const told = await command(['inspect', join(folder, 'new.csv')])
    expect(told.code).toBe(65)
    expect(told.stdout.split('\n')[0]).toMatch(/new\.csv: no report of any market has this name or header$/)
    expect(told.stdout).toMatch(/^ {4}time +"Time Stamp" \(stamp, no offset, .*start or end unknown/m)
    expect(told.stdout).toMatch(/^ {4}price +"Clearing Price \(\$\/MWHr\)"$/m)
    expect(told.stdout).toContain("lmp: number('Clearing Price ($/MWHr)'),")
    const json = await command(['inspect', join(folder, 'new.csv'), '--json', '--iso', 'nyiso'])
    const [{ guess }] = JSON.parse(json.stdout)
    expect(guess).toMatchObject({ location: 'Name', prices: ['Clearing Price ($/MWHr)'] })
    expect(guess.draft).toContain("new Clock('America/New_York')\n")
    const named = await command(['inspect', join(folder, '20240101damlbmp_zone.csv')])
    expect(named.stdout).toContain('looks like prices (header in line 1)')
    expect((await command(['inspect', raw()])).stdout).not.toContain('looks like prices')
  })

  test('a file that is nothing: exit 65; no file: 66; a folder: 66', async () => {
    expect((await command(['inspect', join(archive, 'miso/readme.txt')])).code).toBe(65)
    const missing = await command(['inspect', join(archive, 'nothing.csv')])
    expect([missing.code, missing.stderr]).toEqual([66, expect.stringContaining('nothing.csv')])
    const folder = await command(['inspect', archive])
    expect(folder.code, folder.stderr).toBe(66)
  })

  test('--rows must be a number', async () => {
    expect((await command(['inspect', raw(), '--rows', 'many'])).code).toBe(2)
  })
})

test('the built file is a program of its own', async () => {
  expect(readFileSync(COMMAND, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/)
  const folder = fresh()
  mkdirSync(join(folder, 'in'))
  writeFileSync(join(folder, 'in', `${digits('2024-01-01')}_da_expost_lmp.csv`), misoDay('da_expost_lmp', '2024-01-01'))
  chmodSync(folder, 0o755)
  // From any folder, with relative paths.
  const { code, stderr } = await command(['miso', '--input', 'in', '--output', 'out'], { cwd: folder })
  expect(code, stderr).toBe(0)
  expect(Object.keys(parquetDigests(join(folder, 'out')))).toHaveLength(1)
})
