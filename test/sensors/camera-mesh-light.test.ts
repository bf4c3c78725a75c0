import { describe, expect, it } from 'vitest';
import { normalise, type Vec3 } from '../../core/math/vector.js';
import { type BodySpec, type LightingSpec, SUN_ONLY } from '../../scenarios/contract.js';
import { STILL } from '../../sensors/camera/exposure.js';
import { createRenderer, renderFrame } from '../../sensors/camera/render-frame.js';
import { body, scene } from './scene.js';
import { cameraAt, encode, sphere, table } from './view.js';

const lighting: LightingSpec = {
  ...SUN_ONLY,
  sunDirection: normalise([0.3, 0.5, 0.6]),
  sunRadiance: [0.8, 0.7, 0.6],
  skyRadiance: [0.1, 0.15, 0.2],
};
const camera = cameraAt([-1.5, 0.4, 1], [0, 0, 0.1]);

/** Triangles of a box about a centre, counter-clockwise seen from outside. */
function boxTriangles([hx, hy, hz]: Vec3, [cx, cy, cz]: Vec3 = [0, 0, 0], first = 0) {
  const verticesM = [0, 1, 2, 3, 4, 5, 6, 7].flatMap((i) => [
    cx + (i & 1 ? hx : -hx),
    cy + (i & 2 ? hy : -hy),
    cz + (i & 4 ? hz : -hz),
  ]);
  const quads = [
    [0, 4, 6, 2],
    [1, 3, 7, 5],
    [0, 1, 5, 4],
    [2, 6, 7, 3],
    [0, 2, 3, 1],
    [4, 5, 7, 6],
  ] as const;
  const triangles = quads.flatMap(([a, b, c, d]) => [a, b, c, a, c, d].map((index) => index + first));
  return { verticesM, triangles };
}

const mesh = (
  name: string,
  parts: readonly { verticesM: number[]; triangles: number[] }[],
  positionM: Vec3,
) =>
  body(
    name,
    'fixed',
    {
      kind: 'mesh',
      file: 'thing.glb',
      verticesM: parts.flatMap((part) => part.verticesM),
      triangles: parts.flatMap((part) => part.triangles),
    },
    'wood',
    { massKg: 1, pose: { positionM, orientation: [0.9, 0.1, 0.2, 0.3742] } },
  );

describe('light on meshes', () => {
  it('is that on the box that a mesh has the shape of, with its shadow', () => {
    const half: Vec3 = [0.2, 0.3, 0.15];
    const asMesh = mesh('thing', [boxTriangles(half)], [0, 0, 0.4]);
    const asBox: BodySpec = { ...asMesh, shape: { kind: 'box', halfExtentsM: half } };
    const lamps = [
      {
        name: 'lamp',
        positionM: [-0.5, -0.6, 0.9] as Vec3,
        radiusM: 0.05,
        intensity: [0.3, 0.2, 0.1] as Vec3,
      },
    ];
    for (const light of [lighting, { ...lighting, lamps, sunAngularRadiusRad: 0.03 }]) {
      const [one, other] = [asMesh, asBox].map((thing) =>
        renderFrame({ ...scene([table, thing]), lighting: light }, camera),
      );
      let differing = 0;
      for (let i = 0; i < one!.colour.length; i++) {
        if (Math.abs(one!.colour[i]! - other!.colour[i]!) > 1) differing += 1;
      }
      expect(differing).toBe(0);
      expect(one!.instance).toEqual(other!.instance);
    }
  });

  it('falls on a mesh past its own parts: a roof shades the floor of the same mesh', () => {
    const floor = boxTriangles([0.5, 0.5, 0.01]);
    const roof = boxTriangles([0.1, 0.1, 0.01], [0, 0, 0.3], 8);
    const house = {
      ...mesh('house', [floor, roof], [0, 0, 0]),
      pose: { positionM: [0, 0, 0] as Vec3, orientation: [1, 0, 0, 0] as const },
    };
    const above = { ...lighting, sunDirection: [0, 0, 1] as Vec3, skyRadiance: [0, 0, 0] as Vec3 };
    const side = cameraAt([-2, 0, 0.25], [0, 0, 0.01], { horizontalFovRad: 0.5, width: 65, height: 65 });
    const { colour } = renderFrame({ ...scene([house]), lighting: above }, side);
    // The middle of the floor is in the dark, its left is not.
    expect(colour[(32 * 65 + 32) * 3]).toBe(0);
    expect(colour[(32 * 65 + 10) * 3]).toBe(encode(0.5 * 0.8));
  });
});

describe('bodies that are not there', () => {
  it('cast no shadow, from sun or lamp', () => {
    const ball = sphere('ball', 0.2, [0, 0, 0.5]);
    for (const light of [
      lighting,
      {
        ...lighting,
        lamps: [
          { name: 'lamp', positionM: [0, 0, 1] as Vec3, radiusM: 0, intensity: [0.2, 0.2, 0.2] as Vec3 },
        ],
      },
    ]) {
      const bodies = [table, ball];
      const poses = Float64Array.from(bodies.flatMap(({ pose }) => [...pose.positionM, ...pose.orientation]));
      const render = createRenderer('eye', { bodies, lighting: light }, camera);
      const picture = (present: number[]) =>
        render(() => ({ poses, present: Uint8Array.from(present), worldFromCarrier: STILL }), null).colour;
      const alone = renderFrame({ bodies: [table], lighting: light }, camera).colour;
      expect(picture([1, 0])).toEqual(alone);
      expect(picture([1, 1])).not.toEqual(alone);
      expect(picture([1, 0])).toEqual(alone);
    }
  });
});
