/** What would protect a run here: the machine, its limits, which layer works and why another does not. Everything is tried, nothing guessed. */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, statfsSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { LEAST_BUDGET, parentDataLimit, shareOf } from '../guard/budget.js'
import { dataLimitOf, limitData } from '../guard/limit.js'
import { cgroupLimit, machineMemory, oomKills } from '../guard/machine.js'
import { thresholdsOf } from '../guard/monitor.js'
import { ResourceManager } from '../guard/resources.js'
import { gigabytes } from '../model/guard.js'
import type { RunOptions } from '../model/options.js'
import { zstdSource } from '../write/zstd.js'

export interface LayerStatus {
  readonly layer: string
  readonly active: boolean
  readonly detail: string
}

export interface Diagnosis {
  readonly node: string
  readonly platform: string
  readonly cores: number
  readonly memory: { readonly total: number | null; readonly available: number | null }
  readonly cgroup: {
    readonly paths: readonly string[]
    readonly limit: number | null
    readonly oom_kills: number | null
  }
  readonly budget: { readonly bytes: number | null; readonly source: string }
  readonly workers: number
  readonly share: {
    readonly worker: number | null
    readonly rows: number
    readonly data_limit: number | null
    readonly heap_mb: number
  }
  readonly layers: readonly LayerStatus[]
  /** Steps of the wrapper, in the order in which it tries them. */
  readonly wrapper: readonly { readonly step: string; readonly works: boolean; readonly detail: string }[]
  readonly thresholds: { readonly warning: number; readonly critical: number }
  readonly temp: { readonly path: string; readonly free: number | null }
  readonly zstd: string
  readonly protected: boolean
  /** What to do about it. */
  readonly advice: readonly string[]
}

const finite = (bytes: number): number | null => (bytes === Number.POSITIVE_INFINITY ? null : bytes)

/** Limits this process for good: nothing else is done in it afterwards. */
export function diagnose(options: RunOptions): Diagnosis {
  const { memoryLimit, memorySource, guard } = options
  const manager = new ResourceManager(guard, memoryLimit)
  const workers = options.workers === 'auto' ? manager.optimalWorkers() : Math.max(1, options.workers)
  const share = shareOf(memoryLimit, workers)
  const memory = machineMemory(guard.procRoot)
  const wrapper = probeWrapper()
  const layers = [selfLimit(memoryLimit), kernelLimit(wrapper), bounded(options, share.rows), monitor(memory.available)]
  const temp = options.tmpDir || tmpdir()
  const free = freeBytes(temp)
  const [one, two] = layers
  const safe = (one?.active ?? false) || (two?.active ?? false)
  return {
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    cores: cpus().length,
    memory,
    cgroup: { paths: cgroupPaths(), limit: cgroupLimit(), oom_kills: oomKills() },
    budget: { bytes: finite(memoryLimit), source: memorySource },
    workers,
    share: { worker: finite(share.worker), rows: share.rows, data_limit: finite(share.data), heap_mb: share.heap },
    layers,
    wrapper,
    thresholds: thresholdsOf(guard, memory.total),
    temp: { path: temp, free },
    zstd: zstdSource(),
    protected: safe,
    advice: adviceFor(options, safe, free, wrapper),
  }
}

function selfLimit(bytes: number): LayerStatus {
  const layer = '1 self limit (RLIMIT_DATA)'
  const result = limitData(process.pid, parentDataLimit(bytes))
  if (!result.set) return { layer, active: false, detail: result.why }
  const found = dataLimitOf('self')
  if (found === null)
    return { layer, active: false, detail: 'prlimit said that it was set, and the kernel has no such limit' }
  return { layer, active: true, detail: `prlimit works: ${gigabytes(found)} are in force in this process` }
}

type Steps = Diagnosis['wrapper']

function kernelLimit(wrapper: Steps): LayerStatus {
  const layer = '2 kernel limit (cgroup)'
  const limit = cgroupLimit()
  const own = process.env.ISO_CONVERTER_LAYER
  const by = own && own !== 'none' && own !== 'prlimit' ? `the wrapper’s ${own}` : 'the cgroup that this shell is in'
  if (limit !== null) return { layer, active: true, detail: `${by}: ${gigabytes(limit)}` }
  const would = wrapper.find(each => each.works)
  const hint = would ? `scripts/run_converter_safe.sh would use ${would.step}` : 'and none that the wrapper could make'
  return { layer, active: false, detail: `no limit around this process; ${hint}` }
}

function bounded({ batchSize, maxInFlight }: RunOptions, rows: number): LayerStatus {
  return {
    layer: '3 bounded design',
    active: true,
    detail: `${batchSize} files a batch, ${maxInFlight} read ahead, ${Math.round(rows / 2 ** 20)} MB of rows a unit before it spills`,
  }
}

function monitor(available: number | null): LayerStatus {
  const detail =
    available === null
      ? 'MemAvailable cannot be read: only the run’s own memory is watched'
      : 'MemAvailable and the memory of all workers are watched'
  return { layer: 'monitor, brake and watchdog', active: available !== null, detail }
}

/** The wrapper's own ladder, so that there is one. */
function probeWrapper(): Steps {
  // Beside dist/ in a package, beside src/ in a test.
  const script = ['../../../scripts/run_converter_safe.sh', '../../scripts/run_converter_safe.sh']
    .map(path => fileURLToPath(new URL(path, import.meta.url)))
    .find(existsSync)
  if (!script) return []
  const { stdout } = spawnSync(script, ['--probe'], { encoding: 'utf8', timeout: 60_000 })
  return (stdout ?? '').split('\n').flatMap(line => {
    const [step = '', works, detail = ''] = line.split('\t')
    return works === 'yes' || works === 'no' ? [{ step, works: works === 'yes', detail }] : []
  })
}

function cgroupPaths(): string[] {
  try {
    const lines = readFileSync('/proc/self/cgroup', 'utf8').trim().split('\n')
    return lines.filter(line => /^\d+:([^:]*,)?memory(,[^:]*)?:|^0::/.test(line))
  } catch {
    return []
  }
}

function freeBytes(path: string): number | null {
  try {
    const { bavail, bsize } = statfsSync(path)
    return bavail * bsize
  } catch {
    return null
  }
}

function adviceFor(options: RunOptions, safe: boolean, free: number | null, wrapper: Steps): string[] {
  const { memoryLimit } = options
  const advice: string[] = []
  if (!safe) {
    if (memoryLimit === Number.POSITIVE_INFINITY)
      advice.push('give a memory limit: --memory-limit or ISO_CONVERTER_MEMORY_LIMIT_GB is 0')
    else advice.push('install util-linux (prlimit), so that the self limit can be set')
    if (wrapper.some(each => each.works)) advice.push('start runs with scripts/run_converter_safe.sh')
  }
  if (memoryLimit < LEAST_BUDGET)
    advice.push(`a run is known to need ${Math.round(LEAST_BUDGET / 2 ** 20)} MB: raise --memory-limit`)
  if (free !== null && free < memoryLimit && free < 10 * 2 ** 30)
    advice.push('little temporary space for spilled runs: --tmp-dir names another place')
  return advice
}
