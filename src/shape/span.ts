/** Which leaves a file reaches: by its name where the name is believed, else between what a sample shows. */
import { type Dataset, datasetOf } from '../model/dataset.js'
import { daysOf, type PartitionKey, partitionOf } from '../model/partition.js'
import type { Report } from '../model/report.js'
import { DAY, dateText, parseDay } from './clock.js'

const LAST = 2 ** 40

/** What lies between the first rows and the last ones of a file is taken to be in it. */
export function between(dataset: Dataset, sorted: readonly PartitionKey[]): PartitionKey[] {
  const [first] = sorted
  const last = sorted.at(-1)
  if (first === undefined || last === undefined) return []
  const keys = new Set<PartitionKey>()
  for (let day = parseDay(daysOf(first).first); day <= parseDay(daysOf(last).last); day++)
    keys.add(partitionOf(dataset, dateText(day)))
  return [...keys]
}

/** Start of the day that the name tells, seconds since 1970; 0 when it tells none. */
export function dayOf(groups: Readonly<Record<string, string | undefined>>): number {
  const end = groups.end?.replace('_', '') ?? ''
  const named = groups.day ?? groups.from ?? end.slice(0, 8)
  // What ends at midnight belongs to the day before.
  const day = parseDay(named) - (end.slice(8) === '0000' ? 1 : 0)
  return Number.isNaN(day) ? 0 : day * DAY
}

/** Rows that give no more than a name or an id are read last: by then all is known of the unit's locations. */
export function orderOf(report: Report, first: number): number {
  return report.joins ? first + LAST : first
}

/** Leaves that the name promises. */
export function leavesByName(report: Report, groups: Readonly<Record<string, string | undefined>>): PartitionKey[] {
  if (!report.span) return []
  const dataset = datasetOf(report.dataset)
  if (report.span === 'day') {
    const day = parseDay(groups.day ?? '')
    return Number.isNaN(day) ? [] : [partitionOf(dataset, dateText(day))]
  }
  if (report.span === 'window') {
    const from = parseDay(groups.from ?? '')
    const to = parseDay(groups.to ?? '')
    if (Number.isNaN(from) || Number.isNaN(to)) return []
    // A window of GMT days begins in the evening of the day before.
    return between(dataset, [
      partitionOf(dataset, dateText(from - 1)),
      partitionOf(dataset, dateText(Math.max(from, to - 1))),
    ])
  }
  if (report.span === 'end') {
    const day = dayOf(groups) / DAY
    return day > 0 ? [partitionOf(dataset, dateText(day))] : []
  }
  const first = parseDay(`${groups.month ?? ''}01`)
  if (Number.isNaN(first)) return []
  const { last } = daysOf(dateText(first).slice(0, 7))
  return between(dataset, [partitionOf(dataset, dateText(first)), partitionOf(dataset, last)])
}
