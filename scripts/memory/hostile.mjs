// Inputs that nobody publishes and that a budget must survive all the same: SYNTHETIC, made as cheaply as their size allows.
import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { ZipWriter } from '../bench/zip.mjs'
import { FIRST, HOUR, PJM_HEADER, pjmStamp } from './archives.mjs'

const TIMES = `${pjmStamp(FIRST + 5 * HOUR)},${pjmStamp(FIRST)}`
const DIGITS = 10
const NYISO_HEADER =
  'Time Stamp,Name,PTID,LBMP ($/MWHr),Marginal Cost Losses ($/MWHr),Marginal Cost Congestion ($/MWHr)'

function folderOf(folder, market) {
  const target = join(folder, market)
  mkdirSync(target, { recursive: true })
  return target
}

/** Writes one block again and again, with a number that counts up at these places of each of its lines. */
function counted(path, header, line, rows) {
  const file = openSync(path, 'w')
  writeSync(file, header)
  const text = line('#'.repeat(DIGITS))
  const lines = Math.min(10_000, rows)
  const block = Buffer.from(text.repeat(lines))
  const places = [...text.matchAll(new RegExp(`#{${DIGITS}}`, 'g'))].map(match => match.index)
  for (let done = 0; done < rows; done += lines) {
    for (let at = 0; at < lines; at++) {
      const number = String(10 ** (DIGITS - 1) + done + at)
      for (const place of places) block.write(number, at * text.length + place, 'latin1')
    }
    writeSync(file, block)
  }
  closeSync(file)
}

/** `rows` locations of one hour, each of which comes once: nothing can be spilled of a list of names. */
export function manyLocations(folder, rows) {
  counted(
    join(folderOf(folder, 'pjm'), 'da_hrl_lmps.csv'),
    PJM_HEADER,
    number => `${TIMES},${number},NODE${number},138 KV,LD1,LOAD,AEP,30.00,31.00,1.00,0.00,True,1\r\n`,
    rows,
  )
}

/** A known header, one good row, and then one line of so many bytes without an end. */
export function longLine(folder, bytes) {
  const file = openSync(join(folderOf(folder, 'pjm'), 'da_hrl_lmps.csv'), 'w')
  writeSync(file, PJM_HEADER)
  writeSync(file, `${TIMES},33092371,BAYSHORE 345 KV,345 KV,,LOAD,AEP,30.00,31.00,1.00,0.00,True,1\r\n`)
  writeSync(file, `${TIMES},33092371,`)
  const block = Buffer.alloc(1 << 20, 'A')
  for (let done = 0; done < bytes; done += block.length) writeSync(file, block)
  closeSync(file)
}

/** A zip whose member bears a good name and is nothing but zeros. */
export function zeros(folder, bytes) {
  nyisoZip(folder, Buffer.alloc(bytes))
}

/** The same behind a header and one good row: it has to be read before it can be refused. */
export function zerosBehindRows(folder, bytes) {
  const row = '01/01/2024 00:00,CAPITL,61757,30.00,1.00,0.00'
  nyisoZip(folder, Buffer.concat([Buffer.from(`${NYISO_HEADER}\r\n${row}\r\n`), Buffer.alloc(bytes)]))
}

function nyisoZip(folder, content) {
  const zip = new ZipWriter(join(folderOf(folder, 'nyiso'), '20240101damlbmp_zone_csv.zip'))
  zip.add('20240101damlbmp_zone.csv', content, new Date(FIRST))
  zip.close()
}

const two = number => String(number).padStart(2, '0')
const SPP_HEADER = 'Interval,GMTIntervalEnd,Settlement Location,Pnode,LMP,MLC,MCC,MEC\n'
const usStamp = ms => {
  const date = new Date(ms)
  return `${two(date.getUTCMonth() + 1)}/${two(date.getUTCDate())}/${date.getUTCFullYear()} ${date.toISOString().slice(11, 19)}`
}

/** A year of SPP's 5-minute files in one zip, as they are published, but of one location each. Returns the number of rows. */
export function manyMembers(folder, members) {
  const zip = new BigZip(join(folderOf(folder, 'spp'), 'RTBM-LMP-SL-2024.zip'))
  for (let number = 1; number <= members; number++) {
    const local = FIRST + number * 300_000
    const date = new Date(local)
    const name = `${date.toISOString().slice(0, 10).replaceAll('-', '')}${two(date.getUTCHours())}${two(date.getUTCMinutes())}`
    const price = ((number * 37) % 9000) / 100
    const row = `${usStamp(local)},${usStamp(local + 6 * HOUR)},SPPNORTH_HUB,SPPNORTH_HUB,${price.toFixed(4)},0.0000,0.0000,${price.toFixed(4)}\n`
    zip.add(`RTBM-LMP-SL-${name}.csv`, SPP_HEADER + row)
  }
  zip.close()
  return members
}

/** Files that say nothing, under names that say nothing. */
export function junk(folder, files) {
  const target = folderOf(folder, 'pjm')
  for (let number = 0; number < files; number++)
    writeFileSync(join(target, `notes ${number}.csv`), `nothing ${number}\n`)
}

/** Stored members and ZIP64, for more of them than the old format counts. */
class BigZip {
  #directory = []
  #at = 0
  #waiting = []
  #bytes = 0

  constructor(path) {
    this.file = openSync(path, 'w')
  }

  add(name, text) {
    const bytes = Buffer.from(text)
    const title = Buffer.from(name)
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0)
    common.writeUInt16LE(0x5821, 8)
    common.writeUInt32LE(crc32(bytes), 10)
    common.writeUInt32LE(bytes.length, 14)
    common.writeUInt32LE(bytes.length, 18)
    common.writeUInt16LE(title.length, 22)
    const place = Buffer.alloc(14)
    place.writeUInt32LE(this.#at, 10)
    this.#directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), common, place, title]))
    this.#write(Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), common, title, bytes]))
  }

  close() {
    const start = this.#at
    for (const entry of this.#directory) this.#write(entry)
    const count = this.#directory.length
    const record = Buffer.alloc(56)
    record.write('PK\x06\x06', 'latin1')
    record.writeBigUInt64LE(44n, 4)
    record.writeUInt16LE(45, 12)
    record.writeUInt16LE(45, 14)
    for (const at of [24, 32]) record.writeBigUInt64LE(BigInt(count), at)
    record.writeBigUInt64LE(BigInt(this.#at - start), 40)
    record.writeBigUInt64LE(BigInt(start), 48)
    const locator = Buffer.alloc(20)
    locator.write('PK\x06\x07', 'latin1')
    locator.writeBigUInt64LE(BigInt(this.#at), 8)
    locator.writeUInt32LE(1, 16)
    const end = Buffer.alloc(22, 0xff)
    end.write('PK\x05\x06', 'latin1')
    end.writeUInt32LE(0, 4)
    end.writeUInt16LE(0, 20)
    this.#write(record)
    this.#write(locator)
    this.#write(end)
    this.#flush()
    closeSync(this.file)
  }

  /** In large pieces: a system call for each of 100,000 members would take most of the time. */
  #write(bytes) {
    this.#waiting.push(bytes)
    this.#at += bytes.length
    this.#bytes += bytes.length
    if (this.#bytes > 1 << 22) this.#flush()
  }

  #flush() {
    writeSync(this.file, Buffer.concat(this.#waiting))
    this.#waiting = []
    this.#bytes = 0
  }
}
