/** Which leaves a file reaches: by its name where the name is believed, else between what a sample shows. */
import { type Dataset, datasetOf } from '../model/dataset.js'
import { daysOf, type PartitionKey, partitionOf } from '../model/partition.js'
import type { Report } from '../model/report.js'
import { DAY, dateText, parseDay } from './clock.js'

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
  const day = parseDay(groups.day ?? groups.from ?? '')
  return Number.isNaN(day) ? 0 : day * DAY
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
    return between(dataset, [
      partitionOf(dataset, dateText(from)),
      partitionOf(dataset, dateText(Math.max(from, to - 1))),
    ])
  }
  const first = parseDay(`${groups.month ?? ''}01`)
  if (Number.isNaN(first)) return []
  const { last } = daysOf(dateText(first).slice(0, 7))
  return between(dataset, [partitionOf(dataset, dateText(first)), partitionOf(dataset, last)])
}
