import { messageOf, StippleError } from '../core/errors.js'

/** One line for anything thrown: the message of an error of ours, or an explanation of an error of the system. */
export function explain(error: unknown): string {
  if (error instanceof StippleError) return error.message
  if (isSystemError(error)) {
    const { code, path = 'the file' } = error
    const known = systemErrors[code]
    if (known) return `expected ${known.expected} ${path}; got ${code}, ${known.got}; ${known.action}`
  }
  return `expected the work to finish; got ${messageOf(error)}; run it again with --verbose for the stack`
}

interface Explanation {
  readonly expected: string
  readonly got: string
  readonly action: string
}

const systemErrors: Readonly<Record<string, Explanation | undefined>> = {
  ENOSPC: { expected: 'room on the disk for', got: 'no space left', action: 'free some space or choose another --out' },
  EDQUOT: {
    expected: 'room on the disk for',
    got: 'the quota is used up',
    action: 'free some space or choose another --out',
  },
  EACCES: {
    expected: 'permission to use',
    got: 'permission denied',
    action: 'check the permissions or choose another path',
  },
  EPERM: {
    expected: 'permission to use',
    got: 'operation not permitted',
    action: 'check the permissions or choose another path',
  },
  EROFS: { expected: 'a place to write at', got: 'a read-only file system', action: 'choose another --out' },
  ENOENT: { expected: 'a file at', got: 'nothing there', action: 'check the path' },
  EISDIR: { expected: 'a file at', got: 'a folder', action: 'check the path' },
  ENOTDIR: { expected: 'a folder on the way to', got: 'a file', action: 'check the path' },
  EMFILE: { expected: 'to open', got: 'too many open files', action: 'raise the limit of open files (ulimit -n)' },
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException & { readonly code: string } {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && 'syscall' in error
}
