/**
 * A hanging chain of arms that swing in one plane, by the least numbers that its motion depends on. With m the mass of an arm,
 * a the distance of its centre of mass from its own joint, I its inertia about that centre, L the distance between its joints:
 *
 *     moment h_i = m_i a_i + L_i sum_{j>i} m_j,   second moment J_i = I_i + m_i a_i^2 + L_i^2 sum_{j>i} m_j,
 *     lengthM_i = J_i / h_i,   momentShare_i = h_i / h_1.
 *
 * Torques enter divided by h_1, so that no mass is needed: none can be learned from a swing that nothing pushes.
 */
export interface ChainParameters {
  /** [arms] J_i / h_i: length of the simple pendulum that swings as the arm would with all that hangs on it held straight below, m. */
  readonly lengthM: readonly number[];
  /** [arms] h_i / h_1; the first is 1. */
  readonly momentShare: readonly number[];
  /** [arms - 1] distance from an arm's joint to the next, m. */
  readonly jointDistanceM: readonly number[];
  /** [arms] viscous friction of each joint over h_1, N m s / (kg m) = m/s, on the rate between its two arms. */
  readonly viscousMps: readonly number[];
  /** [arms] dry friction of each joint over h_1, m/s2. */
  readonly dryMps2: readonly number[];
  /** [arms] drag of the air over h_1, on the square of the arm's own rate, m. */
  readonly dragM: readonly number[];
  readonly gravityMps2: number;
}

/** Below this rate dry friction fades to nothing, rad/s: it keeps the equations smooth. */
const DRY_RATE_RADPS = 0.05;

/** Returns the number of arms. */
export function armsOf({ lengthM }: ChainParameters): number {
  return lengthM.length;
}

/**
 * Computes the angular accelerations. With theta from straight down and w = d theta / dt, Lagrange's equation of arm i, over h_1:
 *
 *     r_i (l_i theta_i'' + g sin theta_i) + sum_{j != i} r_max(i,j) L_min(i,j) (cos(theta_i - theta_j) theta_j''
 *       + sin(theta_i - theta_j) w_j^2) = f_{i+1} - f_i - drag_i |w_i| w_i,
 *     f_i = viscous_i v_i + dry_i tanh(v_i / 0.05),  v_i = w_i - w_{i-1}.
 *
 * @param state [2 arms] angles (rad), then rates (rad/s).
 * @param derivative [2 arms] is written to: rates, then accelerations.
 */
export function differentiate(p: ChainParameters, state: Float64Array, derivative: Float64Array): void {
  const n = p.lengthM.length;
  const { matrix } = SCRATCH[n]!;
  for (let i = 0; i < n; i++) {
    const rate = state[n + i]!;
    const share = p.momentShare[i]!;
    derivative[i] = rate;
    matrix[i * n + i] = share * p.lengthM[i]!;
    derivative[n + i] = -share * p.gravityMps2 * Math.sin(state[i]!) - p.dragM[i]! * Math.abs(rate) * rate;
  }
  for (let i = 0; i < n; i++) {
    const before = i > 0 ? state[n + i - 1]! : 0;
    const between = state[n + i]! - before;
    const friction = p.viscousMps[i]! * between + p.dryMps2[i]! * Math.tanh(between / DRY_RATE_RADPS);
    derivative[n + i]! -= friction;
    if (i > 0) derivative[n + i - 1]! += friction;
    for (let j = i + 1; j < n; j++) {
      const coupling = p.momentShare[j]! * p.jointDistanceM[i]!;
      const turned = state[i]! - state[j]!;
      const along = coupling * Math.cos(turned);
      const across = coupling * Math.sin(turned);
      matrix[i * n + j] = along;
      matrix[j * n + i] = along;
      derivative[n + i]! -= across * state[n + j]! * state[n + j]!;
      derivative[n + j]! += across * state[n + i]! * state[n + i]!;
    }
  }
  solveSymmetric(matrix, derivative, n);
}

/** By number of arms: the mass matrix and the stages of a step, which each call fills anew. */
const SCRATCH = [0, 1, 2, 3].map((n) => ({
  matrix: new Float64Array(n * n),
  stages: Array.from({ length: 5 }, () => new Float64Array(2 * n)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ],
}));

/** Solves a positive definite system by elimination without pivots; the right-hand side is `values[n..2n)` and becomes the solution. */
function solveSymmetric(matrix: Float64Array, values: Float64Array, n: number): void {
  for (let k = 0; k < n; k++) {
    for (let i = k + 1; i < n; i++) {
      const factor = matrix[i * n + k]! / matrix[k * n + k]!;
      for (let j = k + 1; j < n; j++) matrix[i * n + j]! -= factor * matrix[k * n + j]!;
      values[n + i]! -= factor * values[n + k]!;
    }
  }
  for (let k = n - 1; k >= 0; k--) {
    for (let j = k + 1; j < n; j++) values[n + k]! -= matrix[k * n + j]! * values[n + j]!;
    values[n + k]! /= matrix[k * n + k]!;
  }
}

/**
 * Computes the mechanical energy over h_1, m2/s2: 0 where all arms hang at rest.
 *
 *     E / h_1 = sum_i r_i (l_i w_i^2 / 2 + g (1 - cos theta_i)) + sum_{i<j} r_j L_i cos(theta_i - theta_j) w_i w_j
 */
export function energyOf(p: ChainParameters, state: ArrayLike<number>): number {
  const n = p.lengthM.length;
  let energy = 0;
  for (let i = 0; i < n; i++) {
    const rate = state[n + i]!;
    energy +=
      p.momentShare[i]! * (0.5 * p.lengthM[i]! * rate * rate + p.gravityMps2 * (1 - Math.cos(state[i]!)));
    for (let j = i + 1; j < n; j++) {
      const coupling = p.momentShare[j]! * p.jointDistanceM[i]!;
      energy += coupling * Math.cos(state[i]! - state[j]!) * rate * state[n + j]!;
    }
  }
  return energy;
}

/**
 * Moves a state on by `steps` steps of the classical Runge-Kutta method of order 4. Its energy drifts by the fourth power of
 * the step: by less than a hundred-thousandth over 10 s at 1 kHz, far less than the engine loses (docs/decisions/2026-11-21-evaluator.md), so that nothing symplectic is needed.
 *
 * @param state [2 arms] is moved.
 * @param stepS negative to go back in time.
 */
export function advance(p: ChainParameters, state: Float64Array, stepS: number, steps = 1): void {
  const size = state.length;
  const [k1, k2, k3, k4, at] = SCRATCH[size / 2]!.stages;
  for (let step = 0; step < steps; step++) {
    differentiate(p, state, k1);
    for (let i = 0; i < size; i++) at[i] = state[i]! + 0.5 * stepS * k1[i]!;
    differentiate(p, at, k2);
    for (let i = 0; i < size; i++) at[i] = state[i]! + 0.5 * stepS * k2[i]!;
    differentiate(p, at, k3);
    for (let i = 0; i < size; i++) at[i] = state[i]! + stepS * k3[i]!;
    differentiate(p, at, k4);
    for (let i = 0; i < size; i++) state[i]! += (stepS / 6) * (k1[i]! + 2 * k2[i]! + 2 * k3[i]! + k4[i]!);
  }
}

/**
 * Follows a chain for a number of frames.
 *
 * @param start [2 arms] the state one frame before the first that is returned; not changed.
 * @param stepsPerFrame Runge-Kutta steps in one frame.
 * @returns [frames, 2 arms].
 */
export function followChain(
  p: ChainParameters,
  start: Float64Array,
  rateHz: number,
  frames: number,
  stepsPerFrame = 1,
): Float64Array {
  const state = Float64Array.from(start);
  const path = new Float64Array(frames * state.length);
  for (let frame = 0; frame < frames; frame++) {
    advance(p, state, 1 / (rateHz * stepsPerFrame), stepsPerFrame);
    path.set(state, frame * state.length);
  }
  return path;
}
