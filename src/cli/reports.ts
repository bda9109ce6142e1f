/** `convert reports`: what is recognised, straight from the declarations. */
import { converters } from '../../converters/index.js'
import { isosOf } from './options.js'
import { table } from './output.js'

export interface ReportRow {
  readonly iso: string
  readonly report: string
  readonly dataset: string
  readonly title: string
  readonly names: readonly string[]
}

export function reportRows(isos: readonly string[]): ReportRow[] {
  return isosOf(isos.length > 0 ? isos : ['all']).flatMap(name => {
    const converter = converters.get(name)
    return (converter?.reports ?? []).map(report => ({
      iso: converter?.iso ?? '',
      report: report.id,
      dataset: report.dataset,
      title: report.title,
      names: report.names.map(pattern => pattern.source),
    }))
  })
}

export function runReports(isos: readonly string[], flags: { json?: boolean }): number {
  const rows = reportRows(isos)
  if (flags.json) console.log(JSON.stringify(rows, null, 1))
  else
    console.log(
      table(
        ['iso', 'report', 'data set', 'what it is'],
        rows.map(row => [row.iso, row.report, row.dataset, row.title]),
      ),
    )
  return 0
}
