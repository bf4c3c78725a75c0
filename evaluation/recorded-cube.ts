import { z } from 'zod';
import { UmweltError } from '../core/errors.js';
import { parseDocument } from '../core/validation.js';
import type { DatasetManifest } from '../datasets/contract.js';

const configuration = z.object({
  title: z.string().default('recordings'),
  licence: z.string().default('not stated'),
  source: z.object({ url: z.string().default('') }).prefault({}),
  conversion: z.object({
    rateHz: z.number().positive(),
    cube: z.object({
      widthM: z.number().positive(),
      massKg: z.number().positive(),
      inertiaKgm2: z.number().positive(),
    }),
  }),
});

/** What is known about the cube that was recorded and where the recordings come from. */
export interface RecordedCube {
  readonly title: string;
  readonly licence: string;
  readonly url: string;
  readonly rateHz: number;
  readonly widthM: number;
  readonly massKg: number;
  /** About each principal axis. */
  readonly inertiaKgm2: number;
}

/**
 * Reads the facts about the recorded cube from a dataset of recordings.
 *
 * @throws UmweltError `invalid-input` when the dataset was not measured in the physical world, or is not of a cube.
 */
export function recordedCube(manifest: DatasetManifest): RecordedCube {
  if (manifest.origin !== 'recorded') {
    throw new UmweltError(
      'invalid-input',
      { name: manifest.name, origin: manifest.origin },
      `evaluation judges by recordings of the physical world: dataset "${manifest.name}" is ${manifest.origin}, not recorded`,
    );
  }
  const { title, licence, source, conversion } = parseDocument(
    configuration,
    manifest.configuration,
    `configuration of the recordings "${manifest.name}"`,
  );
  return { title, licence, url: source.url, rateHz: conversion.rateHz, ...conversion.cube };
}
