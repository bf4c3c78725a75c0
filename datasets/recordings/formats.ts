import { UmweltError } from '../../core/errors.js';
import { audioFiles } from './audio-files.js';
import { bmclabForcePlate } from './bmclab-force-plate.js';
import { boreasEgoPose } from './boreas-ego-pose.js';
import { bridgeRobot } from './bridge-robot.js';
import { carndHighwayVideo } from './carnd-highway-video.js';
import { charismaImpactEcho } from './charisma-impact-echo.js';
import { comma2k19Segment } from './comma2k19-segment.js';
import { commonroadNgsim } from './commonroad-ngsim.js';
import { contactnetsCube } from './contactnets-cube.js';
import type { RecordingFormat } from './contract.js';
import { fabricslideTactile } from './fabricslide-tactile.js';
import { goproWalk } from './gopro-walk.js';
import { lerobot } from './lerobot.js';
import { mcap } from './mcap.js';
import { multiarmPendulum } from './multiarm-pendulum.js';
import { sonicpiStruck } from './sonicpi-struck.js';

/**
 * Every kind of recording that can be imported. The first that a folder of several holds is taken where none is named:
 * ContactNets', then those of one publication, then general ones.
 */
export const RECORDING_FORMATS: readonly RecordingFormat[] = [
  contactnetsCube,
  sonicpiStruck,
  charismaImpactEcho,
  fabricslideTactile,
  bmclabForcePlate,
  commonroadNgsim,
  multiarmPendulum,
  bridgeRobot,
  goproWalk,
  carndHighwayVideo,
  boreasEgoPose,
  comma2k19Segment,
  audioFiles,
  lerobot,
  mcap,
];

/** Counts the files that `umwelt recordings fetch` gets; 0 where nothing can be fetched. */
export function filesToFetch({ publication }: RecordingFormat): number {
  return publication === undefined ? 0 : Object.keys(publication.sha256).length;
}

/** @throws UmweltError `invalid-input` when there is no such format. */
export function recordingFormat(name: string): RecordingFormat {
  const found = RECORDING_FORMATS.find((format) => format.name === name);
  if (found !== undefined) return found;
  const known = RECORDING_FORMATS.map((format) => format.name);
  throw new UmweltError(
    'invalid-input',
    { name, known },
    `there are no recordings called "${name}": expected ${known.join(', ')}`,
  );
}
