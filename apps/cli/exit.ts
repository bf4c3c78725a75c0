import { type ErrorCode, UmweltError } from '../../core/errors.js';

export const EXIT_SUCCESS = 0;
export const EXIT_FAILURE = 1;
export const EXIT_USAGE = 2;
export const EXIT_INTERRUPTED = 130;

/** Wrong usage or input is 2, an interruption 130, everything else 1. */
const STATUS: Record<ErrorCode, number> = {
  'invalid-input': EXIT_USAGE,
  'not-found': EXIT_USAGE,
  'malformed-file': EXIT_FAILURE,
  'digest-mismatch': EXIT_FAILURE,
  conflict: EXIT_USAGE,
  'shape-mismatch': EXIT_USAGE,
  'not-finite': EXIT_FAILURE,
  io: EXIT_FAILURE,
  network: EXIT_FAILURE,
  unavailable: EXIT_FAILURE,
  regression: EXIT_FAILURE,
  interrupted: EXIT_INTERRUPTED,
  internal: EXIT_FAILURE,
};

/** Returns the exit status for anything a command may throw. */
export function exitStatus(thrown: unknown): number {
  return thrown instanceof UmweltError ? STATUS[thrown.code] : EXIT_FAILURE;
}

/** Writes one thrown value to standard error: the message for people, or one JSON object for machines. */
export function reportError(
  thrown: unknown,
  options: { readonly json: boolean; readonly verbose: boolean },
): void {
  const code = thrown instanceof UmweltError ? thrown.code : 'internal';
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  if (options.json) {
    const context = thrown instanceof UmweltError ? thrown.context : {};
    process.stderr.write(`${JSON.stringify({ error: { code, message, context } }, jsonSafe)}\n`);
  } else if (thrown instanceof UmweltError) {
    process.stderr.write(`umwelt: ${message}\n`);
  } else {
    process.stderr.write(
      `umwelt: ${message}\n  This is a defect in umwelt. Run again with --verbose for the stack.\n`,
    );
  }
  if (options.verbose && thrown instanceof Error) process.stderr.write(`${thrown.stack}\n${causes(thrown)}`);
}

function causes(error: Error): string {
  return error.cause instanceof Error ? `caused by ${error.cause.stack}\n${causes(error.cause)}` : '';
}

function jsonSafe(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}
