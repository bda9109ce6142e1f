// Archives for the proofs of memory protection: SYNTHETIC prices in the layouts that the ISOs publish, cheap to make and the same
// bytes on every run. What counts here is their size and shape, not their digits; scripts/bench/generate.mjs makes likely ones.
import { closeSync, mkdirSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const FIRST = Date.UTC(2024, 0, 1)

const two = number => String(number).padStart(2, '0')
const money = cents => (cents / 100).toFixed(2)

/** Rows of one file of a graded scale, and files of each grade: batches of 50 files hold 50,000 rows. */
export const FILE_ROWS = 1000
export const GRADES = { MICRO: 50, SMALL: 150, MEDIUM: 500, LARGE: 5000 }

export const PJM_HEADER =
  'datetime_beginning_utc,datetime_beginning_ept,pnode_id,pnode_name,voltage,equipment,type,zone,system_energy_price_da,total_lmp_da,congestion_price_da,marginal_loss_price_da,row_is_current,version_nbr\r\n'
/** Seven files make one hour of 7,000 nodes, so that every grade meets all locations and 5,000 files still are one month. */
const BLOCKS = 7

export function pjmStamp(ms) {
  const date = new Date(ms)
  const hour = date.getUTCHours()
  const day = `${date.getUTCMonth() + 1}/${date.getUTCDate()}/${date.getUTCFullYear()}`
  return `${day} ${hour % 12 || 12}:00:00 ${hour < 12 ? 'AM' : 'PM'}`
}

/**
 * `files` files of 1,000 rows of PJM's day-ahead LMP below `<folder>/pjm`, all of one delivery month: one unit of work. `perFile`
 * puts so many of them together into one: the same rows in fewer files.
 */
export function graded(folder, files, perFile = 1) {
  const target = join(folder, 'pjm')
  rmSync(target, { recursive: true, force: true })
  mkdirSync(target, { recursive: true })
  for (let first = 0; first < files; first += perFile) {
    const lines = [PJM_HEADER]
    for (let number = first; number < Math.min(files, first + perFile); number++) addHour(lines, number)
    writeFileSync(join(target, `da_hrl_lmps_${String(first).padStart(5, '0')}.csv`), lines.join(''))
  }
}

function addHour(lines, number) {
  const block = number % BLOCKS
  const local = FIRST + Math.floor(number / BLOCKS) * HOUR
  const times = `${pjmStamp(local + 5 * HOUR)},${pjmStamp(local)}`
  const energy = 2000 + ((number * 37) % 1900)
  for (let at = 0; at < FILE_ROWS; at++) {
    const node = block * FILE_ROWS + at
    const congestion = ((node * 31 + number * 7) % 900) - 300
    const loss = ((node * 17 + number * 3) % 200) - 100
    lines.push(
      `${times},${33_000_000 + node * 7},NODE${node}  138 KV  LD1,138 KV,LD1,LOAD,AEP,${money(energy)},${money(energy + congestion + loss)},${money(congestion)},${money(loss)},True,1\r\n`,
    )
  }
}

/** One weekly 5-minute file of MISO below `<folder>/miso`: 2,016 intervals, about five million rows, seven partitions. */
export function misoWeek(folder, nodes = 2480) {
  const target = join(folder, 'miso')
  rmSync(target, { recursive: true, force: true })
  mkdirSync(target, { recursive: true })
  const file = openSync(join(target, '20240115_5MIN_LMP.csv'), 'w')
  writeSync(file, '\nReal-Time Five Minute LMP (ExPost)\n\n,,All Times are Eastern Standard Time (EST)\n\n')
  writeSync(file, 'MKTHOUR_EST,PNODENAME,LMP,CON_LMP,LOSS_LMP\n')
  for (let interval = 0; interval < 2016; interval++) {
    const date = new Date(FIRST + interval * 300_000)
    const stamp = `${two(date.getUTCMonth() + 1)}/${two(date.getUTCDate())}/${date.getUTCFullYear()} ${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`
    const energy = 2000 + ((interval * 37) % 1900)
    const lines = []
    for (let node = 0; node < nodes; node++) {
      const congestion = ((node * 31 + interval * 7) % 900) - 300
      const loss = ((node * 17 + interval * 3) % 200) - 100
      lines.push(`${stamp},AREA.NODE${node},${money(energy + congestion + loss)},${money(congestion)},${money(loss)}\n`)
    }
    writeSync(file, lines.join(''))
  }
  closeSync(file)
  return 2016 * nodes
}

/**
 * A hostile file below `<folder>/pjm`: `rows` rows of one location and one hour. All belong to one key, so that no sorting or
 * spilling makes the merge of that key smaller.
 */
export function oneKey(folder, rows) {
  const target = join(folder, 'pjm')
  mkdirSync(target, { recursive: true })
  const times = `${pjmStamp(FIRST + 5 * HOUR)},${pjmStamp(FIRST)}`
  const file = openSync(join(target, 'da_hrl_lmps.csv'), 'w')
  writeSync(file, PJM_HEADER)
  for (let done = 0; done < rows; done += 10_000) {
    const lines = Array.from({ length: Math.min(10_000, rows - done) }, (_, at) => {
      const congestion = (done + at) % 1000
      return `${times},33092371,BAYSHORE 345 KV,345 KV,,LOAD,AEP,30.00,${money(3000 + congestion)},${money(congestion)},0.00,True,1\r\n`
    })
    writeSync(file, lines.join(''))
  }
  closeSync(file)
}

export { DAY, FIRST, HOUR }
