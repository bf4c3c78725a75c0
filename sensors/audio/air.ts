/** Speed of sound in dry air at 20 degrees Celsius. */
export const SPEED_OF_SOUND_MPS = 343.2;

/** Density of dry air at 20 degrees Celsius and 101325 Pa. */
export const AIR_DENSITY_KGPM3 = 1.204;
