/** When a document was published, in ms since 1970: what decides between two postings of one thing. 0 when nothing tells. */
import type { FileContext } from '../model/report.js'
import { type Clock, parseStamp } from './clock.js'

/** In a line before the header: group 1 of `line` is a local stamp, group 2 the letters of its zone (`EST`, `EDT`). */
export function stampInLine(clock: Clock, line: RegExp): (file: FileContext) => number {
  return file => {
    for (const cells of file.preamble)
      for (const cell of cells) {
        const match = line.exec(cell)
        if (match) return stampMs(clock, match[1] ?? '', match[2])
      }
    return file.memberTime
  }
}

/** In the innermost name: groups `year`, `month`, `day`, `hour`, `minute`, `second` and perhaps `ms` of `name`, local time. */
export function stampInName(clock: Clock, name: RegExp): (file: FileContext) => number {
  return file => {
    const { year, month, day, hour, minute, second, ms } = name.exec(file.name)?.groups ?? {}
    if (year === undefined) return file.memberTime
    return stampMs(clock, `${year}-${month}-${day} ${hour}:${minute}:${second}`) + Number(ms || 0)
  }
}

/** Instant of a local stamp; in the repeated hour the first, unless the zone's letters say standard time. */
export function stampMs(clock: Clock, text: string, zone = ''): number {
  const stamp = parseStamp(text)
  if (!stamp) return 0
  const [one = 0, two] = clock.instants(stamp.wall)
  return (/ST$/i.test(zone) ? (two ?? one) : one) * 1000
}
