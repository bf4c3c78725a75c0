import { soundFiles } from './audio-files.js';
import type { RecordingFormat } from './contract.js';
import { SONICPI_STRUCK_SHA256 } from './sonicpi-struck-digests.js';

const COMMIT = 'c0002065a976b1355e7889f4aa96a1804e2b8119';
/** `drum_tom_lo_hard.flac`; synthetic and doubtful samples of the same folder are left out. */
const FILE_NAME = /^((?:drum|tabla|perc)_\w+?)(?:_(soft|hard))?\.flac$/;
const NOT_STRUCK = new Set([
  'drum_heavy_kick',
  'perc_impact1',
  'perc_impact2',
  'perc_door',
  'perc_snap',
  'perc_snap2',
]);

/** Struck drums, cymbals, bells and tabla, some soft and hard (freesound.org by way of Sonic Pi). */
export const sonicpiStruck: RecordingFormat = {
  name: 'sonicpi-struck',
  title: 'Sonic Pi: struck drums, cymbals, bells and tabla',
  licence: 'CC0-1.0, as etc/samples/README.md says of each sample',
  source: {
    citation: 'Samples of Sonic Pi (Aaron and contributors), from freesound.org',
    url: 'https://github.com/sonic-pi-net/sonic-pi',
    version: COMMIT,
  },
  publication: {
    baseUrl: `https://raw.githubusercontent.com/sonic-pi-net/sonic-pi/${COMMIT}/etc/samples`,
    sha256: SONICPI_STRUCK_SHA256,
    withoutDigest: 10,
  },
  ...soundFiles({
    subfolder: 'flac',
    isRecording: (fileName) => partsOf(fileName) !== null,
    attributesOf: (fileName) => partsOf(fileName)!,
  }),
};

function partsOf(fileName: string): { readonly object: string; readonly stroke: string | null } | null {
  const [, object, stroke] = FILE_NAME.exec(fileName) ?? [];
  return object === undefined || NOT_STRUCK.has(object) ? null : { object, stroke: stroke ?? null };
}
