/**
 * Sheets of one workbook, seen together: a sheet of notes beside sheets that are read is no error, and a workbook that nobody reads is
 * told once, not sheet by sheet.
 */
import { UNLIKE } from './lines.js'
import type { Verdict } from './recognise.js'

interface Sheet {
  readonly member: { readonly kind: string; readonly entries: readonly string[] }
  readonly display: string
  readonly verdict: Verdict
}

/** Of the things in one file on disk, sheets stand behind each other. */
export function settleSheets<T extends Sheet>(items: readonly T[]): T[] {
  const settled: T[] = []
  for (let at = 0; at < items.length; ) {
    const workbook = workbookOf(items[at] as T)
    let end = at + 1
    if (workbook !== undefined) while (end < items.length && workbookOf(items[end] as T) === workbook) end++
    const sheets = items.slice(at, end)
    settled.push(...(workbook === undefined ? sheets : settleOne(sheets, workbook)))
    at = end
  }
  return settled
}

/** Display name of the workbook that an item is a sheet of. */
function workbookOf({ member, display }: Sheet): string | undefined {
  if (member.kind !== 'sheet') return undefined
  return display.slice(0, display.length - ` > ${member.entries.at(-1)}`.length)
}

function settleOne<T extends Sheet>(sheets: readonly T[], workbook: string): T[] {
  const isRead = sheets.some(({ verdict }) => verdict.kind === 'sources')
  const beside: Verdict = {
    kind: 'out of scope',
    reason: 'a sheet without a table that is read, beside sheets that have one',
  }
  if (isRead)
    return sheets.map(item => {
      const { verdict } = item
      const quiet = verdict.kind === 'unknown' || (verdict.kind === 'problem' && verdict.code === UNLIKE)
      return quiet ? { ...item, verdict: beside } : item
    })
  const problem = sheets.find(({ verdict }) => verdict.kind === 'problem')
  const [first] = sheets
  // One word for the whole workbook, as long as nothing in it has to be told for itself.
  if (!problem) return first ? [{ ...first, display: workbook }] : []
  return sheets
    .filter(item => item === problem || (item.verdict.kind === 'problem' && item.verdict.code !== UNLIKE))
    .map(item =>
      item.verdict.kind === 'problem' && item.verdict.code === UNLIKE
        ? { ...item, verdict: { ...item.verdict, code: 'layout.unknown' } }
        : item,
    )
}
