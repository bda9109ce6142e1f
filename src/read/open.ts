/**
 * A member as a delimited text. Most are one already; an answer of a web API in JSON that is a table (`fields` and `data`, as
 * ERCOT's public API gives it) becomes one, whole, because its rows cannot be known before its fields.
 */
import { InputError } from '../model/errors.js'
import { type Member, openMember, type Warning } from './members.js'

/** A page of an API answer has some thousand rows; this is far more. */
const LARGEST_ANSWER = 256 << 20

export function isJson(member: Member): boolean {
  return /\.json$/i.test(member.name)
}

/** Loose and readable without any container: bytes can be taken from the disk as they are. */
export function isPlain(member: Member): boolean {
  return member.steps.length === 0 && !member.gzip && !isJson(member)
}

/** Streams a member as text; see `openMember` for errors. JSON that is no table comes out as it is. */
export async function* openText(
  member: Member,
  onWarning: (warning: Warning) => void = () => {},
): AsyncGenerator<Uint8Array> {
  if (!isJson(member)) {
    yield* openMember(member, {}, onWarning)
    return
  }
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of openMember(member, {}, onWarning)) {
    chunks.push(chunk)
    length += chunk.length
    if (length > LARGEST_ANSWER)
      throw new InputError('file.json', `more than ${LARGEST_ANSWER} bytes of JSON`, { file: member.path })
  }
  const bytes = Buffer.concat(chunks)
  yield tableOf(bytes) ?? bytes
}

function tableOf(bytes: Buffer): Uint8Array | null {
  let answer: { fields?: unknown; data?: unknown }
  try {
    answer = JSON.parse(bytes.toString('utf8')) as typeof answer
  } catch {
    // No JSON, or cut off: whoever reads it sees the bytes and says so.
    return null
  }
  const { fields, data } = answer ?? {}
  if (!Array.isArray(fields) || !Array.isArray(data)) return null
  const rows = [fields.map(field => (field as { name?: string }).name ?? String(field)), ...(data as unknown[][])]
  return Buffer.from(
    rows
      .map(row => row.map(cell).join(','))
      .join('\n')
      .concat('\n'),
  )
}

function cell(value: unknown): string {
  const text = value === null || value === undefined ? '' : String(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
