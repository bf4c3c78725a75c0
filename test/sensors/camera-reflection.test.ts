import { describe, expect, it } from 'vitest';
import { fresnel, glossyAmbient, glossyReflection, throughGloss } from '../../sensors/camera/reflection.js';

/** Integrates f(n.l, n.h, v.h) over the hemisphere of lights, for a viewer at n.v, with measure d(omega) / pi. */
function overLights(nv: number, f: (nl: number, nh: number, vh: number) => number, steps = 400): number {
  const v = [Math.sqrt(1 - nv * nv), 0, nv] as const;
  let sum = 0;
  for (let i = 0; i < steps; i++) {
    // Uniform in the cosine; n.l itself is part of what is integrated.
    const nl = (i + 0.5) / steps;
    const sine = Math.sqrt(1 - nl * nl);
    for (let j = 0; j < steps; j++) {
      const phi = (2 * Math.PI * (j + 0.5)) / steps;
      const h = [sine * Math.cos(phi) + v[0], sine * Math.sin(phi), nl + v[2]] as const;
      const length = Math.hypot(...h);
      const vh = (h[0] * v[0] + h[2] * v[2]) / length;
      sum += f(nl, h[2] / length, vh);
    }
  }
  return (2 * sum) / (steps * steps);
}

describe('reflection', () => {
  it('sends back no more than comes in (white furnace), matt and glossy together', () => {
    for (const specular of [0, 0.04, 0.5, 1]) {
      for (const roughness of [0.3, 0.6, 1]) {
        for (const nv of [0.1, 0.3, 0.7, 0.99]) {
          const back = overLights(
            nv,
            (nl, nh, vh) =>
              glossyReflection(specular, roughness, nl, nv, nh, vh) + nl * throughGloss(specular, nl, nv),
          );
          expect(back, `specular ${specular}, roughness ${roughness}, n.v ${nv}`).toBeLessThan(1.005);
          if (specular === 0) expect(back).toBeCloseTo(1, 3);
        }
      }
    }
  });

  it('sends back nearly all as a smooth mirror (white furnace)', () => {
    const back = overLights(0.8, (nl, nh, vh) => glossyReflection(1, 0.3, nl, 0.8, nh, vh), 800);
    expect(back).toBeGreaterThan(0.97);
    expect(back).toBeLessThan(1.001);
  });

  it('has the closed form of its peak, and falls off to either side', () => {
    // At normal incidence n.l = n.v = n.h = v.h = 1: D V F = f0 / (4 pi a^2), times pi.
    for (const roughness of [0.2, 0.5, 0.9]) {
      expect(glossyReflection(0.04, roughness, 1, 1, 1, 1)).toBeCloseTo(0.04 / (4 * roughness ** 4), 10);
    }
    expect(glossyReflection(0.04, 0.3, 0.8, 0.8, 1, 0.8)).toBeGreaterThan(
      glossyReflection(0.04, 0.3, 0.8, 0.8, 0.98, 0.8),
    );
  });

  it('is the same when light and viewer change places', () => {
    const [a, b] = [
      glossyReflection(0.3, 0.4, 0.3, 0.8, 0.9, 0.6),
      glossyReflection(0.3, 0.4, 0.8, 0.3, 0.9, 0.6),
    ];
    expect(a / 0.3).toBeCloseTo(b / 0.8, 12);
    expect(throughGloss(0.3, 0.2, 0.9)).toBe(throughGloss(0.3, 0.9, 0.2));
  });

  it('is none without gloss, from behind, and stays finite for the smoothest', () => {
    expect(glossyReflection(0, 0.5, 1, 1, 1, 1)).toBe(0);
    expect(glossyReflection(0.5, 0.5, -0.1, 1, 0.7, 0.7)).toBe(0);
    expect(glossyReflection(0.5, 0.5, 1, -0.1, 0.7, 0.7)).toBe(0);
    expect(Number.isFinite(glossyReflection(1, 0.05, 1, 1, 1, 1))).toBe(true);
    expect([fresnel(0, 0), fresnel(0.04, 1), fresnel(0.04, 0), fresnel(0.04, 1.0000001)]).toEqual([
      0, 0.04, 1, 0.04,
    ]);
    expect([glossyAmbient(0, 0.3, 0.2), glossyAmbient(0.04, 0.3, 1), glossyAmbient(0.04, 0, 0)]).toEqual([
      0, 0.04, 1,
    ]);
    expect(glossyAmbient(0.04, 1, 0)).toBeCloseTo(0.04, 12);
  });
});
