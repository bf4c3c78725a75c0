/**
 * Every transcendental function that `core`, `scenarios`, `sim` and `sensors` may use.
 *
 * Math.sin and its like may differ between engines and their versions; these are built on + - * /, Math.sqrt and the bits
 * of a double alone, and give the same bits everywhere. This door is the one name that the lint rule points to.
 */
export { exp, expm1, log, log1p, log2, log10, tanh } from './exponential.js';
export { cbrt, hypot, pow } from './power.js';
export { acos, asin, atan, atan2, cos, sin, tan } from './trigonometry.js';
