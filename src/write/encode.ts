/**
 * Parquet's value encodings as plain loops over typed arrays: the RLE / bit-packed hybrid (codes and definition levels) and PLAIN.
 * Each encoder writes at an offset into a buffer that is large enough and returns the offset behind what it wrote.
 * Words are copied as they lie in memory: little-endian machines only, as everywhere Node runs today.
 */

/** Below this many repeats a run is bit-packed with its neighbours. */
const RUN = 8

/** Bits needed for codes 0..size-1; at least one, as in Arrow: a width of zero is a special case in every reader. */
export const codeWidth = (size: number): number => Math.max(1, 32 - Math.clz32(Math.max(0, size - 1)))

/** No encoding of `count` values is longer: each eight values are a packed group or part of a run, each with a header. */
export const hybridBound = (count: number, width: number): number => (Math.ceil(count / 8) + 1) * (width + 2) + 16

/** Codes given per row. Widths 0..24. */
export function encodeCodes(codes: Int32Array, count: number, width: number, out: Uint8Array, start: number): number {
  let at = start
  let literals = 0
  let row = 0
  while (row < count) {
    const code = codes[row]!
    let next = row + 1
    while (next < count && codes[next] === code) next++
    if (next - row >= RUN) {
      // A packed stretch has whole groups of eight: the run gives what the last group lacks.
      const aligned = row + ((literals - row) & 7)
      if (next - aligned >= RUN) {
        if (aligned > literals) at = packedRun(codes, literals, aligned, width, out, at)
        at = repeatedRun(code, next - aligned, width, out, at)
        literals = next
      }
    }
    row = next
  }
  return literals < count ? packedRun(codes, literals, count, width, out, at) : at
}

/** Codes given as runs, in time proportional to the runs. `scratch` takes the rows of short runs until they are packed. */
export function encodeRuns(
  codes: Int32Array,
  lengths: Int32Array,
  runs: number,
  width: number,
  out: Uint8Array,
  start: number,
  scratch: Int32Array,
): number {
  let at = start
  let literals = 0
  let run = 0
  while (run < runs) {
    const code = codes[run]!
    let length = lengths[run++]!
    while (run < runs && codes[run] === code) length += lengths[run++]!
    const missing = -literals & 7
    if (length - missing >= RUN) {
      if (literals > 0) {
        scratch.fill(code, literals, literals + missing)
        at = packedRun(scratch, 0, literals + missing, width, out, at)
        literals = 0
      }
      at = repeatedRun(code, length - missing, width, out, at)
    } else {
      for (; length > 0; length--) scratch[literals++] = code
    }
  }
  return literals > 0 ? packedRun(scratch, 0, literals, width, out, at) : at
}

/** Bit-packs values without a header, the lowest bit first; the last byte is filled up with zeros. */
export function packBits(
  values: Int32Array,
  from: number,
  to: number,
  width: number,
  out: Uint8Array,
  start: number,
): number {
  let at = start
  let bits = 0
  let pending = 0
  // Less than 8 bits wait when the next at most 24 come: 31 bits, so that 32-bit arithmetic holds.
  for (let row = from; row < to; row++) {
    pending |= values[row]! << bits
    bits += width
    while (bits >= 8) {
      out[at++] = pending & 0xff
      pending >>>= 8
      bits -= 8
    }
  }
  if (bits > 0) out[at++] = pending
  return at
}

function packedRun(codes: Int32Array, from: number, to: number, width: number, out: Uint8Array, start: number): number {
  const groups = (to - from + 7) >>> 3
  const body = varint((groups << 1) | 1, out, start)
  const end = body + groups * width
  const written = packBits(codes, from, to, width, out, body)
  out.fill(0, written, end)
  return end
}

function repeatedRun(code: number, count: number, width: number, out: Uint8Array, start: number): number {
  let at = varint(count << 1, out, start)
  for (let shift = 0; shift < width; shift += 8) out[at++] = (code >>> shift) & 0xff
  return at
}

function varint(value: number, out: Uint8Array, start: number): number {
  let at = start
  let rest = value
  while (rest > 127) {
    out[at++] = (rest & 127) | 128
    rest >>>= 7
  }
  out[at++] = rest
  return at
}

/**
 * Definition levels of a V1 page: a length, then levels of one bit (1 = there is a value).
 * `levels` is wanted only when some rows are null and some are not.
 */
export function encodeLevels(
  rows: number,
  nulls: number,
  levels: Int32Array | undefined,
  out: Uint8Array,
  start: number,
): number {
  const body = start + 4
  const mixed = nulls > 0 && nulls < rows
  if (mixed && !levels) throw new RangeError('levels are wanted')
  const end = mixed ? encodeCodes(levels!, rows, 1, out, body) : repeatedRun(nulls === 0 ? 1 : 0, rows, 1, out, body)
  writeUint32(end - body, out, start)
  return end
}

function writeUint32(value: number, out: Uint8Array, at: number) {
  out[at] = value
  out[at + 1] = value >>> 8
  out[at + 2] = value >>> 16
  out[at + 3] = value >>> 24
}

export function plainInt32(values: readonly number[], out: Uint8Array, start: number): number {
  let at = start
  for (const value of values) {
    writeUint32(value, out, at)
    at += 4
  }
  return at
}

/** Seconds as INT64 microseconds. Two halves, because a BigInt per value costs more than all the rest. */
export function plainMicros(seconds: readonly number[], out: Uint8Array, start: number): number {
  let at = start
  for (const each of seconds) {
    const micros = Math.round(each * 1e6)
    writeUint32(micros, out, at)
    writeUint32(Math.floor(micros / 0x1_0000_0000), out, at + 4)
    at += 8
  }
  return at
}

export function plainDoubles(values: Float64Array, count: number, out: Uint8Array, start: number): number {
  out.set(new Uint8Array(values.buffer, values.byteOffset, count * 8), start)
  return start + count * 8
}

/** Needs room for four bytes and the UTF-8 length of each text. */
export function plainTexts(texts: readonly string[], out: Buffer, start: number): number {
  let at = start
  for (const text of texts) {
    const length = out.write(text, at + 4)
    writeUint32(length, out, at)
    at += 4 + length
  }
  return at
}

/** PLAIN of rows = the PLAIN bytes of their dictionary entries, one after the other; `offsets` has one more entry than the dictionary. */
export function plainFromDictionary(
  dictionary: Uint8Array,
  offsets: Int32Array,
  codes: Int32Array,
  count: number,
  out: Uint8Array,
  start: number,
): number {
  let at = start
  for (let row = 0; row < count; row++) {
    const code = codes[row]!
    const end = offsets[code + 1]!
    for (let byte = offsets[code]!; byte < end; byte++) out[at++] = dictionary[byte]!
  }
  return at
}
