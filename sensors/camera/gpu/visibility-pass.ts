import type {
  BufferGeometry,
  Mesh,
  Node,
  NodeMaterial,
  RenderTarget,
  Scene,
  StorageBufferAttribute,
  UniformNode,
  Vector2,
  Vector4,
} from 'three/webgpu';
import { INTERSECTION_SHADER } from './intersection-shader.js';
import type { OpenThree } from './open-three.js';
import {
  CLIP_SHADER,
  NEAREST_M,
  PLACE_BOX,
  PLACE_VERTEX,
  SEE_PRIMITIVE,
  SEE_TRIANGLE,
} from './visibility-shader.js';

/** A scene for three.js that finds what each pixel sees. */
export interface VisibilityPass {
  readonly scene: Scene;
  /** Texture 0: normal in the camera's frame, depth (0 where there is nothing); texture 1: 0 or 1 + index of the body. float32. */
  readonly target: RenderTarget;
  dispose(): void;
}

/** Buffers that the passes share. */
export interface SharedBuffers {
  readonly shapes: Node;
  readonly frames: Node;
  readonly triangles: Node;
}

/** The rays of an image. */
export interface Lens {
  readonly width: number;
  readonly height: number;
  readonly focalPx: number;
  /** Where the optical axis meets the image, px from its top left corner; the same as `clip`. */
  readonly principal: UniformNode<'vec2', Vector2>;
  /** Focal length over half the width and half the height, and where in clip space the axis is. */
  readonly clip: UniformNode<'vec4', Vector4>;
}

/** Moves the principal point, px from the image's top left corner. */
export function setPrincipal({ width, height, principal, clip }: Lens, column: number, row: number): void {
  principal.value.set(column, row);
  clip.value.setZ((2 * column) / width - 1).setW(1 - (2 * row) / height);
}

/** Makes the rays of an image with the optical axis in its centre. */
export function createLens({ three, tsl }: OpenThree, width: number, height: number, focalPx: number): Lens {
  const principal = tsl.uniform(new three.Vector2(width / 2, height / 2));
  const clip = tsl.uniform(new three.Vector4((2 * focalPx) / width, (2 * focalPx) / height, 0, 0));
  return { width, height, focalPx, principal, clip };
}

/**
 * Builds the scene: all primitives in one draw call of boxes whose fragments meet the shapes in closed form, all meshes in
 * another of their triangles.
 *
 * @param faces [faces, 2] body and triangle of each triangle that is drawn.
 * @param bodies how many there are.
 */
export function createVisibilityPass(
  open: OpenThree,
  buffers: SharedBuffers,
  faces: Uint32Array,
  bodies: number,
  lens: Lens,
): VisibilityPass {
  const { three } = open;
  const target = new three.RenderTarget(lens.width, lens.height, {
    count: 2,
    type: three.FloatType,
    format: three.RGBAFormat,
    minFilter: three.NearestFilter,
    magFilter: three.NearestFilter,
    generateMipmaps: false,
    colorSpace: three.NoColorSpace,
    depthTexture: new three.DepthTexture(lens.width, lens.height, three.FloatType),
  });
  target.textures[1]!.format = three.RedFormat;
  const scene = new three.Scene();
  const boxes = new three.InstancedBufferGeometry();
  const cube = new three.BoxGeometry(2, 2, 2);
  boxes.setIndex(cube.getIndex());
  boxes.setAttribute('position', cube.getAttribute('position'));
  boxes.instanceCount = bodies;
  scene.add(unculled(open, boxes, primitiveMaterial(open, buffers, lens)));
  if (faces.length > 0) {
    const triangles = new three.BufferGeometry();
    triangles.setDrawRange(0, (faces.length / 2) * 3);
    const list = new three.StorageBufferAttribute(faces, 2);
    scene.add(unculled(open, triangles, triangleMaterial(open, buffers, list, lens)));
  }
  return {
    scene,
    target,
    dispose: () => {
      target.dispose();
      cube.dispose();
      scene.traverse((object) => {
        if (!(object instanceof three.Mesh)) return;
        (object as Mesh<BufferGeometry, NodeMaterial>).geometry.dispose();
        (object as Mesh<BufferGeometry, NodeMaterial>).material.dispose();
      });
    },
  };
}

function unculled({ three }: OpenThree, geometry: BufferGeometry, material: NodeMaterial): Mesh {
  const mesh = new three.Mesh(geometry, material);
  mesh.frustumCulled = false;
  return mesh;
}

/** One box an instance: a body. Back faces, so that a camera inside of a box still sees it. */
function primitiveMaterial(open: OpenThree, { frames, shapes }: SharedBuffers, lens: Lens): NodeMaterial {
  const { three, tsl } = open;
  const helpers = [tsl.wgsl(INTERSECTION_SHADER), tsl.wgsl(CLIP_SHADER)];
  const place = tsl.wgslFn<Record<string, Node>>(PLACE_BOX, helpers);
  const see = tsl.wgslFn<Record<string, Node>>(SEE_PRIMITIVE, helpers);
  const body = flat(open, tsl.instanceIndex);
  const material = createMaterial(open);
  material.side = three.BackSide;
  material.vertexNode = place({
    frames,
    shapes,
    body: tsl.instanceIndex,
    corner: tsl.positionGeometry,
    pixel: tsl.float(1 / lens.focalPx),
    lens: lens.clip,
  });
  writeSurface(open, material, see({ frames, shapes, body, slope: slopeOfPixel(open, lens) }), body);
  return material;
}

/** Three vertices a face, pulled from the list of faces. */
function triangleMaterial(
  open: OpenThree,
  { frames, triangles }: SharedBuffers,
  list: StorageBufferAttribute,
  lens: Lens,
): NodeMaterial {
  const { three, tsl } = open;
  const helpers = [tsl.wgsl(INTERSECTION_SHADER), tsl.wgsl(CLIP_SHADER)];
  const place = tsl.wgslFn<Record<string, Node>>(PLACE_VERTEX, helpers);
  const see = tsl.wgslFn<Record<string, Node>>(SEE_TRIANGLE, helpers);
  const faces = tsl.storage(list, 'uvec2', list.count).toReadOnly();
  const ownFace = faces.element(tsl.vertexIndex.div(3));
  const face = tsl.uvec2(flat(open, ownFace.x), flat(open, ownFace.y));
  const material = createMaterial(open);
  material.side = three.DoubleSide;
  material.vertexNode = place({
    frames,
    triangles,
    face: ownFace,
    corner: tsl.vertexIndex.mod(3),
    lens: lens.clip,
  });
  writeSurface(open, material, see({ frames, triangles, face, slope: slopeOfPixel(open, lens) }), face.x);
  return material;
}

function createMaterial({ three }: OpenThree): NodeMaterial {
  const material = new three.NodeMaterial();
  material.blending = three.NoBlending;
  // Depth falls from 1 at the camera to 0 at infinity, where float32 has digits to spare.
  material.depthFunc = three.GreaterDepth;
  return material;
}

/** Hands a whole number of the vertex stage to the fragments as it is. */
function flat({ three, tsl }: OpenThree, value: Node<'uint'>): Node<'uint'> {
  return tsl.varying(value).setInterpolation(three.InterpolationSamplingType.FLAT);
}

/** The slopes y / x and z / x of the ray through a fragment's centre, in the camera's frame. */
export function slopeOfPixel({ tsl }: OpenThree, { focalPx, principal }: Lens): Node<'vec2'> {
  return principal.sub(tsl.screenCoordinate.xy).div(focalPx);
}

function writeSurface({ tsl }: OpenThree, material: NodeMaterial, seen: Node, body: Node<'uint'>): void {
  const surface = (seen as Node<'vec4'>).toVar();
  material.depthNode = tsl.min(tsl.float(NEAREST_M).div(surface.w), 1);
  material.fragmentNode = tsl.outputStruct(surface, tsl.vec4(tsl.float(body).add(1), 0, 0, 0));
}
