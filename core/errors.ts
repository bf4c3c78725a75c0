/** Every way umwelt can fail. Exit statuses are derived from these in apps/cli/exit.ts. */
export type ErrorCode =
  /** The caller's input (scenario, flag, argument) is wrong. */
  | 'invalid-input'
  /** A file or folder that was asked for does not exist. */
  | 'not-found'
  /** A file is not in the form that it claims: truncated, wrong magic, hostile, out of range. */
  | 'malformed-file'
  /** A file's bytes differ from the digest that was recorded for it. */
  | 'digest-mismatch'
  /** The target folder holds something else, or another process is writing to it. */
  | 'conflict'
  /** Two tensors, streams or schemas do not fit together. */
  | 'shape-mismatch'
  /** Training produced a value that is not finite. */
  | 'not-finite'
  /** The operating system refused to read or write (full disk, permission). */
  | 'io'
  /** A server could not be reached or answered with an error. */
  | 'network'
  /** A native package or execution provider that is needed is missing. */
  | 'unavailable'
  /** A comparison that was asked to fail found something worse than before. */
  | 'regression'
  /** The user interrupted the work. */
  | 'interrupted'
  /** A defect in umwelt itself. */
  | 'internal';

/**
 * The only error umwelt throws on purpose: data first, message last.
 *
 * The message says what was expected, what arrived, where, and how to mend it.
 */
export class UmweltError extends Error {
  readonly code: ErrorCode;
  readonly context: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, context: Readonly<Record<string, unknown>>, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'UmweltError';
    this.code = code;
    this.context = context;
  }
}

/** Describes any thrown value in one line, for use inside another message. */
export function describeCause(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
