/**
 * What lies in the input folder: each readable thing with its report and the leaves it reaches. Cached by path, size and
 * modification time, so that ten thousand unchanged files cost a walk and nothing else.
 */
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import pLimit from 'p-limit'
import { converters } from '../../converters/index.js'
import { datasetOf } from '../model/dataset.js'
import { MissingInputError, PermissionError } from '../model/errors.js'
import { partitionOf } from '../model/partition.js'
import type { Converter } from '../model/report.js'
import type { Problem, SourceFinding, Unit } from '../model/unit.js'
import { listMembers, type Member } from '../read/members.js'
import { type FileOnDisk, walk } from '../read/walk.js'
import { HEAD_BYTES } from '../shape/lines.js'
import { Prober } from '../shape/probe.js'
import { type Candidate, recognise, type Verdict } from '../shape/recognise.js'
import { settleSheets } from '../shape/workbook.js'
import { sampleOf } from './sample.js'

export interface Item {
  readonly member: Member
  /** Path below the input folder, entries joined by ` > `. */
  readonly display: string
  readonly verdict: Verdict
}

/** Two entries of one zip may share a name; their places in it differ. */
export function keyOf({ display, member }: Item): string {
  return `${display}\t${member.steps.map(step => step.offset).join('.')}`
}

export interface FileEntry {
  readonly size: number
  readonly mtime: number
  items: Item[]
  readonly problems: readonly Problem[]
}

export interface Inventory {
  /** The folder that the user named; displays are paths below it. */
  readonly root: string
  readonly files: ReadonlyMap<string, FileEntry>
  readonly problems: readonly Problem[]
  /** Files that had to be looked into because nothing was known of them. */
  readonly examined: number
}

/** Where a market's files lie: its own folder, and what belongs to no market's folder. */
export interface Place {
  readonly root: string
  /** `<root>/<iso>` in any letter case, if it exists. */
  readonly own: string | null
  /** Top-level folders of other markets. */
  readonly others: ReadonlySet<string>
  /** Files outside of all markets' folders are looked at as well. */
  readonly shared: boolean
}

/**
 * `DIR/<iso>` in any letter case if it exists, else DIR itself. A run over several markets also looks at what lies outside of
 * their folders, so that no file of the archive goes unnoticed. Throws MissingInputError, PermissionError.
 */
export function placeOf(input: string, iso: string, markets: readonly string[], several: boolean): Place {
  if (!existsSync(input))
    throw new MissingInputError('input.missing', 'no such folder; --input names the archive', { file: input })
  if (!statSync(input).isDirectory())
    throw new MissingInputError('input.not_a_folder', 'this is a file; --input takes the folder that holds it', {
      file: input,
    })
  let folders: string[]
  try {
    folders = readdirSync(input).filter(
      name => markets.includes(name.toLowerCase()) && statSync(join(input, name)).isDirectory(),
    )
  } catch {
    throw new PermissionError('input.permission', 'no permission to list this folder', { file: input })
  }
  const own = folders.find(name => name.toLowerCase() === iso.toLowerCase()) ?? null
  return { root: input, own, others: new Set(folders.filter(name => name !== own)), shared: several || own === null }
}

function filesOf(place: Place): ReturnType<typeof walk> {
  if (place.shared) return walk(place.root, place.others)
  const { files, problems } = walk(join(place.root, place.own ?? ''))
  return { files: files.map(file => ({ ...file, relative: `${place.own}/${file.relative}` })), problems }
}

export async function takeInventory(
  converter: Converter,
  place: Place,
  /** What an earlier run recognised, by relative path. */
  known: Readonly<Record<string, FileEntry>>,
  hint: string | undefined,
): Promise<Inventory> {
  const { root } = place
  const { files, problems } = filesOf(place)
  const entries = new Map<string, FileEntry>()
  const limit = pLimit(4)
  const prober = new Prober(converter)
  // Handed from file to file: ten thousand fresh ones would be a gigabyte of garbage.
  const buffers: Uint8Array[] = []
  let examined = 0
  const fresh: Promise<void>[] = []
  for (const file of files) {
    const entry = known[file.relative]
    if (entry && entry.size === file.size && entry.mtime === file.mtime) {
      entries.set(file.relative, entry)
      continue
    }
    // Order of insertion is order of the walk, whatever finishes first.
    const placed: FileEntry = { size: file.size, mtime: file.mtime, items: [], problems: [] }
    entries.set(file.relative, placed)
    examined++
    fresh.push(
      limit(async () => {
        const buffer = buffers.pop() ?? new Uint8Array(2 * HEAD_BYTES)
        const sure = hint === converter.iso || file.relative.startsWith(`${place.own}/`)
        const made = await examine(prober, file, sure, buffer)
        buffers.push(buffer)
        placed.items = made.items
        ;(placed.problems as Problem[]).push(...made.problems)
      }),
    )
  }
  await Promise.all(fresh)
  return {
    root,
    files: entries,
    problems: problems.map(error => ({ file: error.at.file ?? root, code: error.code, message: error.message })),
    examined,
  }
}

/** @param sure the folder or the user says that the file is this market's */
async function examine(
  prober: Prober,
  file: FileOnDisk,
  sure: boolean,
  buffer: Uint8Array,
): Promise<{ items: Item[]; problems: Problem[] }> {
  const { members, problems } = await listMembers(file.path)
  const items: Item[] = []
  for (const member of members) {
    const display = [file.relative, ...member.entries].join(' > ')
    items.push({
      member,
      display,
      verdict: await recognise(prober.converter, candidateOf(prober.converter, member, display, sure, buffer), prober),
    })
  }
  return {
    items: settleSheets(items),
    problems: problems.map(({ code, message }) => ({ file: file.relative, code, message })),
  }
}

function candidateOf(
  { iso }: Converter,
  member: Member,
  display: string,
  sure: boolean,
  buffer: Uint8Array,
): Candidate {
  const others = sure ? [] : [...converters.values()].filter(each => each.iso !== iso)
  return {
    sure,
    foreign: others.flatMap(each => each.reports),
    name: member.name,
    path: display,
    memberTime: member.time,
    workbook: member.kind === 'workbook',
    sheet: member.kind === 'sheet',
    empty: member.size === 0,
    sample: () => sampleOf(member, buffer),
  }
}

/** Of what conversion found, that which the plan did not know: all the rest would only be kept. */
export function news(unit: Unit, findings: readonly SourceFinding[]): SourceFinding[] {
  const expected = new Map(unit.sources.map(source => [`${source.key}\n${source.report}`, new Set(source.leaves)]))
  return findings.filter(({ key, report, leaves, siblings }) => {
    const known = expected.get(`${key}\n${report}`)
    return siblings.length > 0 || Object.keys(leaves).some(leaf => !known?.has(leaf))
  })
}

/** Puts what conversion has found in the place of what the samples let expect. True if the plan must change. */
export function correct(inventory: Inventory, converter: Converter, findings: readonly SourceFinding[]): boolean {
  const byKey = new Map<string, SourceFinding[]>()
  for (const finding of findings) byKey.set(finding.key, [...(byKey.get(finding.key) ?? []), finding])
  let changed = false
  for (const entry of inventory.files.values())
    entry.items = entry.items.map(item => {
      const found = byKey.get(keyOf(item))
      if (!found || item.verdict.kind !== 'sources') return item
      const sources = [...item.verdict.sources]
      for (const finding of found) {
        const at = sources.findIndex(each => each.report === finding.report)
        const source = sources[at]
        if (!source) continue
        const reached = Object.keys(finding.leaves).filter(key => (finding.leaves[key] ?? 0) > 0)
        const more = reached.filter(key => !source.leaves.includes(key))
        if (more.length > 0) {
          sources[at] = { ...source, leaves: [...source.leaves, ...more].sort() }
          changed = true
        }
        for (const sibling of finding.siblings) {
          if (sources.some(each => each.report === sibling)) continue
          const report = converter.reports.find(each => each.id === sibling)
          if (!report) continue
          const dataset = datasetOf(report.dataset)
          const leaves = [...new Set(finding.siblingDays.map(date => partitionOf(dataset, date)))].sort()
          if (leaves.length === 0) continue
          sources.push({ ...source, report: sibling, named: false, leaves })
          changed = true
        }
      }
      return { ...item, verdict: { ...item.verdict, sources } }
    })
  return changed
}
