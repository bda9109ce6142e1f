/** `convert plan`: what a run would do, and from which files. */
import { Run } from '../run/convert.js'
import { type Flags, readOptions } from './options.js'
import { table } from './output.js'

export async function runPlan(
  isos: readonly string[],
  flags: Flags & { json?: boolean; verbose?: boolean },
): Promise<number> {
  const run = new Run({ ...readOptions(isos.length > 0 ? isos : ['all'], { ...flags, dryRun: true }), limitSelf: true })
  const plans = await run.plan()
  const units = plans.flatMap(({ plan }) => plan.units)
  const fresh = plans.flatMap(({ plan }) => plan.fresh)
  if (flags.json) {
    const shown = units.map(({ iso, dataset, leaves, sources }) => ({
      iso,
      dataset,
      partitions: leaves,
      files: sources.map(each => each.display),
    }))
    console.log(JSON.stringify({ units: shown, up_to_date: fresh.length }, null, 1))
    return 0
  }
  const rows = units.map(unit => [
    unit.iso,
    unit.dataset,
    unit.leaves.length === 1
      ? (unit.leaves[0] as string)
      : `${unit.leaves[0]} ... ${unit.leaves.at(-1)} (${unit.leaves.length})`,
    unit.sources.length,
    unit.sources.reduce((sum, source) => sum + source.size, 0),
  ])
  if (rows.length > 0) console.log(table(['iso', 'data set', 'partitions', 'files', 'bytes'], rows))
  if (flags.verbose)
    for (const unit of units)
      for (const source of unit.sources) console.log(`  ${unit.dataset} ${source.display} (${source.report})`)
  console.log(`${units.length} units to convert, ${fresh.length} partitions up to date`)
  return 0
}
