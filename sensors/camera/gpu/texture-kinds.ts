/** Numbers of the kinds of textures, as the shaders know them; 0 is none. */
export const TEXTURE_KINDS = { checker: 1, stripes: 2, noise: 3, wood: 4, image: 5 } as const;
