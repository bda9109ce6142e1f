import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { InternalError, IoError } from '../../src/model/errors.js'
import { AtomicFile, removeLeftovers, writeWhole } from '../../src/write/atomic.js'
import { temporaryFolder } from './helpers.js'

const root = temporaryFolder()
let count = 0
function folder(): string {
  const path = join(root, String(count++))
  mkdirSync(path)
  return path
}

test('the target appears with the commit, whole, with its digest and length', () => {
  const dir = folder()
  const target = join(dir, 'a/b/file.bin')
  const file = new AtomicFile(target)
  const pieces = [
    Buffer.from('start'),
    Buffer.alloc(900_000, 1),
    Buffer.alloc(200_000, 2),
    Buffer.alloc(3_000_000, 3),
    Buffer.from('end'),
  ]
  const reused = Buffer.alloc(3_000_000)
  for (const piece of pieces) {
    // The caller's buffer is used again after each call.
    piece.copy(reused)
    file.write(reused.subarray(0, piece.length))
  }
  expect(existsSync(target)).toBe(false)
  expect(file.temporary).toBe(`${target}.${process.pid}.tmp`)
  file.commit()
  const whole = Buffer.concat(pieces)
  expect(readFileSync(target).equals(whole)).toBe(true)
  expect(file.length).toBe(whole.length)
  expect(file.sha256).toBe(createHash('sha256').update(whole).digest('hex'))
  expect(readdirSync(join(dir, 'a/b'))).toEqual(['file.bin'])
  file.abandon()
  expect(existsSync(target)).toBe(true)
  expect(() => file.write(Buffer.from('x'))).toThrow(InternalError)
})

test('an abandoned file leaves the old target as it was', () => {
  const dir = folder()
  const target = join(dir, 'file')
  writeFileSync(target, 'old')
  const file = new AtomicFile(target)
  file.write(Buffer.alloc(2_000_000))
  expect(readdirSync(dir)).toHaveLength(2)
  expect(() => file.sha256).toThrow(InternalError)
  file.abandon()
  file.abandon()
  expect(readdirSync(dir)).toEqual(['file'])
  expect(readFileSync(target, 'utf8')).toBe('old')
  expect(() => file.commit()).toThrow(InternalError)
})

test('after sync the temporary file is complete, for a check before the commit', () => {
  const target = join(folder(), 'file')
  writeFileSync(target, 'old')
  const file = new AtomicFile(target)
  file.write(Buffer.from('new'))
  file.sync()
  expect(readFileSync(file.temporary, 'utf8')).toBe('new')
  expect(readFileSync(target, 'utf8')).toBe('old')
  file.commit()
  expect(readFileSync(target, 'utf8')).toBe('new')
})

test('a full disk: an IoError with the path, the old target, nothing left behind', () => {
  const dir = folder()
  const target = join(dir, 'file')
  writeFileSync(target, 'old')
  symlinkSync('/dev/full', `${target}.${process.pid}.tmp`)
  const file = new AtomicFile(target)
  file.write(Buffer.from('does not fit'))
  expect(() => file.commit()).toThrow(IoError)
  expect(() => writeWholeToFull(target)).toThrow(/file: ENOSPC/)
  expect(readdirSync(dir)).toEqual(['file'])
  expect(readFileSync(target, 'utf8')).toBe('old')
})

function writeWholeToFull(target: string) {
  symlinkSync('/dev/full', `${target}.${process.pid}.tmp`)
  writeWhole(target, Buffer.alloc(10))
}

test('a target that cannot be replaced: an error, and nothing left behind', () => {
  const dir = folder()
  mkdirSync(join(dir, 'file/inside'), { recursive: true })
  expect(() => writeWhole(join(dir, 'file'), Buffer.from('x'))).toThrow(/file: E/)
  expect(readdirSync(dir)).toEqual(['file'])
  writeFileSync(join(dir, 'plain'), '')
  expect(() => new AtomicFile(join(dir, 'plain/file'))).toThrow(/plain/)
})

test('writeWhole takes bytes and text', () => {
  const path = join(folder(), 'deep/er/file.json')
  writeWhole(path, '{"grüß":1}')
  expect(readFileSync(path, 'utf8')).toBe('{"grüß":1}')
  writeWhole(path, new Uint8Array())
  expect(readFileSync(path).length).toBe(0)
})

test('leftovers of dead processes and of our own number go, all else stays', () => {
  const dir = folder()
  const dead = spawnSync(process.execPath, ['-e', '']).pid
  const names = [
    `a.parquet.${dead}.tmp`,
    `b.parquet.${process.pid}.tmp`,
    `c.parquet.${process.ppid}.tmp`,
    'd.parquet',
    'e.tmp',
    'f.12x.tmp',
  ]
  for (const name of names) writeFileSync(join(dir, name), '')
  expect(removeLeftovers(dir)).toEqual([names[0], names[1]].sort())
  expect(readdirSync(dir).sort()).toEqual(names.slice(2).sort())
  expect(removeLeftovers(join(dir, 'missing'))).toEqual([])
})
