/** Squared roughness below which a lobe is narrower than any pixel sees, and its peak overflows. */
const LEAST_ALPHA = 0.0025;

/**
 * Fresnel reflectance by Schlick's approximation (1994): f0 + (1 - f0) (1 - cosine)^5; 0 for a surface without gloss.
 *
 * @param specular reflectance at normal incidence, 0 to 1.
 */
export function fresnel(specular: number, cosine: number): number {
  if (specular === 0) return 0;
  const m = cosine < 1 ? 1 - cosine : 0;
  return specular + (1 - specular) * (m * m * m * m * m);
}

/**
 * Share of a light's radiance on a facing white surface that the glossy lobe sends to the viewer: pi D V F n.l.
 *
 * Cook and Torrance's microfacets (1982) with the GGX distribution and Smith's height-correlated shadowing (Walter et al.
 * 2007; Heitz 2014): D = a^2 / (pi ((n.h)^2 (a^2 - 1) + 1)^2) with a the square of the roughness,
 * V = 1 / (2 (n.l sqrt(a^2 + (1 - a^2) (n.v)^2) + n.v sqrt(a^2 + (1 - a^2) (n.l)^2))), F Schlick's at v.h.
 *
 * @param nl cosine from the normal to the light, nv to the viewer, nh to the half vector, vh from viewer to half vector.
 */
export function glossyReflection(
  specular: number,
  roughness: number,
  nl: number,
  nv: number,
  nh: number,
  vh: number,
): number {
  if (!(specular > 0 && nl > 0 && nv > 0)) return 0;
  const alpha = roughness * roughness > LEAST_ALPHA ? roughness * roughness : LEAST_ALPHA;
  const square = alpha * alpha;
  const spread = nh * nh * (square - 1) + 1;
  const distribution = square / (spread * spread);
  const masking =
    nl * Math.sqrt(square + (1 - square) * nv * nv) + nv * Math.sqrt(square + (1 - square) * nl * nl);
  return (distribution * fresnel(specular, vh) * nl) / (2 * masking);
}

/**
 * Share of the light that is left for the matt colour under the gloss: (1 - F(n.l)) (1 - F(n.v)), which keeps the sum of
 * both at no more than the light that comes in.
 */
export function throughGloss(specular: number, nl: number, nv: number): number {
  return specular === 0 ? 1 : (1 - fresnel(specular, nl)) * (1 - fresnel(specular, nv));
}

/**
 * Share of the light from all around that the glossy lobe sends to the viewer: Schlick's reflectance at n.v, whose
 * rise at grazing angles fades as the surface gets rougher (Lagarde 2011).
 */
export function glossyAmbient(specular: number, roughness: number, nv: number): number {
  if (specular === 0) return 0;
  const m = nv < 1 ? 1 - nv : 0;
  const most = 1 - roughness > specular ? 1 - roughness : specular;
  return specular + (most - specular) * (m * m * m * m * m);
}
