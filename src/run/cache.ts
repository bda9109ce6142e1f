/** What an earlier run recognised, by path, size and modification time: ten thousand unchanged files then cost a walk and nothing else. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { SCHEMA_VERSION } from '../model/dataset.js'
import type { Converter } from '../model/report.js'
import { VERSION } from '../model/version.js'
import { writeWhole } from '../write/atomic.js'
import type { FileEntry, Inventory } from './inventory.js'

interface Cache {
  readonly key: string
  readonly root: string
  readonly files: Record<string, FileEntry>
}

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

export function readCache(output: string, converter: Converter, root: string, hint = ''): Record<string, FileEntry> {
  try {
    const cache = JSON.parse(readFileSync(cachePath(output, converter.iso), 'utf8')) as Cache
    return cache.key === cacheKey(converter) + hint && cache.root === root ? cache.files : {}
  } catch {
    // No cache, or one that cannot be read: everything is looked at again, which is slower and never wrong.
    return {}
  }
}

export function writeCache(output: string, converter: Converter, inventory: Inventory, hint = ''): void {
  const cache: Cache = {
    key: cacheKey(converter) + hint,
    root: inventory.root,
    files: Object.fromEntries(inventory.files),
  }
  writeWhole(cachePath(output, converter.iso), JSON.stringify(cache))
}
