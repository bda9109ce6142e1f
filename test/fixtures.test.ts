/** Every case folder below fixtures/: converted, read back, compared cell by cell with what was worked out by hand. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { describe, expect, test } from 'vitest'
import { converters } from '../converters/index.js'
import {
  casesOf,
  convert,
  difference,
  expectationOf,
  expectedTable,
  FIXTURES,
  foundTable,
  layOut,
  optionsFor,
  quarantineOf,
  receiptsOf,
  title,
  withFolder,
} from './helpers/fixtures.js'

const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0)

describe('case folders', () => {
  test.each(casesOf(converters.keys()).map(each => [title(each), each] as const))('%s', async (_, each) => {
    const expected = expectedTable(each)
    const { given, ...rest } = expectationOf(each)
    await withFolder(async folder => {
      const [input, output] = [join(folder, 'in'), join(folder, 'out')]
      layOut(each, join(input, each.iso), 'as published')
      const report = await convert(optionsFor([each.iso], input, output))
      expect(report.failures).toEqual([])
      const counts = receiptsOf(output).map(receipt => receipt.counts)
      const found = {
        exit_code: report.exit_code,
        quarantined: sum(counts.map(count => count.quarantined)),
        problems: report.problems.map(problem => problem.code).sort(),
        empty: report.empty.length,
        rejected: quarantineOf(output)
          .map(({ code }) => code)
          .sort(),
        duplicate_identical: sum(counts.map(count => count.duplicate_identical)),
        superseded: sum(counts.map(count => count.superseded)),
        conflicting: sum(counts.map(count => count.conflicting)),
        other_market: given.has('other_market') ? sum(counts.map(count => count.other_market)) : 0,
        // Cells without a price are common and say little: only a case that names them counts them.
        empty_cells: given.has('empty_cells') ? sum(counts.map(count => count.empty_cells)) : 0,
        out_of_scope: report.out_of_scope.length,
        unknown: report.unknown.length,
        warnings: report.warnings.length,
        unknown_columns: [...new Set(receiptsOf(output).flatMap(receipt => receipt.unknown_columns))].sort(),
      }
      const rows = await foundTable(output)
      const differences = Object.entries(found).flatMap(([key, value]) => {
        const wanted = rest[key as keyof typeof rest]
        return isDeepStrictEqual(value, wanted)
          ? []
          : [`${key}: expected ${JSON.stringify(wanted)}, found ${JSON.stringify(value)}`]
      })
      const differs = difference(expected.length === 1 && rows.length === 0 ? [] : expected, rows)
      // All at once: the rows tell where, the counts tell why.
      if (differs) differences.push(differs)
      if (differences.length > 0) expect.fail([title(each), ...differences].join('\n'))
    })
  })
})

test('the sample archive converts without a problem', async () => {
  await withFolder(async output => {
    const report = await convert(optionsFor(readdirSync(join(FIXTURES, 'archive')), join(FIXTURES, 'archive'), output))
    expect(report.failures).toEqual([])
    expect(report.problems).toEqual([])
    expect(report.warnings).toEqual([])
    expect(report.exit_code).toBe(0)
    // What the demo shows: a restated price, preliminary and final, copies, a file out of scope and one that is nothing.
    expect(report.datasets.some(each => each.superseded > 0)).toBe(true)
    expect(report.datasets.some(each => each.duplicate_identical > 0)).toBe(true)
    expect(report.datasets.every(each => each.rows > 0 && each.quarantined === 0)).toBe(true)
    expect(report.out_of_scope.length).toBeGreaterThan(0)
    expect(report.unknown.length).toBeGreaterThan(0)
    expect(report.notes).toEqual([])
  })
})
