import type { Mesh, Node, RenderTarget, Scene } from 'three/webgpu';
import { INTERSECTION_SHADER } from './intersection-shader.js';
import type { OpenThree } from './open-three.js';
import { REFLECTION_SHADER, SHADE_PIXEL, SHADOW_SHADER } from './shading-shader.js';
import { TEXTURE_SHADER } from './texture-shader.js';
import { type Lens, type SharedBuffers, slopeOfPixel, type VisibilityPass } from './visibility-pass.js';

/** A scene for three.js that lights what a visibility pass has found. */
export interface ShadingPass {
  readonly scene: Scene;
  /** Linear radiance, and 0 or 1 + index of the body. float32. */
  readonly target: RenderTarget;
  dispose(): void;
}

/** Buffers that only this pass reads. */
export interface ShadingBuffers extends SharedBuffers {
  readonly lighting: Node;
  readonly nodes: Node;
  readonly texels: Node;
}

/** Builds the scene: one triangle that covers the image. */
export function createShadingPass(
  open: OpenThree,
  buffers: ShadingBuffers,
  { target: seen }: VisibilityPass,
  lens: Lens,
): ShadingPass {
  const { three, tsl } = open;
  const target = new three.RenderTarget(lens.width, lens.height, {
    type: three.FloatType,
    format: three.RGBAFormat,
    minFilter: three.NearestFilter,
    magFilter: three.NearestFilter,
    generateMipmaps: false,
    colorSpace: three.NoColorSpace,
    depthBuffer: false,
  });
  const sources = [INTERSECTION_SHADER, TEXTURE_SHADER, SHADOW_SHADER, REFLECTION_SHADER];
  const shade = tsl.wgslFn<Record<string, Node>>(
    SHADE_PIXEL,
    sources.map((source) => tsl.wgsl(source)),
  );
  const texel = tsl.ivec2(tsl.screenCoordinate.xy);
  const material = new three.NodeMaterial();
  material.blending = three.NoBlending;
  material.depthTest = false;
  material.depthWrite = false;
  material.vertexNode = tsl.vec4(tsl.positionGeometry, 1);
  material.fragmentNode = shade({
    ...buffers,
    surface: tsl.textureLoad(seen.textures[0]!, texel),
    instance: tsl.textureLoad(seen.textures[1]!, texel).x,
    pixel: tsl.floor(tsl.screenCoordinate.xy),
    slope: slopeOfPixel(open, lens),
    focalPx: tsl.float(lens.focalPx),
  });
  const geometry = new three.BufferGeometry();
  geometry.setAttribute('position', new three.Float32BufferAttribute([-1, -1, 0, 3, -1, 0, -1, 3, 0], 3));
  const mesh: Mesh = new three.Mesh(geometry, material);
  mesh.frustumCulled = false;
  const scene = new three.Scene();
  scene.add(mesh);
  return {
    scene,
    target,
    dispose: () => {
      target.dispose();
      geometry.dispose();
      material.dispose();
    },
  };
}
