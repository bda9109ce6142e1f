/**
 * ZSTD at level 3, natively where Node has it (22.15 and later), else from the WASM package, which only this file knows.
 *
 * The two are different releases of zstd and may give different bytes for the same input. So "same inputs and same version give the
 * same bytes" holds per source: for all Node versions without native zstd, and for each Node version with it.
 * `zstdSource` names the source, for the receipt of whoever compares digests of two machines.
 *
 * Of the WASM package we use the module below its wrapper. The wrapper's `compress` asks for two buffers and a new context in each call:
 * 35 us instead of 6 us for a dictionary page of 6 kB. Should a later release hide that module, the wrapper does as well, with the same bytes.
 * The package's `init` must run once in a process: a second one puts another memory under the pointers that we keep.
 */
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import * as zlib from 'node:zlib'
import { InternalError, ResourceError } from '../model/errors.js'

export type Compress = (bytes: Uint8Array) => Uint8Array

const LEVEL = 3
const PACKAGE = '@bokuweb/zstd-wasm'

/** Not yet in the types of Node 20. */
interface NativeZstd {
  readonly zstdCompressSync?: (bytes: Uint8Array, options: object) => Uint8Array
  readonly constants: { readonly ZSTD_c_compressionLevel?: number }
}

interface ZstdModule {
  readonly HEAPU8: Uint8Array
  _malloc(bytes: number): number
  _free(pointer: number): void
  _ZSTD_isError(code: number): number
  _ZSTD_compressBound(bytes: number): number
  _ZSTD_createCCtx(): number
  _ZSTD_compress_usingDict(
    context: number,
    target: number,
    capacity: number,
    source: number,
    bytes: number,
    dictionary: number,
    dictionaryBytes: number,
    level: number,
  ): number
}

let loading: Promise<Compress> | undefined

/** Loads once per process. The function's result belongs to the caller. */
export function loadZstd(): Promise<Compress> {
  loading ??= native() ?? wasm()
  return loading
}

/** `node <version of zstd, or of Node>` or `wasm <version of the package>`. */
export function zstdSource(): string {
  if (native()) return `node ${(process.versions as { zstd?: string }).zstd ?? process.versions.node}`
  const { version } = createRequire(import.meta.url)(join(wasmFolder(), '../../package.json')) as { version: string }
  return `wasm ${version}`
}

function native(): Promise<Compress> | undefined {
  const { zstdCompressSync, constants } = zlib as unknown as NativeZstd
  const level = constants.ZSTD_c_compressionLevel
  if (!zstdCompressSync || level === undefined) return undefined
  const params = { [level]: LEVEL }
  // With the size pledged the frame names its content size, which some readers allocate by, and small inputs get small tables.
  return Promise.resolve(bytes => zstdCompressSync(bytes, { params, pledgedSrcSize: bytes.length }))
}

async function wasm(): Promise<Compress> {
  const package_ = await import('@bokuweb/zstd-wasm')
  await package_.init()
  const module = wasmModule()
  return module ? compressor(module) : bytes => package_.compress(bytes, LEVEL)
}

const wasmFolder = () => dirname(createRequire(import.meta.url).resolve(PACKAGE))

function wasmModule(): ZstdModule | undefined {
  try {
    const { Module } = createRequire(import.meta.url)(join(wasmFolder(), 'module.js')) as { Module?: ZstdModule }
    return Module && typeof Module._ZSTD_compress_usingDict === 'function' ? Module : undefined
  } catch {
    return undefined
  }
}

/** One context and one pair of buffers for the life of the process; zstd gives the same bytes whatever a context compressed before. */
function compressor(zstd: ZstdModule): Compress {
  const context = zstd._ZSTD_createCCtx()
  let capacity = 0
  let bound = 0
  let source = 0
  let target = 0
  const grow = (bytes: number) => {
    if (source) zstd._free(source)
    if (target) zstd._free(target)
    capacity = Math.max(1 << 20, bytes)
    bound = zstd._ZSTD_compressBound(capacity)
    source = zstd._malloc(capacity)
    target = zstd._malloc(bound)
    if (!context || !source || !target) throw new ResourceError('memory.limit', `no WASM memory for ${bytes} bytes`)
  }
  return bytes => {
    if (bytes.length > capacity) grow(bytes.length)
    // HEAPU8 is read anew each time: it is replaced when the WASM memory grows.
    zstd.HEAPU8.set(bytes, source)
    const size = zstd._ZSTD_compress_usingDict(context, target, bound, source, bytes.length, 0, 0, LEVEL)
    if (zstd._ZSTD_isError(size))
      throw new InternalError('zstd', `zstd refused ${bytes.length} bytes with code ${size}`)
    return zstd.HEAPU8.slice(target, target + size)
  }
}
