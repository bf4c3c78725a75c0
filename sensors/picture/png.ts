import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import sharp from 'sharp';
import { describeCause, UmweltError } from '../../core/errors.js';
import type { Picture } from './picture.js';

/**
 * Writes a picture as a PNG file; creates its directory; overwrites.
 *
 * @throws UmweltError `io` when the file cannot be written.
 */
export async function writePng({ width, height, rgb }: Picture, path: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    // libvips would word a full disk or a missing permission as "unknown error -1".
    const bytes = await sharp(rgb, { raw: { width, height, channels: 3 } })
      .png()
      .toBuffer();
    await writeFile(path, bytes);
  } catch (cause) {
    throw new UmweltError(
      'io',
      { path },
      `picture ${path}: expected to write a PNG file, got: ${describeCause(cause)}`,
      cause,
    );
  }
}
