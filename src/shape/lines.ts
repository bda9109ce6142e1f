/** The first lines of a file, and what to say when none of them is the header that its name promises. */
import type { Report } from '../model/report.js'
import { Header, headerCells, mismatch, wantedOf } from '../read/header.js'
import { decode, Scanner } from '../read/scan.js'

/** Bytes of the head (and, for plain files, of the tail) that are looked at. */
export const HEAD_BYTES = 1 << 16

export function wrongHeader(
  path: string,
  named: readonly Report[],
  lines: readonly (readonly string[])[],
): { kind: 'problem'; code: string; message: string; report: string } {
  const report = named[0] as Report
  const lacks = lines.map(cells => mismatch(report, new Header(cells)) ?? '').sort((a, b) => a.length - b.length)[0]
  const semicolons = lines.some(cells => cells.length === 1 && (cells[0] ?? '').includes(';'))
    ? ' Separated by semicolons?'
    : ''
  return {
    kind: 'problem',
    code: 'layout.unknown',
    message: `${path}: named like ${report.id}, but none of its first lines is that report's header (${lacks}); found ${shown(lines)}.${semicolons}`,
    report: report.id,
  }
}

/** A sheet of a workbook with a report's name, and nothing in it looks like that report. */
export const UNLIKE = 'sheet.unlike'

/** Whether some line has at least half of the columns that a report needs: then the layout has changed, and it is no other table. */
export function resembles(reports: readonly Report[], lines: readonly (readonly string[])[]): boolean {
  const headers = lines.map(cells => new Header(cells))
  return reports.some(report => {
    const needed = wantedOf(report).filter(each => each.required)
    return headers.some(header => needed.filter(each => header.find(each) >= 0).length * 2 >= needed.length)
  })
}

export function shown(lines: readonly (readonly string[])[]): string {
  const line = lines.find(cells => cells.some(cell => cell.trim() !== '')) ?? []
  return `"${line.join(',').slice(0, 160)}"`
}

export function firstLines(head: Uint8Array, scanner = new Scanner(head.length + 16)): string[][] {
  scanner.begin()
  scanner.want([])
  scanner.feed(head)
  if (head.length < HEAD_BYTES) scanner.end()
  const lines: string[][] = []
  while (lines.length < 64 && scanner.next())
    lines.push(headerCells(decode(scanner.bytes, scanner.recordFrom, scanner.recordTo)))
  return lines
}
