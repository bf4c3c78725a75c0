import { length, subtract, type Vec3 } from '../../../core/math/vector.js';
import { airAbsorptionNpPerM, speedOfSoundMps } from '../air.js';
import type { Echoes, Hall } from '../hall.js';
import { createDirectivity, shadowGain } from '../microphone.js';
import { BANDS_HZ } from './bands.js';
import { createFollowers } from './followers.js';
import { earlyResponse, isInside, nearInside, type Room } from './response.js';
import { createReverberation, type Reverberation } from './reverberation.js';
import { createTail } from './tail.js';

/** Sources so near to each other share the paths of their echoes. */
const SHARED_M = 0.25;

/** Early echoes of sources that have about the same place. */
interface Cluster {
  readonly placeM: Vec3;
  readonly moves: boolean;
  readonly lag: number;
  readonly reverberation: Reverberation;
  readonly mix: { samples: Float64Array; isFed: boolean };
  readonly lengthSamples: number;
  idleSamples: number;
}

/**
 * Makes the echoes of a room. Early ones (`earlyResponse`) are convolutions, one for all sources within 25 cm of where the
 * first of them sounded; a source that goes farther while it sounds passes to another. The late ones are one convolution for
 * all sources (`createTail`).
 *
 * Of a source that may move far, and for a microphone that a body carries, the six images of one reflection follow instead
 * (`createFollowers`). Later images do not: there the ear tells no directions, and they would cost a hundred times as much.
 *
 * @param seeds [microphones] names of the streams of the tail's noise.
 * @throws UmweltError `invalid-input`, when a source first sounds, where it is not in the room.
 */
export function createEchoes(
  hall: Pick<Hall, 'air' | 'acoustics' | 'microphones' | 'placements'>,
  room: Room,
  seeds: readonly (readonly (string | number)[])[],
): Echoes {
  const tail = createTail(hall.air.rateHz, seeds);
  const clusters: Cluster[] = [];
  const findCluster = (placeM: Vec3, moves: boolean, lag: number): Cluster => {
    const known = clusters.find(
      (cluster) =>
        cluster.moves === moves &&
        cluster.lag === lag &&
        length(subtract(cluster.placeM, placeM)) <= SHARED_M,
    );
    if (known !== undefined) return known;
    const responses = createResponses(hall, room, placeM, moves);
    tail.begin(responses);
    // What is late already starts that much further into the response.
    for (const { response } of responses) response.fill(0, 0, lag + 1);
    const cluster: Cluster = {
      placeM,
      moves,
      lag,
      reverberation: createReverberation(responses.map(({ response }) => response.subarray(lag))),
      mix: { samples: new Float64Array(0), isFed: false },
      lengthSamples: 2 * responses[0]!.response.length,
      idleSamples: 0,
    };
    clusters.push(cluster);
    return cluster;
  };
  return {
    of(moves) {
      const follow = hall.microphones.map(({ body }) => moves || body !== undefined);
      const followers = follow.includes(true) ? createFollowers(hall, room, follow) : null;
      let cluster: Cluster | null = null;
      return ({ heard, sound, count, sounds, placeM, track, lag }) => {
        followers?.(heard, sound, count, sounds, track, lag);
        if (!sounds) return;
        const insideM = nearInside(room, placeM);
        const hasPassed = cluster !== null && !moves && length(subtract(cluster.placeM, insideM)) > SHARED_M;
        // What leaves the room in the end sounds as if it were still where it was last.
        if (cluster === null || (hasPassed && isInside(room, insideM)))
          cluster = findCluster(insideM, moves, lag);
        feed(cluster.mix, sound, count);
        tail.add(sound, count);
      };
    },
    render(heard, count) {
      for (const cluster of clusters) renderCluster(cluster, heard, count);
      tail.render(heard, count);
    },
  };
}

function feed(mix: Cluster['mix'], sound: Float64Array, count: number): void {
  if (mix.samples.length < count) {
    const longer = new Float64Array(count);
    longer.set(mix.samples);
    mix.samples = longer;
  }
  for (let n = 0; n < count; n++) mix.samples[n]! += sound[n]!;
  mix.isFed = true;
}

function renderCluster(cluster: Cluster, heard: readonly Float64Array[], count: number): void {
  const { mix, reverberation, lengthSamples } = cluster;
  cluster.idleSamples = mix.isFed ? 0 : cluster.idleSamples + count;
  // All that was heard has died away: time may stand still.
  if (cluster.idleSamples > lengthSamples + count) return;
  if (mix.samples.length < count) mix.samples = new Float64Array(count);
  reverberation.process(mix.samples, heard, count);
  mix.samples.fill(0);
  mix.isFed = false;
}

function createResponses(
  { air, acoustics, microphones, placements }: Pick<Hall, 'air' | 'acoustics' | 'microphones' | 'placements'>,
  room: Room,
  sourceM: Vec3,
  moves: boolean,
) {
  const { airTemperatureC, relativeHumidity } = acoustics;
  const speedMps = speedOfSoundMps(airTemperatureC);
  return microphones.map((microphone, m) => {
    const { positionM, orientation } = placements[m]!.after;
    const directivity = createDirectivity(microphone);
    return earlyResponse({
      room,
      sourceM,
      microphoneM: positionM,
      rateHz: air.rateHz,
      speedMps,
      airNpPerM: BANDS_HZ.map((hz) => airAbsorptionNpPerM(hz, airTemperatureC, relativeHumidity)),
      hear(awayM, distance) {
        const { gain, extraM, shade } = directivity(orientation, awayM, distance);
        const gains = BANDS_HZ.map((hz) => gain * shadowGain(shade, hz, microphone.headRadiusM, speedMps));
        return { gains, extraM };
      },
      fromOrder: moves || microphone.body !== undefined ? 2 : 1,
    });
  });
}
