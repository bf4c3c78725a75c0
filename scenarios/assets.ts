import { open } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { describeCause, UmweltError } from '../core/errors.js';
import { readGltf } from './gltf.js';

const MOST_BYTES = 64 * 1024 * 1024;
/** Pixels of a texture: its bytes stand in the scenario. */
const MOST_PIXELS = 1024 * 1024;

/**
 * Fills in what the files hold that a scenario document names: the triangles of `mesh` shapes and the pixels of `image`
 * textures, wherever they stand in it. What is filled in already is left alone, as is what is malformed.
 *
 * @param folder that file names are relative to.
 * @returns a copy; the document is not written to.
 * @throws UmweltError `not-found`, `io` or `malformed-file` with the name of the file.
 */
export async function fillAssets(document: unknown, folder: string): Promise<unknown> {
  if (Array.isArray(document)) {
    const items: unknown[] = [];
    for (const item of document) items.push(await fillAssets(item, folder));
    return items;
  }
  if (typeof document !== 'object' || document === null) return document;
  const { kind, file, triangles, srgb } = document as Record<string, unknown>;
  if (typeof file === 'string' && file !== '') {
    if (kind === 'mesh' && triangles === undefined) return { ...document, ...(await readMesh(file, folder)) };
    if (kind === 'image' && srgb === undefined) return { ...document, ...(await readImage(file, folder)) };
  }
  const entries: [string, unknown][] = [];
  for (const [key, item] of Object.entries(document)) entries.push([key, await fillAssets(item, folder)]);
  return Object.fromEntries(entries);
}

async function readMesh(file: string, folder: string) {
  return readGltf(file, await readBounded(resolve(folder, file)), (uri) =>
    readBounded(resolve(folder, dirname(file), uri)),
  );
}

async function readImage(file: string, folder: string) {
  const bytes = await readBounded(resolve(folder, file));
  const { default: sharp } = await import('sharp');
  try {
    const image = sharp(bytes, { limitInputPixels: MOST_PIXELS, failOn: 'truncated' });
    const { format } = await image.metadata();
    if (format !== 'png' && format !== 'jpeg') throw new Error(`a file of kind ${format}`);
    const { data, info } = await image
      .rotate()
      .removeAlpha()
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const { width, height, channels } = info;
    const srgb = Array.from({ length: width * height * 3 }, (_, i) =>
      channels >= 3 ? data[Math.floor(i / 3) * channels + (i % 3)]! : data[Math.floor(i / 3) * channels]!,
    );
    return { width, height, srgb };
  } catch (cause) {
    throw new UmweltError(
      'malformed-file',
      { file },
      `texture ${file}: expected an image, PNG or JPEG, of at most ${MOST_PIXELS} pixels, got: ${describeCause(cause)}`,
      cause,
    );
  }
}

async function readBounded(path: string): Promise<Uint8Array> {
  try {
    const handle = await open(path);
    try {
      const stat = await handle.stat();
      // A device or a pipe would never end.
      if (!stat.isFile() || stat.size > MOST_BYTES)
        throw new UmweltError(
          'malformed-file',
          { path, bytes: stat.size },
          `${path}: expected a file of at most ${MOST_BYTES} bytes, got ${stat.isFile() ? stat.size : 'no file'}`,
        );
      return await handle.readFile();
    } finally {
      await handle.close();
    }
  } catch (cause) {
    if (cause instanceof UmweltError) throw cause;
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw new UmweltError(
      missing ? 'not-found' : 'io',
      { path },
      `${path}: expected a readable file, which the scenario names, got: ${describeCause(cause)}`,
      cause,
    );
  }
}
