/** Names of files as reports know them, whatever container the table came in. */
import type { Report } from '../model/report.js'

/** Reports are published as CSV: the name under which the same table would be, had nobody packed it otherwise. */
function asText(name: string): string {
  return name.replace(/(\.(snappy|gz|gzip|zstd?|brotli|lz4))?\.(json|xls[xmb]?|parquet|pq)$/i, '.csv')
}

export function matches(pattern: RegExp, name: string): boolean {
  return pattern.test(name) || pattern.test(asText(name))
}

/** The named groups of the published name that this is; nothing where it is none. */
export function groupsOf(report: Report, name: string): Record<string, string | undefined> {
  for (const pattern of report.names) {
    const match = pattern.exec(name) ?? pattern.exec(asText(name))
    if (match) return { ...match.groups }
  }
  return {}
}
