/** What `import ... from 'umwelt'` offers; every module is also reachable by its path (`umwelt/sensors/rig`). */
export { type ErrorCode, UmweltError } from '../core/errors.js';
export { randomStream } from '../core/random.js';
export type {
  Dataset,
  DatasetManifest,
  Episode,
  SensorSample,
  StreamDescription,
} from '../datasets/contract.js';
export { openDataset, verifyDataset } from '../datasets/reader.js';
export { fetchRecordings } from '../datasets/recordings/fetch.js';
export { importRecordings } from '../datasets/recordings/import.js';
export type { Forecaster, Trajectory } from '../evaluation/contract.js';
export { evaluateRecordings } from '../evaluation/evaluate.js';
export { compileEpisode } from '../scenarios/compile.js';
export type { SimSpec } from '../scenarios/contract.js';
export { findScenario, listScenarios } from '../scenarios/library.js';
export { loadScenario } from '../scenarios/load.js';
export { parseScenario, type Scenario } from '../scenarios/schema.js';
export { createRig } from '../sensors/rig.js';
export type { SimFrame, World } from '../sim/contract.js';
export { simulate } from '../sim/simulate.js';
export { createWorld } from '../sim/world.js';
export type { Rollout, WorldModel } from '../worldmodel/contract.js';
export { type ExportManifest, exportModel } from '../worldmodel/export/export.js';
export { loadWorldModel } from '../worldmodel/rollout.js';
export { senseEpisode } from './episode.js';
export { type EvaluateOptions, evaluateModels } from './evaluate.js';
export { type GenerateOptions, generateDataset } from './generate.js';
export { type RolledOut, type RolloutDatasetOptions, rolloutDataset } from './rollout.js';
export { paintRolloutSheet, type RolloutSheetOptions, writeRolloutSheet } from './rollout-sheet.js';
export { type TrainModelOptions, trainModel } from './train.js';
