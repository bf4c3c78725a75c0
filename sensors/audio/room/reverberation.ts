import { fourierTransform } from '../../../core/math/fourier.js';

/** Adds what a room sends back, sample by sample as the sound is made. */
export interface Reverberation {
  /** Takes in the next `count` samples of the source and adds to each of `outs` what comes back of all so far. */
  process(source: Float64Array, outs: readonly Float64Array[], count: number): void;
}

const LARGEST_BLOCK = 4096;
/** Each stretch of the responses is worked on in blocks so many times longer than those of the one before. */
const GROWTH = 8;

/**
 * Makes the convolution of a source with several responses by Fourier transforms (partitioned overlap-save; Gardner 1995). A
 * block of delay is taken from what goes before the stretch of the responses that the block serves, so nothing comes late.
 *
 * @param responses Pa for 1 Pa m, of equal length; the first sample of each must be 0; not changed.
 */
export function createReverberation(responses: readonly Float64Array[]): Reverberation {
  const length = responses[0]?.length ?? 0;
  const firsts = responses.map((response) => response.findIndex((value) => value !== 0));
  const first = Math.min(...firsts.map((index) => (index < 0 ? length : index)));
  let block = 1;
  while (block * 2 <= Math.min(first, LARGEST_BLOCK)) block *= 2;
  const stretches: Reverberation[] = [];
  for (let from = block; from < length; ) {
    const next = Math.min(LARGEST_BLOCK, block * GROWTH);
    const to = next === block || length - from <= GROWTH * block ? length : next;
    stretches.push(
      createStretch(
        responses.map((response) => response.subarray(from, to)),
        block,
      ),
    );
    from = to;
    block = next;
  }
  return {
    process(source, outs, count) {
      for (const stretch of stretches) stretch.process(source, outs, count);
    },
  };
}

/** Convolves with part of the responses, a block late. */
function createStretch(responses: readonly Float64Array[], block: number): Reverberation {
  const filters = responses.map((response) => transformParts(response, block));
  const length = filters[0]!.length;
  const size = 2 * block;
  const spectra = Array.from({ length }, () => ({ ...part(size), sounds: false }));
  const window = new Float64Array(size);
  const ready = responses.map(() => new Float64Array(block));
  const scratch: Scratch = { ...part(size), one: part(block + 1), two: part(block + 1) };
  let newest = 0;
  let filled = 0;
  /** Blocks to go until all that was heard has died away. */
  let alive = 0;
  let sounded = false;
  const advance = (): void => {
    newest = (newest + length - 1) % length;
    const spectrum = spectra[newest]!;
    const sounds = window.some((value) => value !== 0);
    spectrum.sounds = sounds;
    if (sounds) {
      spectrum.re.set(window);
      spectrum.im.fill(0);
      fourierTransform(spectrum.re, spectrum.im);
    }
    window.copyWithin(0, block);
    alive = sounds ? length : Math.max(0, alive - 1);
    if (alive > 0) {
      for (let m = 0; m < filters.length; m += 2)
        multiplyTwo(scratch, ready, m, (back) => spectra[(newest + back) % length]!, filters);
    } else if (sounded) for (const samples of ready) samples.fill(0);
    sounded = alive > 0;
  };
  return {
    process(source, outs, count) {
      for (let done = 0; done < count; ) {
        const step = Math.min(count - done, block - filled);
        for (const [m, out] of outs.entries()) {
          const samples = ready[m]!;
          if (sounded) for (let n = 0; n < step; n++) out[done + n]! += samples[filled + n]!;
        }
        for (let n = 0; n < step; n++) window[block + filled + n] = source[done + n]!;
        filled += step;
        done += step;
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

interface Scratch extends Part {
  readonly one: Part;
  readonly two: Part;
}

function part(length: number): Part {
  return { re: new Float64Array(length), im: new Float64Array(length) };
}

function transformParts(response: Float64Array, block: number): Part[] {
  return Array.from({ length: Math.max(1, Math.ceil(response.length / block)) }, (_, index) => {
    const spectrum = part(2 * block);
    spectrum.re.set(response.subarray(index * block, (index + 1) * block));
    fourierTransform(spectrum.re, spectrum.im);
    return spectrum;
  });
}

/**
 * The last block of the convolutions with filters m and m + 1: the second half of the inverse transform of the sums of products. Two
 * real signals travel as the parts of a complex one.
 */
function multiplyTwo(
  { re, im, one, two }: Scratch,
  ready: readonly Float64Array[],
  m: number,
  spectrumOf: (part: number) => Part & { readonly sounds: boolean },
  filters: readonly (readonly Part[])[],
): void {
  const size = re.length;
  const half = size / 2;
  sumProducts(one, filters[m]!, spectrumOf);
  const other = ready[m + 1];
  if (other === undefined) {
    two.re.fill(0);
    two.im.fill(0);
  } else sumProducts(two, filters[m + 1]!, spectrumOf);
  // one + i two, conjugated, so that a transform forwards is one back; of a real signal the negative frequencies are the conjugate.
  for (let bin = 0; bin <= half; bin++) {
    const [a, b, c, d] = [one.re[bin]!, one.im[bin]!, two.re[bin]!, two.im[bin]!];
    if (bin > 0) {
      re[size - bin] = a + d;
      im[size - bin] = b - c;
    }
    re[bin] = a - d;
    im[bin] = -b - c;
  }
  fourierTransform(re, im);
  const samples = ready[m]!;
  for (let n = 0; n < half; n++) samples[n] = re[half + n]! / size;
  if (other !== undefined) for (let n = 0; n < half; n++) other[n] = -im[half + n]! / size;
}

function sumProducts(
  sum: Part,
  filter: readonly Part[],
  spectrumOf: (part: number) => Part & { readonly sounds: boolean },
): void {
  const { re, im } = sum;
  re.fill(0);
  im.fill(0);
  for (const [part, { re: b, im: d }] of filter.entries()) {
    const { re: a, im: c, sounds } = spectrumOf(part);
    if (!sounds) continue;
    for (let bin = 0; bin < re.length; bin++) {
      re[bin]! += a[bin]! * b[bin]! - c[bin]! * d[bin]!;
      im[bin]! += a[bin]! * d[bin]! + c[bin]! * b[bin]!;
    }
  }
}
