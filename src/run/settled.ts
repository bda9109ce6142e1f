/**
 * Rows of one file as merging would take them, for those who look at a raw file: runs begin where the run before ended, advisory runs,
 * empty ancillary cells and rows of a doubtful hour are no rows of the report.
 */
import type { Report } from '../model/report.js'
import { type ReadContext, runTimesOf, type SourceState } from '../shape/context.js'
import type { Table } from '../shape/table.js'

/** Whether rows can be given out before the file is at its end. */
export function streams({ layout, time, advisory }: Report): boolean {
  // Components of one row may stand far apart, and which run is the last of its kind only the end tells.
  return layout.kind === 'rows' && !time.sincePrevious && !advisory
}

/** Takes out of the table what is no row, and says why if it is more than an empty cell. */
export function settle(context: ReadContext, state: SourceState, reject: (reason: string) => void): void {
  const { table, clock, dataset, valueColumns } = context
  const { report, doubts } = state
  const runs = report.time.sincePrevious || report.advisory ? runTimesOf(state) : undefined
  const price = valueColumns.indexOf('price')
  let advisory = 0
  let kept = 0
  for (let row = 0; row < table.rows; row++) {
    const end = table.end[row] as number
    if (price >= 0 && Number.isNaN(table.values[price]?.[row])) continue
    if (runs && report.advisory && end > runs.last !== (report.advisory === 'take')) {
      advisory++
      continue
    }
    const doubt = doubts.of(table.series[row] as number, end)
    if (doubt) {
      reject(`${doubt.file}:${doubt.line}: ${doubt.reason}`)
      continue
    }
    move(table, row, kept)
    if (report.time.sincePrevious && runs) table.start[kept] = runs.startOf(end, clock, dataset.minutes)
    kept++
  }
  table.rows = kept
  if (advisory > 0)
    reject(
      `${state.display}: ${advisory} rows of advisory runs behind the last dispatch run, which convert puts into a data set of their own`,
    )
}

function move(table: Table, from: number, to: number): void {
  if (from === to) return
  table.series[to] = table.series[from] as number
  table.start[to] = table.start[from] as number
  table.end[to] = table.end[from] as number
  table.origin[to] = table.origin[from] as number
  table.mask[to] = table.mask[from] as number
  for (const column of table.values) column[to] = column[from] as number
}
