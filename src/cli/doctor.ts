/** `convert doctor`: whether a run would be protected here, by what, and what it would use. */
import { gigabytes, megabytes } from '../model/guard.js'
import { type Diagnosis, diagnose } from '../run/doctor.js'
import { type Flags, readOptions } from './options.js'

/** 0 only if a run would be protected. */
export function runDoctor(flags: Flags & { json?: boolean }): number {
  const found = diagnose(readOptions(['all'], flags))
  console.log(flags.json ? JSON.stringify(found, null, 1) : textOf(found, flags))
  return found.protected ? 0 : 71
}

function textOf(found: Diagnosis, flags: Flags): string {
  const known = (bytes: number | null, unknown = 'unknown') => (bytes === null ? unknown : gigabytes(bytes))
  const { memory, cgroup, budget, share, thresholds, temp } = found
  const lines: [string, string][] = [
    [
      'machine',
      `${found.cores} cores, ${known(memory.available)} of ${known(memory.total)} available, ${found.platform}, Node ${found.node}`,
    ],
    ['cgroup', `${cgroup.paths.join(' ') || 'none'}, limit ${known(cgroup.limit, 'none')}`],
    ['budget', `${known(budget.bytes, 'none')} (${budget.source})`],
    [
      'workers',
      `${found.workers}${flags.workers === undefined || flags.workers === 'auto' ? ' (auto)' : ''}, each ${known(share.worker, 'unlimited')}: ${megabytes(share.rows)} of rows, data limit ${known(share.data_limit, 'none')}, heap ${share.heap_mb} MB`,
    ],
    [
      'thresholds',
      `no new unit below ${gigabytes(thresholds.warning)} available, brake below ${gigabytes(thresholds.critical)}`,
    ],
    ['temporary', `${temp.path}, ${known(temp.free)} free`],
    ['zstd', found.zstd],
  ]
  const layers = found.layers.map(
    ({ layer, active, detail }) => `  ${active ? 'active    ' : 'not active'}  ${layer}: ${detail}`,
  )
  const steps = found.wrapper.map(
    ({ step, works, detail }) => `  ${works ? 'works     ' : 'does not  '}  ${step}: ${detail}`,
  )
  return [
    ...lines.map(([name, text]) => `${name.padEnd(11)} ${text}`),
    'layers',
    ...layers,
    ...(steps.length > 0 ? ['what the wrapper (scripts/run_converter_safe.sh) finds', ...steps] : []),
    found.protected ? 'A run is protected here.' : 'A run is NOT protected here.',
    ...found.advice.map(text => `  ${text}`),
  ].join('\n')
}
