/** What an earlier run recognised, by path, size and modification time: ten thousand unchanged files then cost a walk and nothing else. */
import { createHash } from 'node:crypto'
import { closeSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { StringDecoder } from 'node:string_decoder'
import { SCHEMA_VERSION } from '../model/dataset.js'
import type { Converter } from '../model/report.js'
import { VERSION } from '../model/version.js'
import { AtomicFile } from '../write/atomic.js'
import type { FileEntry, Inventory, Item } from './inventory.js'

function cachePath(output: string, iso: string): string {
  return join(output, 'cache', `inventory-${iso.toLowerCase()}.json`)
}

/** Declarations take part in the key: a new report makes all files be looked at again. */
function cacheKey(converter: Converter): string {
  const declared = JSON.stringify(converter, (_, value) =>
    value instanceof RegExp || typeof value === 'function' ? String(value) : value,
  )
  return createHash('sha256').update(`${VERSION} ${SCHEMA_VERSION} ${declared}`).digest('hex').slice(0, 16)
}

/** One line says what the cache is for; then a line per file, followed by one per thing in it. A year zip of SPP has 100,000. */
type Line =
  | { readonly key: string; readonly root: string }
  | { readonly file: string; readonly entry: Omit<FileEntry, 'items'> }
  | Item

export function readCache(output: string, converter: Converter, root: string, hint = ''): Record<string, FileEntry> {
  const files: Record<string, FileEntry> = {}
  try {
    let items: Item[] = []
    let first = true
    for (const text of linesOf(cachePath(output, converter.iso))) {
      const line = JSON.parse(text) as Line
      if (first && !('key' in line && line.key === cacheKey(converter) + hint && line.root === root)) return {}
      first = false
      if ('file' in line) files[line.file] = { ...line.entry, items: (items = []) }
      else if ('member' in line) items.push(line)
    }
    return files
  } catch {
    // No cache, or one that cannot be read: everything is looked at again, which is slower and never wrong.
    return {}
  }
}

export function writeCache(output: string, converter: Converter, inventory: Inventory, hint = ''): void {
  const file = new AtomicFile(cachePath(output, converter.iso))
  const write = (line: Line) => file.write(Buffer.from(`${JSON.stringify(line)}\n`))
  try {
    write({ key: cacheKey(converter) + hint, root: inventory.root })
    for (const [path, { items, ...entry }] of inventory.files) {
      write({ file: path, entry })
      for (const item of items) write(item)
    }
    file.commit()
  } finally {
    file.abandon()
  }
}

/** Lines of a file, a piece of it in memory at a time. */
function* linesOf(path: string): Generator<string> {
  const file = openSync(path, 'r')
  try {
    const buffer = Buffer.allocUnsafe(1 << 18)
    const decoder = new StringDecoder('utf8')
    let rest = ''
    for (let got = readSync(file, buffer); got > 0; got = readSync(file, buffer)) {
      const lines = (rest + decoder.write(buffer.subarray(0, got))).split('\n')
      rest = lines.pop() ?? ''
      yield* lines
    }
  } finally {
    closeSync(file)
  }
}
