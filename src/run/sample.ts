/** The ends of a member: what recognition looks at when a name is not enough. */
import { closeSync, openSync, readSync } from 'node:fs'
import type { Member } from '../read/members.js'
import { isPlain, openText, type TextOptions } from '../read/open.js'
import { HEAD_BYTES } from '../shape/lines.js'

/** First and last bytes; of plain files as views on the buffer, which takes twice HEAD_BYTES. */
export async function sampleOf(
  member: Member,
  buffer: Uint8Array = new Uint8Array(2 * HEAD_BYTES),
): Promise<{ head: Uint8Array; tail: Uint8Array }> {
  if (isPlain(member)) return endsOf(member.path, member.size, buffer)
  const head = await beginningOf(member, {})
  // Of Parquet, too, both ends are at hand.
  return { head, tail: member.kind === 'parquet' ? await beginningOf(member, { last: LAST_ROWS }) : NOTHING }
}

const NOTHING = new Uint8Array(0)
const LAST_ROWS = 100

async function beginningOf(member: Member, options: TextOptions): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of openText(member, undefined, options)) {
    chunks.push(chunk)
    length += chunk.length
    if (length >= HEAD_BYTES) break
  }
  return Buffer.concat(chunks).subarray(0, HEAD_BYTES)
}

function endsOf(path: string, size: number, buffer: Uint8Array): { head: Uint8Array; tail: Uint8Array } {
  const file = openSync(path, 'r')
  try {
    const head = buffer.subarray(0, Math.min(size, HEAD_BYTES))
    readSync(file, head, 0, head.length, 0)
    const rest = Math.min(HEAD_BYTES, Math.max(0, size - HEAD_BYTES))
    const tail = buffer.subarray(HEAD_BYTES, HEAD_BYTES + rest)
    if (rest > 0) readSync(file, tail, 0, rest, size - rest)
    return { head, tail }
  } finally {
    closeSync(file)
  }
}
