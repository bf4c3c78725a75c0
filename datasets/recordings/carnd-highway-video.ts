import { join } from 'node:path';
import type { SensorSample } from '../contract.js';
import type { Recording, RecordingFormat } from './contract.js';
import { type Mp4, type Mp4Track, openMp4, requireTrack } from './mp4.js';
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

/** The published files: `<url>/<commit>/test_videos/<name>`. */
const COMMIT = 'ce5681be7ef8140560c0e464ef2da611e40b4fc9';
const FILES = ['challenge.mp4', 'solidWhiteRight.mp4', 'solidYellowLeft.mp4'];

/** A car's dash camera on a highway (Udacity's lane-finding project). No speed, no pose; the sound is silence. */
export const carndHighwayVideo: RecordingFormat = {
  name: 'carnd-highway-video',
  title: 'CarND: dash camera on a highway',
  licence: 'MIT, (c) 2016-2019 Udacity, Inc.',
  source: {
    citation: 'Udacity: Self-Driving Car Engineer Nanodegree, project 1, finding lane lines',
    url: 'https://github.com/udacity/CarND-LaneLines-P1',
    version: COMMIT,
  },
  publication: {
    baseUrl: `https://raw.githubusercontent.com/udacity/CarND-LaneLines-P1/${COMMIT}/test_videos`,
    sha256: { 'solidWhiteRight.mp4': '2d8e14b46fe89afbc8ad1f718685cf09b83e85a324095031c38186a9f0535417' },
    withoutDigest: FILES.length - 1,
  },
  holds: (names) => names.some(isRecording),
  async open(folder) {
    const names = (await namesIn(folder)).filter(isRecording).sort(naturalOrder);
    const expected = tracksOf(await openMp4(join(folder, names[0]!)));
    return {
      conversion: videoConversion(expected[0]),
      streams: [cameraStream(expected[0]), soundStream(expected[1])],
      entries: names.map((name) => ({ name, files: [name] })),
      async read({ name }): Promise<Recording> {
        const mp4 = await openMp4(join(folder, name));
        const [video, sound] = tracksOf(mp4);
        requireSameTracks(mp4, [video, sound], expected);
        return {
          durationS: Math.max(endOf(video), endOf(sound)),
          attributes: {},
          samples: samplesOf(mp4, video, sound),
        };
      },
    };
  },
};

function isRecording(name: string): boolean {
  return FILES.includes(name);
}

function tracksOf(mp4: Mp4) {
  return [requireTrack(mp4, 'video', /^avc1/), requireTrack(mp4, 'audio', /^mp4a/)] as const;
}

async function* samplesOf(mp4: Mp4, video: Mp4Track, sound: Mp4Track): AsyncGenerator<SensorSample> {
  yield* cameraSamples(mp4, video);
  yield* soundSamples(mp4, sound);
}
