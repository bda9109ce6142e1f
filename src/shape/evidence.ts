/** Files in which no column names the market: what else may tell it, or that nothing does. */
import type { Report } from '../model/report.js'
import { Header } from '../read/header.js'

export const WHOSE =
  'prices in the layout of gridstatus, and nothing tells the market: put it into a folder named for the market, or give --iso'

/** Whether path, columns or words tell that a file is this market's. */
export function tells({ evidence }: Report, path: string, lines: readonly (readonly string[])[]): boolean {
  if (!evidence || evidence.path.test(path)) return true
  const at = lines.findIndex(cells => cells.length > 3)
  const header = new Header(lines[at] ?? [])
  if (evidence.columns?.some(name => header.has(name))) return true
  const column = evidence.words ? header.find({ spellings: [evidence.words.column], required: true }) : -1
  return column >= 0 && lines.slice(at + 1).some(cells => evidence.words?.texts.includes((cells[column] ?? '').trim()))
}
