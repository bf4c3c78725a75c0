import { z } from 'zod';
import { parseDocument } from '../../../core/validation.js';
import type { DatasetManifest } from '../../../datasets/contract.js';

const configuration = z.object({
  conversion: z.object({
    rateHz: z.number().positive(),
    cube: z.object({
      widthM: z.number().positive(),
      massKg: z.number().positive(),
      inertiaKgm2: z.number().positive(),
    }),
  }),
});

/** What is known about the cube that was recorded. */
export interface RecordedCube {
  readonly rateHz: number;
  readonly widthM: number;
  readonly massKg: number;
  /** About each principal axis. */
  readonly inertiaKgm2: number;
}

/**
 * Reads the facts about the recorded cube from a dataset of recordings.
 *
 * @throws UmweltError `invalid-input` when the dataset is not of a cube.
 */
export function recordedCube(manifest: DatasetManifest): RecordedCube {
  const { conversion } = parseDocument(
    configuration,
    manifest.configuration,
    `configuration of the recordings "${manifest.name}"`,
  );
  return { rateHz: conversion.rateHz, ...conversion.cube };
}
