import { malformed } from './malformed.js';
import { type MatValue, readMatVariables } from './mat-v5.js';
import { readTable } from './table.js';

/** How many arms swing, by the name that files and streams give the rig. */
export const PENDULUM_ARMS = { single: 1, double: 2, triple: 3 } as const;

/** One of the three rigs. */
export type PendulumRig = keyof typeof PENDULUM_ARMS;

/** A slice of one run, as the file has it. */
export interface PendulumChunk {
  /** `id-3`: the fourth chunk that the authors identified their model on; `vad-0`: the first that they kept back for validation. */
  readonly part: string;
  /** From the start of the run, seconds. */
  readonly timeS: Float64Array;
  /** [samples, 2 arms]: angles (rad), then angular velocities (rad/s) of each arm, the file's convention. */
  readonly values: Float64Array;
}

const SPLITS = ['id', 'vad'] as const;
/** The files are at 1 kHz; a sample may be this far from its tick, seconds. */
const MOST_JITTER_S = 1e-4;
/** Samples a second. */
export const PENDULUM_RATE_HZ = 1000;

/**
 * Reads the chunks of a published MAT-file: cell arrays Time_id, Y_id, Time_vad, Y_vad, with Y [2 arms, samples].
 *
 * @throws UmweltError `malformed-file` naming the file and the place.
 */
export function readMatChunks(bytes: Uint8Array, path: string, rig: PendulumRig): readonly PendulumChunk[] {
  const names = SPLITS.flatMap((split) => [`Time_${split}`, `Y_${split}`]);
  const variables = readMatVariables(bytes, path, names);
  return SPLITS.flatMap((split) => {
    const times = cellsOf(variables, `Time_${split}`, path);
    const values = cellsOf(variables, `Y_${split}`, path);
    if (times.length !== values.length) {
      throw malformed(
        path,
        `Y_${split}`,
        `expected ${times.length} chunks as in Time_${split}, got ${values.length}`,
      );
    }
    return times.map((time, i): PendulumChunk => {
      const place = `Y_${split}{${i + 1}}`;
      const timeS = numbersOf(time, path, `Time_${split}{${i + 1}}`).values;
      const table = numbersOf(values[i]!, path, place);
      const [rows, columns] = table.dimensions;
      if (table.dimensions.length !== 2 || rows !== 2 * PENDULUM_ARMS[rig] || columns !== timeS.length) {
        const expected = `${2 * PENDULUM_ARMS[rig]} x ${timeS.length}`;
        throw malformed(path, place, `expected ${expected} numbers, got ${table.dimensions.join(' x ')}`);
      }
      return checked(
        { part: `${split}-${i}`, timeS, values: table.values },
        path,
        rig,
        (row) => `${place}, sample ${row}`,
      );
    });
  });
}

function cellsOf(variables: ReadonlyMap<string, MatValue>, name: string, path: string): readonly MatValue[] {
  const value = variables.get(name)!;
  if (value.kind !== 'cells') throw malformed(path, name, 'expected a cell array, got numbers');
  return value.cells;
}

function numbersOf(value: MatValue, path: string, place: string): MatValue & { kind: 'numbers' } {
  if (value.kind !== 'numbers') throw malformed(path, place, 'expected numbers, got a cell array');
  return value;
}

/**
 * Reads the chunks of a CSV: columns split, chunk, t_s, theta1_rad .., omega1_radps .., rows in order of chunk and time.
 *
 * @throws UmweltError `malformed-file` naming the file, the line and the column.
 */
export function readCsvChunks(bytes: Uint8Array, path: string, rig: PendulumRig): readonly PendulumChunk[] {
  const arms = Array.from({ length: PENDULUM_ARMS[rig] }, (_, i) => i + 1);
  const columns = [...arms.map((arm) => `theta${arm}_rad`), ...arms.map((arm) => `omega${arm}_radps`)];
  const table = readTable(bytes, path, {
    delimiter: ',',
    numbers: ['t_s', ...columns],
    texts: ['split', 'chunk'],
  });
  const starts: { part: string; row: number }[] = [];
  const seen = new Set<string>();
  for (let row = 0; row < table.rows; row++) {
    const [split, chunk] = [table.texts.split[row]!, table.texts.chunk[row]!];
    const place = `line ${table.lines[row]}`;
    if (!SPLITS.some((known) => known === split)) {
      throw malformed(
        path,
        `${place}, column split`,
        `expected id or vad, got ${JSON.stringify(split.slice(0, 40))}`,
      );
    }
    if (!/^\d{1,6}$/.test(chunk)) {
      throw malformed(
        path,
        `${place}, column chunk`,
        `expected a whole number, got ${JSON.stringify(chunk.slice(0, 40))}`,
      );
    }
    const part = `${split}-${Number(chunk)}`;
    if (part === starts.at(-1)?.part) continue;
    if (seen.has(part)) throw malformed(path, place, `chunk ${part} goes on after another chunk`);
    seen.add(part);
    starts.push({ part, row });
  }
  return starts.map(({ part, row }, i): PendulumChunk => {
    const end = starts[i + 1]?.row ?? table.rows;
    const values = new Float64Array((end - row) * columns.length);
    for (const [place, column] of columns.entries()) {
      const from = table.numbers[column]!;
      for (let at = row; at < end; at++) values[(at - row) * columns.length + place] = from[at]!;
    }
    const timeS = table.numbers.t_s!.slice(row, end);
    return checked({ part, timeS, values }, path, rig, (at) => `line ${table.lines[row + at]}`);
  });
}

/** Lets through a chunk of finite numbers at an even 1 kHz. */
function checked(
  chunk: PendulumChunk,
  path: string,
  rig: PendulumRig,
  placeOf: (row: number) => string,
): PendulumChunk {
  const { timeS, values, part } = chunk;
  const width = 2 * PENDULUM_ARMS[rig];
  if (timeS.length === 0) throw malformed(path, part, 'there are no samples');
  for (let row = 0; row < timeS.length; row++) {
    const numbers = values.subarray(row * width, (row + 1) * width);
    const bad = [timeS[row]!, ...numbers].find((value) => !Number.isFinite(value));
    if (bad !== undefined) throw malformed(path, placeOf(row), `expected finite numbers, got ${bad}`);
    const expected = timeS[0]! + row / PENDULUM_RATE_HZ;
    if (Math.abs(timeS[row]! - expected) > MOST_JITTER_S) {
      const problem =
        row > 0 && timeS[row]! <= timeS[row - 1]! ? 'time must run forwards' : 'the rate must be 1 kHz';
      throw malformed(path, placeOf(row), `${problem}: expected ${expected.toFixed(3)} s, got ${timeS[row]}`);
    }
  }
  return chunk;
}
