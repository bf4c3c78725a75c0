import { boundingRadiusM } from '../../../core/shape.js';
import type { SimSpec } from '../../../scenarios/contract.js';
import { readPose } from '../../ticks.js';
import type { Moment } from '../exposure.js';
import { carry, type Pinhole } from '../pinhole.js';
import { type PackedBodies, placeInView } from './bodies.js';
import { FRAME_VECTORS } from './intersection-shader.js';
import { lightingLength, packLighting } from './lighting.js';
import type { OpenThree } from './open-three.js';
import { createShadingPass } from './shading-pass.js';
import { createLens, createVisibilityPass, setPrincipal } from './visibility-pass.js';

/** What the shaders have written. Row-major, top row first. */
export interface Drawn {
  /** [height, width, 4] linear radiance, and 0 or 1 + index of the body. */
  readonly radiance: Float32Array;
  /** [height, width, 4] normal in the camera's frame, and depth in m; all 0 where there is nothing. */
  readonly surface: Float32Array;
}

/** Both passes with their buffers on the device. */
export interface Pipeline {
  /**
   * Draws the scene at a moment.
   *
   * @param camera as aimed in its carrier's frame; only its principal point may differ from call to call.
   * @throws UmweltError `invalid-input` when a pose is not finite.
   */
  draw(camera: Pinhole, moment: Moment): Promise<Drawn>;
  dispose(): void;
}

/** Uploads a scene and builds its passes. */
export function createPipeline(
  open: OpenThree,
  { bodies, lighting }: Pick<SimSpec, 'bodies' | 'lighting'>,
  packed: PackedBodies,
  { width, height, focalPx }: Pinhole,
): Pipeline {
  const { three, tsl, renderer } = open;
  const upload = (values: Float32Array) => new three.StorageBufferAttribute(values, 4);
  const frames = upload(new Float32Array(Math.max(1, bodies.length) * FRAME_VECTORS * 4));
  const lights = upload(new Float32Array(lightingLength(lighting)));
  const fixed = [packed.shapes, packed.triangles, packed.nodes, packed.texels].map(upload);
  const [shapes, triangles, nodes, texels] = fixed.map((values) =>
    tsl.storage(values, 'vec4', values.count).toReadOnly(),
  );
  const shared = {
    shapes: shapes!,
    triangles: triangles!,
    frames: tsl.storage(frames, 'vec4', frames.count).toReadOnly(),
  };
  const lens = createLens(open, width, height, focalPx);
  const visibility = createVisibilityPass(open, shared, packed.faces, bodies.length, lens);
  const shading = createShadingPass(
    open,
    {
      ...shared,
      lighting: tsl.storage(lights, 'vec4', lights.count).toReadOnly(),
      nodes: nodes!,
      texels: texels!,
    },
    visibility,
    lens,
  );
  const reachesM = bodies.map(({ shape }) => boundingRadiusM(shape));
  const nobody = new three.PerspectiveCamera();
  return {
    async draw(camera, { poses, present, worldFromCarrier }) {
      const view = carry(camera, worldFromCarrier);
      for (const [body, spec] of bodies.entries()) {
        const isThere = present?.[body] !== 0;
        const pose = isThere ? readPose(poses, body) : spec.pose;
        placeInView(frames.array as Float32Array, view, spec, reachesM[body]!, body, pose, isThere);
      }
      packLighting(lights.array as Float32Array, lighting, view, bodies.length);
      frames.needsUpdate = true;
      lights.needsUpdate = true;
      setPrincipal(lens, view.principalPx[0], view.principalPx[1]);
      for (const { scene, target } of [visibility, shading]) {
        renderer.setRenderTarget(target);
        renderer.render(scene, nobody);
      }
      const read = (pass: typeof shading | typeof visibility) =>
        renderer.readRenderTargetPixelsAsync(pass.target, 0, 0, width, height) as Promise<Float32Array>;
      const [radiance, surface] = await Promise.all([read(shading), read(visibility)]);
      return { radiance, surface };
    },
    dispose: () => {
      visibility.dispose();
      shading.dispose();
    },
  };
}
