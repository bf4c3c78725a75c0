import { describe, expect, it } from 'vitest';
import { uniformRotation } from '../../core/math/rotation.js';
import { randomStream } from '../../core/random.js';
import { createMotion, placeBetween } from '../../sensors/lidar/motion.js';
import { BATCHES_PER_GROUP, layOut } from '../../sensors/lidar/pattern.js';
import { createTracer } from '../../sensors/lidar/tracer.js';
import { createView } from '../../sensors/lidar/view.js';
import { body, scene, scripted } from './scene.js';

describe("a tracer's choice of bodies", () => {
  it('misses none that a ray meets, however sensor and bodies move', () => {
    const random = randomStream(5, 'tracer');
    const wide = (size: number): number => size * (2 * random.uniform() - 1);
    const anyRotation = () => uniformRotation(random.uniform(), random.uniform(), random.uniform());
    const round = { radiusM: 0.6, halfHeightM: 0.9 };
    const shapes = [
      { kind: 'box', halfExtentsM: [0.3, 0.8, 1.4] },
      { kind: 'sphere', radiusM: 0.8 },
      { kind: 'cylinder', ...round },
      { kind: 'capsule', ...round },
      { kind: 'cone', ...round },
    ] as const;
    const bodies = Array.from({ length: 60 }, (_, i) => body(`b${i}`, 'dynamic', shapes[i % 5]!, 'steel'));
    const spec = scene(bodies, {}, 0.004);
    let met = 0;
    for (let trial = 0; trial < 6; trial++) {
      // Up to 4 m and a third of a turn a step: rough on purpose.
      const places = bodies.map((_, i) => (i === 0 ? [0, 0, 0] : [wide(12), wide(12), wide(3)]));
      const turns = bodies.map(() => anyRotation());
      const [before, after] = scripted(spec, () => ({
        poses: bodies.flatMap((_, i) => [
          ...places[i]!.map((x) => x + wide(2)),
          ...turns[i]!.map((q) => q + wide(0.15)).map(
            (q, _k, all) => q / Math.sqrt(all.reduce((s, x) => s + x * x, 0)),
          ),
        ]),
      }));
      const mount = {
        body: trial % 2 === 0 ? 0 : -1,
        carrierFromSensor: { positionM: [1, -0.5, 0.2], orientation: anyRotation() },
      } as const;
      const motion = createMotion(spec);
      placeBetween(motion, before!, after!);
      const viewAt = createView(mount, motion);
      const [culled, all] = [
        createTracer(motion, mount, viewAt, 30),
        createTracer(motion, mount, viewAt, 30),
      ];
      const everything = Float64Array.of(1, 0, 0, -1, 0);
      const pattern = { kind: 'spinning', elevationsRad: [-0.2, -0.1, 0, 0.1, 0.2], columns: 400 } as const;
      const { directions, batches, cones, groupCones } = layOut(pattern, 0);
      const rays = directions.length / 3;
      for (let batch = 0; batch + 1 < batches.length; batch++) {
        const [begin, end] = [batches[batch]!, batches[batch + 1]!];
        if (batch % BATCHES_PER_GROUP === 0) {
          const last = batches[Math.min(batch + BATCHES_PER_GROUP, batches.length - 1)]! - 1;
          culled.gather(groupCones, batch / BATCHES_PER_GROUP, begin / rays, last / rays);
        }
        culled.narrow(cones, batch, begin / rays, (end - 1) / rays);
        all.gather(everything, 0, 0, 1);
        all.narrow(everything, 0, 0, 1);
        for (let ray = begin; ray < end; ray++) {
          const { origin, axes } = viewAt(ray / rays);
          const [x, y, z] = [0, 1, 2].map(
            (k) =>
              axes[k]! * directions[ray * 3]! +
              axes[3 + k]! * directions[ray * 3 + 1]! +
              axes[6 + k]! * directions[ray * 3 + 2]!,
          );
          for (const tracer of [culled, all]) tracer.cast(ray / rays, origin, x!, y!, z!);
          expect(culled.hit).toEqual(all.hit);
          if (all.hit.body >= 0) met += 1;
        }
      }
    }
    expect(met).toBeGreaterThan(3000);
  });
});
