/** Every file below a folder, in one fixed order, whatever the file system's own is. Links are followed once. */
import { readdirSync, realpathSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { asConvertError, type ConvertError } from '../model/errors.js'

export interface FileOnDisk {
  readonly path: string
  /** Path below the folder that was walked, with `/`. */
  readonly relative: string
  readonly size: number
  /** ms since 1970. */
  readonly mtime: number
}

const JUNK = /^(\._.*|\.DS_Store|Thumbs\.db|desktop\.ini|.*\.(tmp|part|crdownload))$/i

/** @param without names of top-level folders that are left out */
export function walk(
  root: string,
  without: ReadonlySet<string> = new Set(),
): { files: FileOnDisk[]; problems: ConvertError[] } {
  const files: FileOnDisk[] = []
  const problems: ConvertError[] = []
  const seen = new Set<string>()
  const visit = (folder: string, below: string): void => {
    let names: string[]
    try {
      const real = realpathSync(folder)
      if (seen.has(real)) return
      seen.add(real)
      names = readdirSync(folder).sort()
    } catch (error) {
      problems.push(asConvertError(error, { file: folder }))
      return
    }
    for (const name of names) {
      if (JUNK.test(name) || name === '__MACOSX' || (below === '' && without.has(name))) continue
      const path = join(folder, name)
      const relative = below ? `${below}/${name}` : name
      try {
        const stat = statSync(path)
        if (stat.isDirectory()) visit(path, relative)
        else if (stat.isFile()) files.push({ path, relative, size: stat.size, mtime: Math.floor(stat.mtimeMs) })
      } catch (error) {
        problems.push(asConvertError(error, { file: path }))
      }
    }
  }
  visit(root, '')
  return { files, problems }
}
