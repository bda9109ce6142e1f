/**
 * A byte buffer that grows and is used again and again, so that writing allocates nothing per row group once sizes have settled.
 * Hot loops take `bytes` and an offset after one `reserve`; they do not come back here per value.
 */

export class ByteBuffer {
  bytes: Buffer
  length = 0

  constructor(capacity = 4096) {
    this.bytes = Buffer.allocUnsafeSlow(capacity)
  }

  /** Makes room for `more` bytes behind `length`. `bytes` may be another object afterwards. */
  reserve(more: number): Buffer {
    const needed = this.length + more
    if (needed > this.bytes.length) {
      const bigger = Buffer.allocUnsafeSlow(Math.max(needed, this.bytes.length * 2))
      bigger.set(this.bytes.subarray(0, this.length))
      this.bytes = bigger
    }
    return this.bytes
  }

  push(byte: number) {
    if (this.length === this.bytes.length) this.reserve(1)
    this.bytes[this.length++] = byte
  }

  append(bytes: Uint8Array) {
    this.reserve(bytes.length).set(bytes, this.length)
    this.length += bytes.length
  }

  uint32(value: number) {
    this.reserve(4).writeUInt32LE(value, this.length)
    this.length += 4
  }

  /** A view, not a copy: valid until the next write. Not a Buffer, whose `slice` would not copy either. */
  get view(): Uint8Array {
    return new Uint8Array(this.bytes.buffer, this.bytes.byteOffset, this.length)
  }
}
