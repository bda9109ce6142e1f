/** Small members of zips are inflated ahead: a bounded number of files and of bytes at a time, both counted until they are used. */
import { asConvertError, type ConvertError } from '../model/errors.js'
import type { UnitSource } from '../model/unit.js'
import type { Member, Warning } from '../read/members.js'
import { isPlain, openText } from '../read/open.js'

/** Members up to this size are read ahead, whole; larger ones are streamed. */
const SMALL_MEMBER = 1 << 20

/** A small member that was read ahead, or why it could not be; nothing for one that is streamed. */
export interface Ahead {
  readonly chunks?: Uint8Array[]
  readonly warnings?: readonly Warning[]
  readonly error?: ConvertError
}

export class ReadAhead {
  readonly #pending = new Map<number, Promise<Ahead>>()
  #next = 0
  #bytes = 0

  constructor(
    readonly sources: readonly UnitSource[],
    readonly maxFiles: number,
    readonly maxBytes: number,
  ) {}

  /** Bytes that are on their way or waiting to be used. */
  get bytesInFlight(): number {
    return this.#bytes
  }

  /** What was read of the source at `at`; starts reading those that follow. Sources are asked for in order. */
  async take(at: number): Promise<Ahead> {
    this.#next = Math.max(this.#next, at)
    while (this.#next < this.sources.length && this.#next < at + this.maxFiles) {
      const member = (this.sources[this.#next] as UnitSource).member as Member
      if (isSmall(member)) {
        if (this.#bytes > 0 && this.#bytes + member.size > this.maxBytes) break
        this.#bytes += member.size
        this.#pending.set(this.#next, collect(member))
      }
      this.#next++
    }
    const pending = this.#pending.get(at)
    if (!pending) return {}
    const ahead = await pending
    this.#pending.delete(at)
    this.#bytes -= ((this.sources[at] as UnitSource).member as Member).size
    return ahead
  }
}

function isSmall(member: Member): boolean {
  return !isPlain(member) && member.kind === 'data' && !member.gzip && member.size <= SMALL_MEMBER
}

async function collect(member: Member): Promise<Ahead> {
  const chunks: Uint8Array[] = []
  const warnings: Warning[] = []
  let length = 0
  try {
    for await (const chunk of openText(member, warning => warnings.push(warning))) {
      length += chunk.length
      // The directory lied about the size: such a member is streamed like any large one.
      if (length > 2 * SMALL_MEMBER) return {}
      chunks.push(chunk)
    }
    return { chunks, warnings }
  } catch (error) {
    return { error: asConvertError(error) }
  }
}
