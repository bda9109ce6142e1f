/**
 * Texts to small numbers without making strings. A file names its locations in the same order again and again, so the
 * look-up first tries what followed the last hit the last time; only when that fails does it hash.
 */
const COMMA = 44

export class Dictionary {
  /** How many distinct texts there are; ids run from 0. */
  size = 0
  #bytes = new Uint8Array(1 << 12)
  #view = new DataView(this.#bytes.buffer)
  #used = 0
  #offsets = new Int32Array(1 << 8)
  #follower = new Int32Array(1 << 8).fill(-1)
  #slots = new Int32Array(1 << 9).fill(-1)
  #last = 0
  #guess = 0

  /** Where the text that followed last time ends, if it stands at `from` with a comma behind it; else -1. */
  expect(bytes: Uint8Array, view: DataView, from: number, end: number): number {
    const guess = this.#follower[this.#last] as number
    if (guess < 0) return -1
    const at = this.#offsets[guess] as number
    const length = (this.#offsets[guess + 1] as number) - at
    const to = from + length
    if (to >= end || bytes[to] !== COMMA || !this.#equal(bytes, view, from, at, length)) return -1
    this.#guess = guess
    return to
  }

  /** Id of the text that `expect` has just found. */
  expected(): number {
    this.#last = this.#guess
    return this.#guess
  }

  /** Id of the text in bytes[from, to); a text not seen before gets the next id (compare with the size before). */
  id(bytes: Uint8Array, view: DataView, from: number, to: number): number {
    const guess = this.#follower[this.#last] as number
    if (guess >= 0) {
      const at = this.#offsets[guess] as number
      const length = to - from
      if ((this.#offsets[guess + 1] as number) - at === length && this.#equal(bytes, view, from, at, length)) {
        this.#last = guess
        return guess
      }
    }
    return this.#hashed(bytes, from, to)
  }

  /** Compares four bytes at a time. */
  #equal(bytes: Uint8Array, view: DataView, from: number, at: number, length: number): boolean {
    let k = 0
    for (; k + 4 <= length; k += 4) if (view.getInt32(from + k) !== this.#view.getInt32(at + k)) return false
    for (; k < length; k++) if (bytes[from + k] !== this.#bytes[at + k]) return false
    return true
  }

  #hashed(bytes: Uint8Array, from: number, to: number): number {
    const length = to - from
    const mask = this.#slots.length - 1
    let hash = 2166136261
    for (let k = from; k < to; k++) hash = Math.imul(hash ^ (bytes[k] as number), 16777619)
    let slot = (hash ^ (hash >>> 15)) & mask
    let id = this.#slots[slot] as number
    for (; id >= 0; slot = (slot + 1) & mask, id = this.#slots[slot] as number) {
      const at = this.#offsets[id] as number
      if ((this.#offsets[id + 1] as number) - at !== length) continue
      let k = 0
      while (k < length && this.#bytes[at + k] === bytes[from + k]) k++
      if (k === length) break
    }
    if (id < 0) {
      id = this.#add(bytes, from, to)
      this.#slots[slot] = id
      if (this.size * 2 > this.#slots.length) this.#rehash()
    }
    this.#follower[this.#last] = id
    this.#last = id
    return id
  }

  #add(bytes: Uint8Array, from: number, to: number): number {
    const id = this.size++
    const length = to - from
    if (this.#used + length > this.#bytes.length) {
      const bigger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#used + length))
      bigger.set(this.#bytes)
      this.#bytes = bigger
      this.#view = new DataView(bigger.buffer)
    }
    this.#bytes.set(bytes.subarray(from, to), this.#used)
    this.#used += length
    if (id + 2 > this.#offsets.length) {
      const offsets = new Int32Array(this.#offsets.length * 2)
      offsets.set(this.#offsets)
      this.#offsets = offsets
      const follower = new Int32Array(this.#follower.length * 2).fill(-1)
      follower.set(this.#follower)
      this.#follower = follower
    }
    this.#offsets[id + 1] = this.#used
    return id
  }

  #rehash(): void {
    const slots = new Int32Array(this.#slots.length * 4).fill(-1)
    const mask = slots.length - 1
    for (let id = 0; id < this.size; id++) {
      let hash = 2166136261
      for (let k = this.#offsets[id] as number; k < (this.#offsets[id + 1] as number); k++)
        hash = Math.imul(hash ^ (this.#bytes[k] as number), 16777619)
      let slot = (hash ^ (hash >>> 15)) & mask
      while ((slots[slot] as number) >= 0) slot = (slot + 1) & mask
      slots[slot] = id
    }
    this.#slots = slots
  }
}
