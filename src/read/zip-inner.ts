/**
 * Zips inside zips as random access: small ones inflated into memory, large ones into a nameless temporary file.
 * The last few stay at hand, because the entries of one inner zip are read one after the other.
 */
import { randomUUID } from 'node:crypto'
import { mkdirSync, openSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { asConvertError } from '../model/errors.js'
import { decode, type Located, locate } from './zip-entry.js'
import type { ZipLimits, ZipStep } from './zip-model.js'
import {
  BufferSource,
  type ByteSource,
  closeIdleFiles,
  FileSource,
  type Lease,
  leaseFile,
  Window,
} from './zip-source.js'

interface Inner {
  readonly source: ByteSource
  /** Bytes of memory held. */
  readonly weight: number
  readonly file?: FileSource
  users: number
}

/** Least recently used first. */
const inners = new Map<string, Inner>()
const unpacking = new Map<string, Promise<Inner>>()
/** What `inners` holds. */
const held = { bytes: 0, files: 0 }
const MOST = { files: 2, zips: 16 }

/** The source that a member's last step is counted in, with whatever must stay open meanwhile. */
export function leaseContainer(
  path: string,
  steps: readonly ZipStep[],
  where: string,
  limits: ZipLimits,
): Promise<Lease> {
  return leaseThrough(path, steps.slice(0, -1), where, limits)
}

/** The bytes behind all of the steps, for random access: a workbook or a Parquet file, whether loose or in a zip. */
export async function leaseThrough(
  path: string,
  steps: readonly ZipStep[],
  where: string,
  limits: ZipLimits,
): Promise<Lease> {
  const leases = [await leaseFile(path)]
  const release = () => {
    for (const lease of leases.splice(0).reverse()) lease.release()
  }
  try {
    for (const step of steps) leases.push(await leaseInner(leases.at(-1)!, step, where, limits))
    return { ...leases.at(-1)!, release }
  } catch (error) {
    release()
    throw error
  }
}

/** Makes an entry that is itself a zip readable. The parent's lease must outlive this one. Throws what reading an entry throws. */
export async function leaseInner(parent: Lease, step: ZipStep, where: string, limits: ZipLimits): Promise<Lease> {
  const key = `${parent.key}\0${step.offset}`
  const inner = inners.get(key) ?? (await once(key, () => unpack(parent.source, step, where, limits)))
  unpacking.delete(key)
  // A window is only a view of its parent, not worth keeping.
  if (inner.source instanceof Window) return { key, source: inner.source, release: () => {} }
  if (!inners.delete(key)) {
    held.bytes += inner.weight
    if (inner.file) held.files++
  }
  inners.set(key, inner)
  inner.users++
  evict({ bytes: limits.innerZipInMemory, ...MOST })
  return { key, source: inner.source, release: () => void inner.users-- }
}

/** Readers who want the same inner zip at the same time share the work and the memory. */
async function once(key: string, work: () => Promise<Inner>): Promise<Inner> {
  const started = unpacking.get(key) ?? work()
  unpacking.set(key, started)
  try {
    return await started
  } catch (error) {
    unpacking.delete(key)
    throw error
  }
}

async function unpack(parent: ByteSource, step: ZipStep, where: string, limits: ZipLimits): Promise<Inner> {
  const entry = await locate(parent, step, where, limits)
  if (entry.size <= limits.innerZipInMemory) {
    const bytes = await intoMemory(parent, entry, where)
    return { source: new BufferSource(bytes), weight: bytes.length, users: 0 }
  }
  // A large stored zip can be read where it is. Its own CRC is then not checked, but that of each of its entries is.
  if (entry.method === 0) return { source: new Window(parent, entry.dataStart, entry.size), weight: 0, users: 0 }
  const file = await intoFile(parent, entry, where, limits.tmpDir || tmpdir())
  return { source: file, weight: 0, file, users: 0 }
}

async function intoMemory(parent: ByteSource, entry: Located, where: string): Promise<Buffer> {
  let whole: Buffer | undefined
  let used = 0
  for await (const chunk of decode(parent, entry, where)) {
    if (chunk.length === entry.size) whole = chunk
    else chunk.copy((whole ??= Buffer.allocUnsafe(entry.size)), used)
    used += chunk.length
  }
  return whole ?? Buffer.alloc(0)
}

async function intoFile(parent: ByteSource, entry: Located, where: string, folder: string): Promise<FileSource> {
  const path = join(folder, `iso-convert-${process.pid}-${randomUUID()}.zip`)
  let file: FileSource | undefined
  try {
    mkdirSync(folder, { recursive: true })
    file = new FileSource(path, openSync(path, 'wx+', 0o600), entry.size)
    // Nameless from here on: the system removes it with the last handle, even after kill -9.
    unlinkSync(path)
    for await (const chunk of decode(parent, entry, where)) writeFileSync(file.fd, chunk)
    return file
  } catch (error) {
    file?.close()
    throw asConvertError(error, { file: path })
  }
}

function evict(keep: { bytes: number; files: number; zips: number }): void {
  for (const [key, inner] of inners) {
    if (held.bytes <= keep.bytes && held.files <= keep.files && inners.size <= keep.zips) return
    if (inner.users > 0) continue
    inners.delete(key)
    held.bytes -= inner.weight
    if (!inner.file) continue
    held.files--
    inner.file.close()
  }
}

/** Closes every handle and forgets every inner zip that is not being read right now. */
export function closeAll(): void {
  evict({ bytes: 0, files: 0, zips: 0 })
  closeIdleFiles(0)
}
