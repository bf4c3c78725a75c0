import { fourierTransform } from '../../../core/math/fourier.js';

/** Adds what a room sends back, sample by sample as the sound is made. */
export interface Reverberation {
  /** Takes in the next `count` samples of the source and adds to `out` what comes back of all so far. */
  process(source: Float64Array, out: Float64Array, count: number): void;
}

const LARGEST_BLOCK = 1024;
/** Each stretch of the response is worked on in blocks so many times longer than those of the one before. */
const GROWTH = 8;

/**
 * Makes the convolution of a source with a room's response by Fourier transforms (partitioned overlap-save; Gardner 1995). A
 * block of delay is taken from what goes before the stretch of the response that the block serves, so nothing comes late.
 *
 * @param response Pa for 1 Pa m; its first sample must be 0; not changed.
 */
export function createReverberation(response: Float64Array): Reverberation {
  const first = Math.max(
    1,
    response.findIndex((value) => value !== 0),
  );
  let block = 1;
  while (block * 2 <= Math.min(first, LARGEST_BLOCK)) block *= 2;
  const stretches: Reverberation[] = [];
  for (let from = block; from < response.length; ) {
    const next = Math.min(LARGEST_BLOCK, block * GROWTH);
    const to = block === LARGEST_BLOCK ? response.length : next;
    stretches.push(createStretch(response.subarray(from, to), block));
    from = to;
    block = next;
  }
  return {
    process(source, out, count) {
      for (const stretch of stretches) stretch.process(source, out, count);
    },
  };
}

/** Convolves with part of a response, a block late. */
function createStretch(response: Float64Array, block: number): Reverberation {
  const parts = transformParts(response, block);
  const size = 2 * block;
  const spectra = parts.map(() => ({
    re: new Float64Array(size),
    im: new Float64Array(size),
    sounds: false,
  }));
  const window = new Float64Array(size);
  const ready = new Float64Array(block);
  let newest = 0;
  let filled = 0;
  /** Blocks to go until all that was heard has died away. */
  let alive = 0;
  const advance = (): void => {
    newest = (newest + parts.length - 1) % parts.length;
    const spectrum = spectra[newest]!;
    const { re, im } = spectrum;
    const sounds = window.some((value) => value !== 0);
    spectrum.sounds = sounds;
    re.set(window);
    im.fill(0);
    if (sounds) fourierTransform(re, im);
    window.copyWithin(0, block);
    alive = sounds ? parts.length : Math.max(0, alive - 1);
    if (alive === 0) ready.fill(0);
    else multiply(ready, spectra, parts, newest);
  };
  return {
    process(source, out, count) {
      for (let index = 0; index < count; index++) {
        out[index]! += ready[filled]!;
        window[block + filled] = source[index]!;
        filled += 1;
        if (filled < block) continue;
        filled = 0;
        advance();
      }
    },
  };
}

/** A spectrum. */
interface Part {
  readonly re: Float64Array;
  readonly im: Float64Array;
}

function transformParts(response: Float64Array, block: number): Part[] {
  return Array.from({ length: Math.max(1, Math.ceil(response.length / block)) }, (_, part) => {
    const re = new Float64Array(2 * block);
    const im = new Float64Array(2 * block);
    re.set(response.subarray(part * block, (part + 1) * block));
    fourierTransform(re, im);
    return { re, im };
  });
}

/** The last block of the convolution: the second half of the inverse transform of the sum of products. */
function multiply(
  ready: Float64Array,
  spectra: readonly (Part & { readonly sounds: boolean })[],
  parts: readonly Part[],
  newest: number,
): void {
  const half = ready.length;
  const size = half * 2;
  const re = new Float64Array(size);
  const im = new Float64Array(size);
  for (const [part, { re: b, im: d }] of parts.entries()) {
    const { re: a, im: c, sounds } = spectra[(newest + part) % parts.length]!;
    if (!sounds) continue;
    for (let bin = 0; bin <= half; bin++) {
      re[bin]! += a[bin]! * b[bin]! - c[bin]! * d[bin]!;
      im[bin]! -= a[bin]! * d[bin]! + c[bin]! * b[bin]!;
    }
  }
  // The other half of the spectrum of a real signal.
  for (let bin = 1; bin < half; bin++) {
    re[size - bin] = re[bin]!;
    im[size - bin] = -im[bin]!;
  }
  fourierTransform(re, im);
  for (let n = 0; n < half; n++) ready[n] = re[half + n]! / size;
}
