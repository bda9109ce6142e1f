// A minimal zip writer for the generated archives: deflated members, no ZIP64.
import { closeSync, openSync, writeSync } from 'node:fs'
import { crc32, deflateRawSync } from 'node:zlib'

export class ZipWriter {
  #file
  #at = 0
  #directory = []

  constructor(path) {
    this.#file = openSync(path, 'w')
  }

  /** `time` is the member's own modification time, a Date whose UTC fields are taken as the wall clock. */
  add(name, content, time) {
    const bytes = Buffer.from(content)
    const packed = deflateRawSync(bytes, { level: 6 })
    const clock = (time.getUTCHours() << 11) | (time.getUTCMinutes() << 5) | (time.getUTCSeconds() >> 1)
    const day = ((time.getUTCFullYear() - 1980) << 9) | ((time.getUTCMonth() + 1) << 5) | time.getUTCDate()
    const title = Buffer.from(name)
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0)
    common.writeUInt16LE(8, 4)
    common.writeUInt16LE(clock, 6)
    common.writeUInt16LE(day, 8)
    common.writeUInt32LE(crc32(bytes), 10)
    common.writeUInt32LE(packed.length, 14)
    common.writeUInt32LE(bytes.length, 18)
    common.writeUInt16LE(title.length, 22)
    const place = Buffer.alloc(14)
    place.writeUInt32LE(this.#at, 10)
    this.#directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), common, place, title]))
    this.#write(Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), common, title, packed]))
  }

  close() {
    const start = this.#at
    for (const entry of this.#directory) this.#write(entry)
    const end = Buffer.alloc(22)
    end.write('PK\x05\x06', 'latin1')
    end.writeUInt16LE(this.#directory.length, 8)
    end.writeUInt16LE(this.#directory.length, 10)
    end.writeUInt32LE(this.#at - start, 12)
    end.writeUInt32LE(start, 16)
    this.#write(end)
    closeSync(this.#file)
  }

  #write(bytes) {
    writeSync(this.#file, bytes)
    this.#at += bytes.length
  }
}
