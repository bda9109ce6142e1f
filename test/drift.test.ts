/** The drift ledger tells the truth: every change that it lists is held by a case that exists. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { FIXTURES } from './helpers/fixtures.js'
import { ROOT } from './helpers/run.js'

const rows = readFileSync(join(ROOT, 'docs/formats/changes.md'), 'utf8')
  .split('\n')
  .filter(line => /^\| (\d{4}-\d\d-\d\d|-) \|/.test(line))
  .map(line => line.split('|').map(cell => cell.trim()))

test('the ledger has rows, all of five cells', () => {
  expect(rows.length).toBeGreaterThan(20)
  for (const row of rows)
    expect(
      row.filter(cell => cell !== ''),
      row.join('|'),
    ).toHaveLength(5)
})

test.each(rows.map(row => [row[5] ?? '', row] as const))('%s', (cell, row) => {
  const path = /^`([\w./-]+)`$/.exec(cell)?.[1]
  expect(path, row.join('|')).toBeDefined()
  expect(existsSync(join(FIXTURES, path ?? '', 'expected.csv')), `fixtures/${path}`).toBe(true)
  // The market of the row is the market of the case.
  expect(path?.split('/')[0]).toBe(row[2]?.toLowerCase().replace('-', ''))
})

test('dates go forward', () => {
  const dates = rows.map(row => row[1] ?? '').filter(date => date !== '-')
  expect(dates).toEqual([...dates].sort())
})
