/** Writes zips for tests, right ones and wrong ones. Small and literal: each fault is one field. */
import { crc32, deflateRawSync } from 'node:zlib'

export interface Fields {
  method: number
  flags: number
  crc32: number
  compressedSize: number
  size: number
}

export interface FileSpec {
  name: string | Uint8Array
  data?: string | Uint8Array
  /** 8 by default. Methods other than 8 hold the data as it is. */
  method?: number
  /** Sizes and CRC follow the data; the local header holds zeros. */
  descriptor?: boolean
  encrypted?: boolean
  /** Wall-clock time of the DOS fields. */
  time?: { year: number; month: number; day: number; hour: number; minute: number; second: number }
  /** Replace fields in the central directory, in the local header, or both. */
  central?: Partial<Fields>
  local?: Partial<Fields>
  both?: Partial<Fields>
  /** Write the sizes as zip64 extra fields although they would fit. */
  wide?: boolean
  /** Let the central directory point here instead of at a local header of its own. */
  sharedWith?: number
  /** Added to the offset that the central directory gives. */
  shift?: number
}

export interface ZipSpec {
  leading?: Uint8Array
  /** Offsets count the leading bytes, as self-extracting archives do. */
  countLeading?: boolean
  trailing?: Uint8Array
  comment?: string
  /** Keep only this many bytes. */
  cutAt?: number
  /** zip64 end records; by default where needed. */
  wide?: boolean
  /** Write the number of entries modulo 65,536 and no zip64, as Finder does. */
  wrapCount?: boolean
}

export function makeZip(files: readonly FileSpec[], spec: ZipSpec = {}): Buffer {
  const { leading = Buffer.alloc(0), trailing = Buffer.alloc(0) } = spec
  const parts: Uint8Array[] = [leading]
  const directory: Buffer[] = []
  const offsets: number[] = []
  let position = spec.countLeading ? leading.length : 0
  for (const file of files) {
    const name = Buffer.from(file.name as string)
    const data = Buffer.from((file.data ?? '') as string)
    const method = file.method ?? 8
    const packed = method === 8 ? deflateRawSync(data) : data
    const truth: Fields = {
      method,
      flags: (file.descriptor ? 8 : 0) | (file.encrypted ? 1 : 0) | (typeof file.name === 'string' ? 0x800 : 0),
      crc32: crc32(data),
      compressedSize: packed.length,
      size: data.length,
      ...file.both,
    }
    const zeros = file.descriptor ? { crc32: 0, compressedSize: 0, size: 0 } : {}
    const dos = dosTime(file.time)
    const offset = file.sharedWith === undefined ? position : offsets[file.sharedWith]!
    offsets.push(offset)
    if (file.sharedWith === undefined) {
      const local = { ...truth, ...zeros, ...file.local }
      const extra = file.wide ? wideExtra(local) : Buffer.alloc(0)
      const written = [header(local, dos, name, extra, file.wide), extra.length > 0 ? extra : Buffer.alloc(0), packed]
      if (file.descriptor) written.push(u32(0x08074b50, truth.crc32, truth.compressedSize, truth.size))
      for (const part of written) position += part.length
      parts.push(...written)
    }
    const central = { ...truth, ...file.central }
    const extra = file.wide ? wideExtra(central) : Buffer.alloc(0)
    directory.push(centralHeader(central, dos, name, extra, offset + (file.shift ?? 0), file.wide))
  }
  const table = Buffer.concat(directory)
  const count = files.length
  const wide = spec.wide ?? (count > 0xffff && !spec.wrapCount)
  const end = wide
    ? [wideEnd(count, table.length, position), endRecord(0xffff, 0xffffffff, 0xffffffff, spec.comment)]
    : [endRecord(count % 65_536, table.length, position, spec.comment)]
  const whole = Buffer.concat([...parts, table, ...end, trailing])
  return spec.cutAt === undefined ? whole : whole.subarray(0, spec.cutAt)
}

function header(fields: Fields, dos: Buffer, name: Buffer, extra: Buffer, wide = false): Buffer {
  const sizes = wide ? [0xffffffff, 0xffffffff] : [fields.compressedSize, fields.size]
  return Buffer.concat([
    u32(0x04034b50),
    u16(wide ? 45 : 20, fields.flags, fields.method),
    dos,
    u32(fields.crc32, ...sizes),
    u16(name.length, extra.length),
    name,
  ])
}

function centralHeader(f: Fields, dos: Buffer, name: Buffer, extra: Buffer, offset: number, wide = false): Buffer {
  return Buffer.concat([
    u32(0x02014b50),
    u16(20, wide ? 45 : 20, f.flags, f.method),
    dos,
    u32(f.crc32, ...(wide ? [0xffffffff, 0xffffffff] : [f.compressedSize, f.size])),
    u16(name.length, extra.length, 0, 0, 0),
    u32(0, offset),
    name,
    extra,
  ])
}

function wideExtra(fields: Fields): Buffer {
  return Buffer.concat([u16(1, 16), u64(fields.size, fields.compressedSize)])
}

function wideEnd(count: number, size: number, offset: number): Buffer {
  const record = [u32(0x06064b50), u64(44), u16(45, 45), u32(0, 0), u64(count, count, size, offset)]
  const locator = [u32(0x07064b50, 0), u64(offset + size), u32(1)]
  return Buffer.concat([...record, ...locator])
}

function endRecord(count: number, size: number, offset: number, comment = ''): Buffer {
  return Buffer.concat([
    u32(0x06054b50),
    u16(0, 0, count, count),
    u32(size, offset),
    u16(comment.length),
    Buffer.from(comment, 'latin1'),
  ])
}

function dosTime(time: FileSpec['time'] = { year: 2024, month: 1, day: 2, hour: 3, minute: 4, second: 6 }): Buffer {
  const { year, month, day, hour, minute, second } = time
  return u16((hour << 11) | (minute << 5) | (second >> 1), ((year - 1980) << 9) | (month << 5) | day)
}

function u16(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2)
  for (const [index, value] of values.entries()) bytes.writeUInt16LE(value, index * 2)
  return bytes
}

function u32(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4)
  for (const [index, value] of values.entries()) bytes.writeUInt32LE(value >>> 0, index * 4)
  return bytes
}

function u64(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 8)
  for (const [index, value] of values.entries()) bytes.writeBigUInt64LE(BigInt(value), index * 8)
  return bytes
}
