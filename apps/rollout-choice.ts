import { UmweltError } from '../core/errors.js';
import type { Dataset } from '../datasets/contract.js';
import { isSensed, type ModelConfiguration } from '../worldmodel/model/configuration.js';
import { STATE_KIND } from '../worldmodel/observation/state-track.js';
import { ACTION_KIND } from '../worldmodel/observation/task.js';

/** Longer rollouts of one episode would not fit into memory. */
const LONGEST_S = 120;
const MOST_SAMPLES = 1024;

/**
 * Lists the episodes of a dataset that are meant by a number (so many from the first on), a list, or nothing (all).
 *
 * @throws UmweltError `invalid-input` for an empty or repeating list, `not-found` for an episode that is not there.
 */
export function chooseEpisodes(
  wanted: number | readonly number[] | undefined,
  { directory, manifest }: Dataset,
): readonly number[] {
  const held = manifest.episodes.length;
  const chosen =
    typeof wanted === 'object' ? wanted : Array.from({ length: wanted ?? held }, (_, index) => index);
  const missing = chosen.filter((episode) => !(Number.isInteger(episode) && episode >= 0 && episode < held));
  if (missing.length > 0) {
    const got = typeof wanted === 'object' ? missing.slice(0, 5).join(', ') : `the first ${wanted}`;
    throw new UmweltError(
      'not-found',
      { directory, wanted, held },
      `--episodes: expected episodes of ${directory}, which has 0 to ${held - 1}, got ${got}; leave the others out`,
    );
  }
  if (chosen.length === 0 || new Set(chosen).size < chosen.length) {
    throw new UmweltError(
      'invalid-input',
      { wanted },
      `--episodes: expected at least one episode, each once, got ${chosen.length === 0 ? 'none' : chosen.join(', ')}`,
    );
  }
  return chosen;
}

/** Checks how much is to be seen and dreamt. @throws UmweltError `invalid-input` naming the setting that is out of range. */
export function requireSpan(contextS: number, horizonS: number, samples: number): void {
  const checks = [
    ['--context-s', contextS, contextS >= 0 && contextS <= LONGEST_S, `from 0 to ${LONGEST_S} s`],
    ['--horizon-s', horizonS, horizonS > 0 && horizonS <= LONGEST_S, `above 0 and up to ${LONGEST_S} s`],
    [
      '--samples',
      samples,
      Number.isInteger(samples) && samples >= 1 && samples <= MOST_SAMPLES,
      `from 1 to ${MOST_SAMPLES}`,
    ],
  ] as const;
  for (const [option, value, isRight, range] of checks) {
    if (isRight) continue;
    throw new UmweltError('invalid-input', { option, value }, `${option}: expected ${range}, got ${value}`);
  }
}

/** Checks that every chosen episode lasts as long as what is to be seen of it. @throws UmweltError `invalid-input`. */
export function requireContext(
  { directory, manifest }: Dataset,
  chosen: readonly number[],
  contextS: number,
): void {
  const tooShort = chosen.filter((episode) => manifest.episodes[episode]!.durationS < contextS);
  if (tooShort.length === 0) return;
  const shortestS = Math.min(...tooShort.map((episode) => manifest.episodes[episode]!.durationS));
  throw new UmweltError(
    'invalid-input',
    { directory, contextS, episodes: tooShort, shortestS },
    `--context-s: expected a context within each chosen episode of ${directory}, got ${contextS} s; ` +
      `${tooShort.length === 1 ? `episode ${tooShort[0]} lasts` : `${tooShort.length} episodes are shorter, the shortest lasts`} ` +
      `${Number(shortestS.toPrecision(4))} s: see less, or leave ${tooShort.length === 1 ? 'it' : 'them'} out with --episodes`,
  );
}

/** Checks that a model moves as many bodies as a dataset tracks. @throws UmweltError `shape-mismatch`. */
export function requireBodies(
  { bodies }: ModelConfiguration,
  model: string,
  { directory, manifest }: Dataset,
): void {
  const truth = manifest.streams.find(({ kind }) => kind === STATE_KIND);
  const tracked = truth?.fields.find(({ name }) => name === 'positionM')?.shape[0];
  if (tracked === undefined || tracked === bodies) return;
  throw new UmweltError(
    'shape-mismatch',
    { model, directory, expected: bodies, actual: tracked },
    `the model ${model} was trained on ${count(bodies)}, ${directory} tracks ${tracked}: ` +
      'take a dataset of the same scenario, or train a model on this one',
  );
}

/** Names what the model takes and a dataset has no stream for, in the model's order; the state and actions by their kind. */
export function unsensed({ channels, action }: ModelConfiguration, { manifest }: Dataset): readonly string[] {
  const names = new Set(manifest.streams.map(({ name }) => name));
  const kinds = new Set(manifest.streams.map(({ kind }) => kind));
  const senses = channels.filter(isSensed).map(({ stream }) => stream.name);
  return [
    ...(kinds.has(STATE_KIND) ? [] : ['state']),
    ...new Set(senses.filter((name) => !names.has(name))),
    ...(action === null || kinds.has(ACTION_KIND) ? [] : [action.name]),
  ];
}

function count(bodies: number): string {
  return bodies === 1 ? '1 moving body' : `${bodies} moving bodies`;
}
