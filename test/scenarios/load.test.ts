import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { boundsOf, volumeM3 } from '../../core/shape.js';
import { compileEpisode } from '../../scenarios/compile.js';
import { loadScenario } from '../../scenarios/load.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'umwelt-load-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const CORNERS = [-1, 1].flatMap((x) => [-1, 1].flatMap((y) => [-1, 1].map((z) => [x, y, z] as const)));
const SIDES = [
  0, 1, 3, 0, 3, 2, 4, 6, 7, 4, 7, 5, 0, 4, 5, 0, 5, 1, 2, 3, 7, 2, 7, 6, 0, 2, 6, 0, 6, 4, 1, 5, 7, 1, 7, 3,
];

/** Bytes of a cube of 2 m: positions, then indices. */
function cubeBytes(): Uint8Array {
  const bytes = new Uint8Array(96 + 72);
  bytes.set(new Uint8Array(Float32Array.from(CORNERS.flat()).buffer));
  bytes.set(new Uint8Array(Uint16Array.from(SIDES).buffer), 96);
  return bytes;
}

// biome-ignore lint/suspicious/noExplicitAny: tests edit it into documents that are wrong on purpose.
function gltf(uri?: string): any {
  return {
    asset: { version: '2.0' },
    scene: 0,
    scenes: [{ nodes: [0] }],
    nodes: [
      { children: [1], translation: [0, 0, 3] },
      { mesh: 0, scale: [1, 0.5, 0.25] },
    ],
    meshes: [{ primitives: [{ attributes: { POSITION: 0 }, indices: 1, material: 0 }] }],
    materials: [{ pbrMetallicRoughness: { baseColorTexture: { index: 0 } } }],
    textures: [{ source: 0 }],
    images: [{ uri: 'not-there.png' }],
    accessors: [
      { bufferView: 0, componentType: 5126, count: 8, type: 'VEC3', min: [-1, -1, -1], max: [1, 1, 1] },
      { bufferView: 1, componentType: 5123, count: 36, type: 'SCALAR' },
    ],
    bufferViews: [
      { buffer: 0, byteLength: 96 },
      { buffer: 0, byteOffset: 96, byteLength: 72 },
    ],
    buffers: [{ byteLength: 168, ...(uri === undefined ? {} : { uri }) }],
  };
}

function glb(document: unknown, binary: Uint8Array): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify(document));
  const padded = Math.ceil(json.length / 4) * 4;
  const out = new Uint8Array(28 + padded + binary.length).fill(0x20);
  const view = new DataView(out.buffer);
  for (const [at, value] of [0x46546c67, 2, out.length, padded, 0x4e4f534a].entries())
    view.setUint32(at * 4, value, true);
  out.set(json, 20);
  view.setUint32(20 + padded, binary.length, true);
  view.setUint32(24 + padded, 0x004e4942, true);
  out.set(binary, 28 + padded);
  return out;
}

async function load(files: Readonly<Record<string, string | Uint8Array>>, body: object) {
  const own = await mkdtemp(join(folder, 'case-'));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(own, name, '..'), { recursive: true });
    await writeFile(join(own, name), content);
  }
  const document = {
    name: 'loaded',
    description: 'a body from files',
    durationS: 1,
    bodies: {
      thing: {
        semantic: 'thing',
        material: 'wood',
        positionM: [0, 0, 1],
        shape: { kind: 'sphere', radiusM: 0.1 },
        ...body,
      },
    },
    sensors: {},
  };
  await writeFile(join(own, 'scenario.json'), JSON.stringify(document));
  return compileEpisode(await loadScenario(join(own, 'scenario.json')), 1, 0);
}

const meshed = (file: string) => ({ shape: { kind: 'mesh', file } });

describe('a mesh', () => {
  it.each<[string, Record<string, string | Uint8Array>, string]>([
    ['in a .glb', { 'thing.glb': glb(gltf(), cubeBytes()) }, 'thing.glb'],
    [
      'in a .gltf with its data inside',
      {
        'thing.gltf': JSON.stringify(
          gltf(`data:application/octet-stream;base64,${Buffer.from(cubeBytes()).toString('base64')}`),
        ),
      },
      'thing.gltf',
    ],
    [
      'in a .gltf with its data beside',
      { 'parts/thing.gltf': JSON.stringify(gltf('the%20data.bin')), 'parts/the data.bin': cubeBytes() },
      'parts/thing.gltf',
    ],
  ])('is read %s, in place, with z up and x forward', async (_, files, file) => {
    const [body] = (await load(files, meshed(file))).bodies;
    const { leastM, mostM } = boundsOf(body!.shape);
    // The file's z, x, y: half sizes of 0.25, 1 and 0.5, shifted by 3 along its z.
    expect(leastM).toEqual([2.75, -1, -0.5]);
    expect(mostM).toEqual([3.25, 1, 0.5]);
    expect(volumeM3(body!.shape)).toBeCloseTo(1, 6);
    expect(body!.massKg).toBeCloseTo(750, 3);
  });

  it('keeps its outside where a node mirrors it', async () => {
    const document = gltf();
    document.nodes[1].scale = [-1, 0.5, 0.25];
    const [body] = (await load({ 'a.glb': glb(document, cubeBytes()) }, meshed('a.glb'))).bodies;
    const shape = body!.shape as Extract<NonNullable<typeof body>['shape'], { kind: 'mesh' }>;
    const at = (i: number) =>
      shape.verticesM.slice(shape.triangles[i]! * 3, shape.triangles[i]! * 3 + 3) as [number, number, number];
    let six = 0;
    for (let i = 0; i < shape.triangles.length; i += 3) {
      const [a, b, c] = [at(i), at(i + 1), at(i + 2)];
      six +=
        a[0] * (b[1] * c[2] - b[2] * c[1]) +
        a[1] * (b[2] * c[0] - b[0] * c[2]) +
        a[2] * (b[0] * c[1] - b[1] * c[0]);
    }
    expect(six / 6).toBeCloseTo(1, 6);
  });

  it('may be one of a choice', async () => {
    const shape = {
      choice: [
        { kind: 'mesh', file: 'a.glb' },
        { kind: 'mesh', file: './a.glb' },
      ],
    };
    const spec = await load({ 'a.glb': glb(gltf(), cubeBytes()) }, { shape });
    expect(spec.draws['bodies.thing.shape']).toEqual({
      kind: 'mesh',
      file: expect.stringContaining('a.glb'),
    });
    expect(volumeM3(spec.bodies[0]!.shape)).toBeCloseTo(1, 6);
  });

  // biome-ignore lint/suspicious/noExplicitAny: as above.
  const broken = (edit: (document: any) => void): Uint8Array => {
    const document = gltf();
    edit(document);
    return glb(document, cubeBytes());
  };
  it.each<[string, Uint8Array, string]>([
    ['truncated', glb(gltf(), cubeBytes()).subarray(0, 500), 'it may be cut short'],
    ['empty', new Uint8Array(0), 'expected a glTF 2.0 file'],
    ['text of another kind', new TextEncoder().encode('solid cube'), 'expected a glTF 2.0 file'],
    ['JSON of another kind', new TextEncoder().encode('{"name":1}'), 'expected a glTF 2.0 file'],
    ['null', new TextEncoder().encode('null'), 'expected a glTF 2.0 file'],
    [
      'of version 1',
      broken((d) => {
        d.asset.version = '1.0';
      }),
      'got version "1.0"',
    ],
    [
      'compressed',
      broken((d) => {
        d.extensionsRequired = ['KHR_draco_mesh_compression'];
      }),
      'export it without compression',
    ],
    [
      'a ring of nodes',
      broken((d) => {
        d.nodes[1].children = [0];
      }),
      'expected a tree of nodes',
    ],
    [
      'a node below two',
      broken((d) => {
        d.nodes.push({ children: [1] });
      }),
      'expected a tree of nodes',
    ],
    [
      'children that are none',
      broken((d) => {
        d.nodes[0].children = 7;
      }),
      'expected a glTF 2.0 file',
    ],
    [
      'an accessor of a million million',
      broken((d) => {
        d.accessors[0] = { componentType: 5126, count: 1e12, type: 'VEC3' };
      }),
      'accessors of at most',
    ],
    [
      'a view past its buffer',
      broken((d) => {
        d.bufferViews[1].byteLength = 1e6;
      }),
      'bufferViews.1',
    ],
    [
      'an accessor past its view',
      broken((d) => {
        d.accessors[0].count = 100;
      }),
      'expected a glTF 2.0 file',
    ],
    [
      'an index past the vertices',
      broken((d) => {
        d.accessors[0].count = 7;
      }),
      'expected indices of 7 vertices, got 7',
    ],
    [
      'a buffer shorter than it says',
      broken((d) => {
        d.buffers[0].byteLength = 1e6;
      }),
      'expected 1000000 bytes in buffer 0',
    ],
    [
      'a buffer elsewhere',
      broken((d) => {
        d.buffers.push({ byteLength: 1, uri: '../../etc/passwd' });
      }),
      'expected buffers beside the file',
    ],
    [
      'a buffer on the net',
      broken((d) => {
        d.buffers.push({ byteLength: 1, uri: 'https://example.org/a' });
      }),
      'expected buffers beside the file',
    ],
    [
      'no triangles',
      broken((d) => {
        d.meshes[0].primitives[0].mode = 0;
      }),
      'expected triangles in its scene',
    ],
    [
      'coordinates that are no numbers',
      broken((d) => {
        d.nodes[0].translation = ['a', 0, 0];
      }),
      'expected finite coordinates',
    ],
    [
      'no scene',
      broken((d) => {
        d.scenes = [];
      }),
      'expected a glTF 2.0 file',
    ],
  ])('is refused where its file is %s', async (_, bytes, message) => {
    await expect(load({ 'a.glb': bytes }, meshed('a.glb'))).rejects.toMatchObject({
      code: 'malformed-file',
      message: expect.stringContaining(message),
    });
  });

  it('is not found where its file is not there, and refused where it is a folder', async () => {
    await expect(load({}, meshed('none.glb'))).rejects.toMatchObject({ code: 'not-found' });
    await expect(load({ 'a/b': '' }, meshed('a'))).rejects.toMatchObject({ code: 'malformed-file' });
  });
});

describe('an image', () => {
  const pixels = (width: number, height: number) =>
    sharp(
      Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * 40) % 256),
      { raw: { width, height, channels: 3 } },
    );
  const textured = (file: string) => ({ texture: { kind: 'image', file, sizeM: 0.5 } });

  it('is read from a PNG, pixel by pixel', async () => {
    const [body] = (await load({ 'wood.png': await pixels(3, 2).png().toBuffer() }, textured('wood.png')))
      .bodies;
    expect(body!.texture).toMatchObject({
      width: 3,
      height: 2,
      srgb: Array.from({ length: 18 }, (_, i) => (i * 40) % 256),
    });
  });

  it('is read from a grey PNG and from a JPEG as colours', async () => {
    const grey = sharp(Uint8Array.from([0, 100, 200, 255]), {
      raw: { width: 2, height: 2, channels: 1 },
    }).toColourspace('b-w');
    const [body] = (await load({ 'grey.png': await grey.png().toBuffer() }, textured('grey.png'))).bodies;
    expect((body!.texture as unknown as { srgb: number[] }).srgb.slice(3, 6)).toEqual([100, 100, 100]);
    const flat = sharp({
      create: { width: 8, height: 8, channels: 3, background: { r: 200, g: 100, b: 50 } },
    });
    const [other] = (await load({ 'a.jpg': await flat.jpeg().toBuffer() }, textured('a.jpg'))).bodies;
    for (const [i, value] of [200, 100, 50].entries())
      expect(Math.abs((other!.texture as unknown as { srgb: number[] }).srgb[i]! - value)).toBeLessThan(4);
  });

  it.each<[string, () => Promise<Uint8Array>]>([
    ['truncated', async () => (await pixels(41, 37).png().toBuffer()).subarray(0, 80)],
    ['no image', async () => new TextEncoder().encode('hello')],
    ['an image of another kind', async () => pixels(4, 4).webp().toBuffer()],
    [
      'too large',
      async () =>
        sharp({ create: { width: 1025, height: 1025, channels: 3, background: 'red' } })
          .png()
          .toBuffer(),
    ],
  ])('is refused where its file is %s', async (_, bytes) => {
    await expect(load({ 'a.png': await bytes() }, textured('a.png'))).rejects.toMatchObject({
      code: 'malformed-file',
      message: expect.stringContaining(
        'texture a.png: expected an image, PNG or JPEG, of at most 1048576 pixels',
      ),
    });
  });
});
