/**
 * Every error that a person may see, and the exit code each leads to.
 * Tests match the `code`; people read the sentence, which names the place, what was expected, what was found and the next step.
 */

export interface Place {
  /** Path as given, with zip entries joined by ` > `. */
  readonly file?: string
  readonly line?: number
}

export abstract class ConvertError extends Error {
  abstract readonly exitCode: number
  constructor(
    /** Stable, dotted: `zip.truncated`, `layout.unknown`. */
    readonly code: string,
    message: string,
    readonly at: Place = {},
  ) {
    const place = [at.file, at.line].filter(part => part !== undefined).join(':')
    super(place ? `${place}: ${message}` : message)
    this.name = new.target.name
  }
}

/** The command line is wrong. Nothing was touched. */
export class UsageError extends ConvertError {
  readonly exitCode = 2
}

/** An input file is not what its name or header promises. That file is refused; the others go on. */
export class InputError extends ConvertError {
  readonly exitCode = 65
}

/** Nothing to read: no input folder, no matching file. */
export class MissingInputError extends ConvertError {
  readonly exitCode = 66
}

/** The program contradicts itself. */
export class InternalError extends ConvertError {
  readonly exitCode = 70
}

/** Memory, file handles or processes ran out. */
export class ResourceError extends ConvertError {
  readonly exitCode = 71
}

/** An output cannot be created, or another run holds the lock. */
export class OutputError extends ConvertError {
  readonly exitCode = 73
}

/** Reading or writing failed: disk full, device error. */
export class IoError extends ConvertError {
  readonly exitCode = 74
}

/** Trying again may help: an input changed while it was read. */
export class TemporaryError extends ConvertError {
  readonly exitCode = 75
}

/** No permission to read or write. */
export class PermissionError extends ConvertError {
  readonly exitCode = 77
}

/** Existing output or configuration that this version does not understand. */
export class ConfigError extends ConvertError {
  readonly exitCode = 78
}

/** Exit codes as README documents them; a test compares the two. */
export const EXIT_CODES: Readonly<Record<number, string>> = {
  0: 'everything asked for was done, or there was nothing to do',
  1: 'unexpected error',
  2: 'wrong usage; nothing was touched',
  65: 'data errors: a file of a known report could not be read to its end, or rows were quarantined or intervals missing above the limit; everything else was written',
  66: 'input missing: no such folder, or no file of a known report in it',
  70: 'internal error, or a worker that had to be stopped',
  71: 'out of memory or another resource of the machine',
  73: 'output cannot be created, or another run holds it',
  74: 'reading or writing failed, for example a full disk',
  75: 'temporary: an input changed or vanished while it was read; running again is safe',
  77: 'no permission to read the input or write the output',
  78: 'existing output was written by a newer version, or the configuration is wrong',
  130: 'interrupted (SIGINT)',
  143: 'terminated (SIGTERM)',
}

const BY_ERRNO: Readonly<Record<string, new (code: string, message: string, at?: Place) => ConvertError>> = {
  ENOSPC: IoError,
  EDQUOT: IoError,
  EIO: IoError,
  EROFS: PermissionError,
  EACCES: PermissionError,
  EPERM: PermissionError,
  EMFILE: ResourceError,
  ENFILE: ResourceError,
  ENOENT: TemporaryError,
}

/** What V8 says when the kernel refuses memory; Node, zlib and system calls have codes for it. */
const REFUSED = /Array buffer allocation failed|Memory\.grow/
const REFUSED_CODES = ['ENOMEM', 'Z_MEM_ERROR', 'ERR_MEMORY_ALLOCATION_FAILED']

/** An allocation was refused: never the fault of the data that was being read. */
export function isRefusal(error: unknown): boolean {
  const { code = '', message = '' } = error as NodeJS.ErrnoException
  return REFUSED_CODES.includes(code) || (error instanceof RangeError && REFUSED.test(message))
}

/** Gives a system error its class and its place; anything already ours passes through. */
export function asConvertError(error: unknown, at: Place = {}): ConvertError {
  if (error instanceof ConvertError) return error
  if (isRefusal(error))
    return new ResourceError('memory.limit', `an allocation was refused (${(error as Error).message})`, at)
  const { code, message } = error as NodeJS.ErrnoException
  const Class = (code && BY_ERRNO[code]) || InternalError
  return new Class(code ? `io.${code}` : 'internal', message ?? String(error), at)
}
