/**
 * From a place in a zip to the entry's bytes: local header, inflating, and the check of size and CRC that yauzl does not make.
 * The central directory says where an entry is and what it holds. Some publishers write it wrong and the local header right
 * (ERCOT 2026, gridstatus #936), so when the two disagree, whichever the data confirms is believed.
 */
import { pipeline, type Transform } from 'node:stream'
import { constants, crc32, createInflateRaw, inflateRawSync } from 'node:zlib'
import { asConvertError, ConvertError, InputError, isRefusal } from '../model/errors.js'
import type { Warning, ZipLimits, ZipStep } from './zip-model.js'
import type { ByteSource } from './zip-source.js'

/** Entries up to this size are read and inflated in one call; streams cost more than such an entry itself. */
const SMALL = 256 * 1024
const CHUNK = 256 * 1024
const NOT_GIVEN = 0xffffffff

/** An entry's data and what to expect of it. */
export interface Located extends Omit<ZipStep, 'offset' | 'method'> {
  readonly method: number
  readonly dataStart: number
}

export interface LocalHeader extends Located {
  /** False where sizes and CRC follow the data (flag bit 3, as CAISO writes) or were never filled in. */
  readonly complete: boolean
}

/** Throws InputError zip.directory if no entry begins there. */
export function readLocalHeader(source: ByteSource, offset: number, where: string): LocalHeader {
  const head = source.read(offset, 30)
  if (head.length < 30 || head.readUInt32LE(0) !== 0x04034b50)
    throw bad('zip.directory', where, `expected an entry at byte ${offset}, as the central directory says; found none`)
  const nameEnd = 30 + head.readUInt16LE(26)
  const extraLength = head.readUInt16LE(28)
  let compressedSize = head.readUInt32LE(18)
  let size = head.readUInt32LE(22)
  if (size === NOT_GIVEN || compressedSize === NOT_GIVEN) {
    const wide = zip64Sizes(source.read(offset + nameEnd, extraLength))
    if (wide) ({ size, compressedSize } = wide)
  }
  const sum = head.readUInt32LE(14)
  const complete = (head.readUInt16LE(6) & 8) === 0 && (sum !== 0 || size !== 0 || compressedSize !== 0)
  const dataStart = offset + nameEnd + extraLength
  return { dataStart, method: head.readUInt16LE(8), compressedSize, size, crc32: sum, complete }
}

function zip64Sizes(extra: Buffer): { size: number; compressedSize: number } | undefined {
  for (let at = 0; at + 20 <= extra.length; at += 4 + extra.readUInt16LE(at + 2))
    if (extra.readUInt16LE(at) === 1)
      return { size: Number(extra.readBigUInt64LE(at + 4)), compressedSize: Number(extra.readBigUInt64LE(at + 12)) }
  return undefined
}

/** The warning for a central directory and a local header that disagree, undefined if they do not. */
export function mismatch(step: Omit<ZipStep, 'method'> & { method: number }, local: LocalHeader): Warning | undefined {
  if (!local.complete) return undefined
  const differing = (['size', 'compressedSize', 'crc32', 'method'] as const).filter(
    field => step[field] !== local[field],
  )
  if (differing.length === 0) return undefined
  const said = differing.map(field => `${field} ${step[field]} and ${local[field]}`).join(', ')
  return { code: 'zip.central_mismatch', message: `central directory and local header disagree: ${said}` }
}

/** Finds an entry's data. Throws InputError zip.directory, zip.truncated, zip.bomb, zip.unsupported. */
export async function locate(
  source: ByteSource,
  step: ZipStep,
  where: string,
  limits: ZipLimits,
): Promise<Located & { warning?: Warning }> {
  const local = readLocalHeader(source, step.offset, where)
  const central: Located = { ...step, dataStart: local.dataStart }
  const warning = mismatch(step, local)
  if (!warning) {
    refuse(central, source, where, limits)
    return central
  }
  for (const candidate of [central, local])
    if (await holds(source, candidate, where, limits)) return { ...candidate, warning }
  refuse(central, source, where, limits)
  throw bad('zip.crc', where, `${warning.message}; the data agrees with neither`)
}

async function holds(source: ByteSource, candidate: Located, where: string, limits: ZipLimits): Promise<boolean> {
  try {
    refuse(candidate, source, where, limits)
    for await (const _ of decode(source, candidate, where));
    return true
  } catch (error) {
    if (error instanceof InputError) return false
    throw error
  }
}

function refuse(entry: Located, source: ByteSource, where: string, limits: ZipLimits): void {
  const reason = unreadable(entry, limits)
  if (reason) throw bad(reason.code, where, reason.message)
  if (entry.dataStart + entry.compressedSize > source.size)
    throw bad(
      'zip.truncated',
      where,
      `its data should end at byte ${entry.dataStart + entry.compressedSize}, but only ${source.size} are there`,
    )
}

/** Why an entry must not be read, judged by what it promises; decode() then holds it to that promise. */
export function unreadable(
  entry: { size: number; compressedSize: number; method: number },
  limits: ZipLimits,
): Warning | undefined {
  if (entry.method !== 0 && entry.method !== 8)
    return {
      code: 'zip.unsupported',
      message: `compression method ${entry.method}; expected 0 (stored) or 8 (deflated)`,
    }
  if (entry.size > limits.bytesPerEntry)
    return { code: 'zip.bomb', message: `inflates to ${entry.size} bytes; at most ${limits.bytesPerEntry} are read` }
  if (entry.size > limits.ratioAbove && entry.size / entry.compressedSize > limits.ratio)
    return {
      code: 'zip.bomb',
      message: `${entry.compressedSize} bytes inflate to ${entry.size}; at most ${limits.ratio} to 1 is read`,
    }
  return undefined
}

/**
 * Streams an entry's bytes, at most 1 MiB ahead of the caller and never more than promised.
 * Throws InputError zip.crc or zip.truncated, for a wrong size or CRC after the last chunk.
 */
export async function* decode(source: ByteSource, entry: Located, where: string): AsyncGenerator<Buffer> {
  let sum = 0
  let total = 0
  try {
    for await (const chunk of rawChunks(source, entry, where)) {
      total += chunk.length
      if (total > entry.size) throw bad('zip.crc', where, `expected ${entry.size} bytes; found more`)
      sum = crc32(chunk, sum)
      if (chunk.length > 0) yield chunk
    }
  } catch (error) {
    throw damaged(error, where)
  }
  if (total !== entry.size) throw bad('zip.crc', where, `expected ${entry.size} bytes; found ${total}`)
  if (sum !== entry.crc32)
    throw bad('zip.crc', where, `expected CRC ${hex(entry.crc32)}; found ${hex(sum)}. Download it again`)
}

function rawChunks(source: ByteSource, entry: Located, where: string): Iterable<Buffer> | AsyncIterable<Buffer> {
  const stored = entry.method === 0
  if (entry.size > SMALL || entry.compressedSize > SMALL)
    return stored
      ? stretch(source, entry, where)
      : through(createInflateRaw({ chunkSize: CHUNK }), stretch(source, entry, where))
  const data = source.read(entry.dataStart, entry.compressedSize)
  if (data.length < entry.compressedSize) throw cut(where)
  // One byte more than promised shows an entry that holds more, without letting it.
  return [
    stored ? data : inflateRawSync(data, { chunkSize: Math.max(64, entry.size + 1), maxOutputLength: entry.size + 1 }),
  ]
}

async function* stretch(source: ByteSource, entry: Located, where: string): AsyncGenerator<Buffer> {
  for (let done = 0; done < entry.compressedSize; ) {
    const chunk = await source.readLater(entry.dataStart + done, Math.min(CHUNK, entry.compressedSize - done))
    if (chunk.length === 0) throw cut(where)
    done += chunk.length
    yield chunk
  }
}

/** Runs bytes through a zlib stream, with its small buffers as the only read-ahead. */
export async function* through(engine: Transform, input: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  pipeline(input, engine, () => {})
  try {
    for await (const chunk of engine) yield chunk
  } finally {
    engine.destroy()
  }
}

/** The first bytes of an entry as far as `count` bytes or 1 KiB of compressed data reach; empty if they cannot be had. */
export function firstBytes(source: ByteSource, step: ZipStep, local: LocalHeader, count: number): Buffer {
  const data = source.read(local.dataStart, Math.min(step.compressedSize, 1024))
  if (step.method === 0) return data.subarray(0, count)
  try {
    return inflateRawSync(data, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, count)
  } catch {
    return Buffer.alloc(0)
  }
}

function damaged(error: unknown, where: string): ConvertError {
  if (error instanceof ConvertError) return error
  const { code = '', message } = error as NodeJS.ErrnoException
  if (code === 'ERR_BUFFER_TOO_LARGE') return bad('zip.crc', where, 'it holds more bytes than promised')
  if (!code.startsWith('Z_') || isRefusal(error)) return asConvertError(error, { file: where })
  return bad('zip.crc', where, `its compressed data is damaged (${message}). Download it again`)
}

const cut = (where: string) => bad('zip.truncated', where, 'the file ends within this entry')
const bad = (code: string, where: string, message: string) => new InputError(code, message, { file: where })
const hex = (value: number) => value.toString(16).padStart(8, '0')
