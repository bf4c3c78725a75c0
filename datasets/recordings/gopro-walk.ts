import { join } from 'node:path';
import type { SensorSample } from '../contract.js';
import type { Recording, RecordingFormat } from './contract.js';
import { readTelemetry, type Telemetry } from './gopro-telemetry.js';
import { readGpmf } from './gpmf.js';
import type { GpmfPacket } from './gpmf-tracks.js';
import { type Mp4, type Mp4Track, openMp4, readSamples, requireTrack } from './mp4.js';
import { naturalOrder } from './natural-order.js';
import { namesIn } from './single-files.js';
import {
  cameraSamples,
  cameraStream,
  endOf,
  requireSameTracks,
  soundSamples,
  soundStream,
  videoConversion,
} from './video-streams.js';

/** The published file: `<url>/<commit>/samples/<name>`. */
const COMMIT = '9a7150632892c7356c91145c889016f07b0ed48d';

/** A walk along a path with a GoPro MAX: picture, sound, inertia, satellites and attitude on one clock. */
export const goproWalk: RecordingFormat = {
  name: 'gopro-walk',
  title: 'GoPro: ten seconds of a walk, video with sound and inertia',
  licence: 'Apache-2.0 OR MIT, (c) GoPro, Inc.',
  source: {
    citation: 'GoPro: samples of gpmf-parser, max-heromode.mp4',
    url: 'https://github.com/gopro/gpmf-parser',
    version: COMMIT,
  },
  publication: {
    baseUrl: `https://raw.githubusercontent.com/gopro/gpmf-parser/${COMMIT}/samples`,
    sha256: { 'max-heromode.mp4': '8e8fa98887f86119be1b886762b1080a92afb6cc146db719a238bdcba908277b' },
    withoutDigest: 0,
  },
  holds: (names) => names.some(isRecording),
  async open(folder) {
    const names = (await namesIn(folder)).filter(isRecording).sort(naturalOrder);
    const first = await openMp4(join(folder, names[0]!));
    const expected = tracksOf(first);
    const { streams } = await telemetryOf(first);
    return {
      conversion: {
        ...videoConversion(expected[0]),
        axes: 'x forward = -Y, y left = X, z up = Z of the camera (X left, Y back, Z up)',
        clock:
          'stamps (STMP) of the readings, from that of the first frame (CORI); readings before it are left out',
        stabilised: 'the camera has steadied the pictures: they do not follow the gyroscope',
      },
      streams: [cameraStream(expected[0]), soundStream(expected[1]), ...streams],
      entries: names.map((name) => ({ name, files: [name] })),
      async read({ name }): Promise<Recording> {
        const mp4 = await openMp4(join(folder, name));
        const [video, sound] = tracksOf(mp4);
        requireSameTracks(mp4, [video, sound], expected);
        const telemetry = await telemetryOf(mp4);
        return {
          durationS: Math.max(endOf(video), endOf(sound), telemetry.endS),
          attributes: {},
          samples: samplesOf(mp4, video, sound, telemetry),
        };
      },
    };
  },
};

function isRecording(name: string): boolean {
  return /^(max|hero|karma|fusion|g[hxpl])[\w-]*\.mp4$/i.test(name);
}

function tracksOf(mp4: Mp4) {
  return [requireTrack(mp4, 'video', /^avc1/), requireTrack(mp4, 'audio', /^mp4a/)] as const;
}

async function telemetryOf(mp4: Mp4): Promise<Telemetry> {
  const packets: GpmfPacket[] = [];
  for await (const { sample, data } of readSamples(mp4, requireTrack(mp4, 'metadata', /^gpmd$/).samples)) {
    packets.push({ items: readGpmf(data, mp4.name, sample.firstByte) });
  }
  return readTelemetry(packets, mp4.name);
}

async function* samplesOf(
  mp4: Mp4,
  video: Mp4Track,
  sound: Mp4Track,
  telemetry: Telemetry,
): AsyncGenerator<SensorSample> {
  yield* cameraSamples(mp4, video);
  yield* soundSamples(mp4, sound);
  yield* telemetry.samples();
}
