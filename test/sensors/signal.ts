/** One bin of a Fourier transform at any frequency: [real, imaginary], of `length` samples from `from`. */
export function bin(
  signal: ArrayLike<number>,
  rateHz: number,
  hz: number,
  from: number,
  length: number,
  windowed = true,
) {
  let real = 0;
  let imaginary = 0;
  for (let index = 0; index < length; index++) {
    const window = !windowed ? 1 : 0.5 - 0.5 * Math.cos((2 * Math.PI * (index + 0.5)) / length);
    const phase = (2 * Math.PI * hz * (from + index)) / rateHz;
    real += window * signal[from + index]! * Math.cos(phase);
    imaginary -= window * signal[from + index]! * Math.sin(phase);
  }
  return [real, imaginary] as const;
}

export function magnitude([real, imaginary]: readonly [number, number]): number {
  return Math.hypot(real, imaginary);
}

/** Phase of b relative to a, in (-pi, pi]. */
export function phaseBetween(a: readonly [number, number], b: readonly [number, number]): number {
  return Math.atan2(a[0] * b[1] - a[1] * b[0], a[0] * b[0] + a[1] * b[1]);
}

/** Frequency and amplitude decay of the tone near `hz`, from two windows `lag` samples apart. */
export function tone(
  signal: ArrayLike<number>,
  rateHz: number,
  hz: number,
  from: number,
  length: number,
  lag: number,
) {
  const early = bin(signal, rateHz, hz, from, length);
  const late = bin(signal, rateHz, hz, from + lag, length);
  return {
    frequencyHz: hz + (phaseBetween(early, late) / (2 * Math.PI)) * (rateHz / lag),
    decayPerS: (Math.log(magnitude(early) / magnitude(late)) * rateHz) / lag,
  };
}

/** How much later b is than a, s, both whole from silence to silence: least squares through the phases at some frequencies, none off by more than pi. */
export function delayS(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  rateHz: number,
  tones: readonly number[],
  aboutS: number,
) {
  let slope = 0;
  let weight = 0;
  for (const hz of tones) {
    const phase = phaseBetween(
      bin(a, rateHz, hz, 0, a.length, false),
      bin(b, rateHz, hz, 0, b.length, false),
    );
    const expected = -2 * Math.PI * hz * aboutS;
    const rest = phase - expected;
    const wrapped = rest - 2 * Math.PI * Math.round(rest / (2 * Math.PI));
    slope += -wrapped * hz;
    weight += hz * hz;
  }
  return aboutS + slope / weight / (2 * Math.PI);
}

export function rootMeanSquare(signal: ArrayLike<number>, from = 0, to = signal.length): number {
  let sum = 0;
  for (let index = from; index < to; index++) sum += signal[index]! * signal[index]!;
  return Math.sqrt(sum / (to - from));
}
