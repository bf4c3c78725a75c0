/** What the rays through an image's pixel centres meet, in linear light. Row-major, top row first, left column first. */
export interface Image {
  readonly width: number;
  readonly height: number;
  /** The rows that are worked on, the last one excluded: all, or those that are exposed together. */
  top: number;
  bottom: number;
  /** [height, width, 3] radiance, linear RGB. */
  readonly radiance: Float32Array;
  /** [height, width] metres along the optical axis; +Infinity where there is nothing. */
  readonly depthM: Float64Array;
  /** [height, width] 0 for nothing, 1 + index of the body otherwise. */
  readonly instance: Uint16Array;
  /** [height, width] cosine between the surface's normal and the sun's direction, 0 where it is turned away. */
  readonly sunCosine: Float64Array;
}

/** Allocates an image; every field is written anew by `castRays`. */
export function createImage(width: number, height: number): Image {
  const pixels = width * height;
  return {
    width,
    height,
    top: 0,
    bottom: height,
    radiance: new Float32Array(pixels * 3),
    depthM: new Float64Array(pixels),
    instance: new Uint16Array(pixels),
    sunCosine: new Float64Array(pixels),
  };
}
