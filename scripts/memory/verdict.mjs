// When memory follows the input, and when it does not: the one rule of the self-test and of test/memory/scale.test.ts.
//
// Two conversions of the same kind differ in size. What the larger one's worker needs more at its peak is compared with what it would
// need if it kept the added rows. A share of that, and what it truly keeps of each file (name, place, counts), is allowed; the share
// is so large that peaks may be 8 % off in either direction, and so small that a worker that keeps a quarter of each batch does not
// pass. A single late collection of garbage counts for nothing: up to three peaks of each are taken, and the lowest counts.

/** Bytes of a row in a sorted run of PJM's day-ahead report: four prices, location, start, document. */
export const ROW_BYTES = 44
/** The share of the added rows' bytes that a worker may need more. */
const SHARE = 1 / 7
/** What a worker knows of each of its files takes so much. */
const FILE_BYTES = 3072
const TRIES = 3

const MiB = 2 ** 20

/**
 * Compares the peaks of a smaller and a larger conversion: `{ files, rows, peaks }` each, bytes, lowest counted. Gives the growth, what is
 * allowed, what keeping the rows would take, and whether the growth `holds`.
 */
export function judge(small, large) {
  const files = large.files - small.files
  const rows = large.rows - small.rows
  const kept = rows * ROW_BYTES
  const growth = Math.min(...large.peaks) - Math.min(...small.peaks)
  const allowed = files * FILE_BYTES + kept * SHARE
  return { files, rows, kept, growth, allowed, tries: large.peaks.length, holds: growth <= allowed }
}

/** Measures until the comparison holds, at most three times. `measure(grade)` gives the peak of one more conversion of that grade. */
export async function compare(small, large, measure) {
  const peaks = { small: [], large: [] }
  for (;;) {
    peaks.small.push(await measure(small))
    peaks.large.push(await measure(large))
    const verdict = judge({ ...small, peaks: peaks.small }, { ...large, peaks: peaks.large })
    if (verdict.holds || verdict.tries === TRIES) return verdict
  }
}

const mb = bytes => `${Math.round(bytes / MiB)} MB`

/** What was compared and what came out, for people. */
export function inWords({ files, rows, kept, growth, allowed, tries }) {
  const more = [`${rows.toLocaleString('en-US')} rows`]
  if (files > 0) more.push(`${files.toLocaleString('en-US')} files`)
  const lowest = tries > 1 ? ` (the lowest of ${tries} peaks of each)` : ''
  const bookkeeping = files > 0 ? `${FILE_BYTES / 1024} KB for each file and ` : ''
  return `${more.join(' and ')} more: the worker's peak is ${mb(growth)} higher${lowest}. Keeping the rows would take ${mb(kept)}; allowed are ${mb(allowed)}, which is ${bookkeeping}a seventh of the rows`
}
