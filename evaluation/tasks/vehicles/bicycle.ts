/**
 * The single-track ("bicycle") model with saturating tyres (Rajamani: Vehicle Dynamics and Control, 2012, chapter 2; tyres after
 * Fiala 1954). Everything is divided by the mass, which a motion alone does not tell.
 *
 * x forward and y left of the car, angles and rates positive to the left.
 */
export interface BicycleParameters {
  readonly wheelbaseM: number;
  /** Share of the weight on the front axle, which is the rear axle's distance from the centre of mass over the wheelbase. */
  readonly frontShare: number;
  /** Of both axles over the mass, N/(rad kg): how fast the car answers to the steering. */
  readonly stiffnessMps2: number;
  /** How much more a tight turn needs to be steered at speed: d delta / d (v^2 kappa), rad s2/m. Positive is understeer. */
  readonly understeerRadS2pm: number;
  /** Yaw inertia over m a b, with a and b the axles' distances from the centre of mass. */
  readonly yawInertiaShare: number;
  /** Of tyre and road; lateral force saturates at this share of the load. */
  readonly friction: number;
  /** Steering wheel angle over road wheel angle. */
  readonly steeringRatio: number;
  /** Steering wheel angle that drives straight on. */
  readonly steeringOffsetRad: number;
  /** True speed over the one on the car's bus. */
  readonly speedScale: number;
  /** Where the pose is measured, ahead of the centre of mass. */
  readonly cameraAheadM: number;
  /** Heading of the car less that of the camera. */
  readonly cameraYawRad: number;
  /** Air drag over mass, 1/m. */
  readonly dragPerM: number;
  /** Rolling resistance over mass. */
  readonly rollingMps2: number;
}

/** What the model moves: the centre of mass and its motion in the car's own frame. */
export interface BicycleState {
  readonly xM: number;
  readonly yM: number;
  readonly headingRad: number;
  readonly speedMps: number;
  readonly lateralMps: number;
  readonly yawRateRadps: number;
}

/** What drives it at one moment. */
export interface BicycleControl {
  /** Of the road wheels. */
  readonly steerRad: number;
  /** Drive or brake force over mass. Where `speedMps` is given the model has no say in its speed. */
  readonly driveMps2: number;
  readonly speedMps?: number;
}

/** A mid-sized car, for a start: RAV4 and Suburban lie on either side. Not fitted to anything. */
export const STANDARD_CAR: BicycleParameters = {
  wheelbaseM: 2.7,
  frontShare: 0.55,
  stiffnessMps2: 130,
  understeerRadS2pm: 0.003,
  yawInertiaShare: 1,
  friction: 0.9,
  steeringRatio: 15,
  steeringOffsetRad: 0,
  speedScale: 1,
  cameraAheadM: 0.5,
  cameraYawRad: 0,
  dragPerM: 0.0003,
  rollingMps2: 0.12,
};

const GRAVITY_MPS2 = 9.80665;
/** Below the first speed wheels roll where they point, above the second tyres slip, between both is a mixture. */
const BLEND_MPS = [2, 5] as const;
/** How fast the rolling motion is taken up below. */
const ROLLING_TIME_S = 0.1;
/** Longest step of the integration: tyres at the slowest speed with slip answer in some 15 ms. */
const STEP_S = 0.025;

/** Lateral force of an axle over the car's mass at a slip angle: a brush that lets go from the rear (Fiala). */
export function tyreForceMps2(stiffness: number, limit: number, slipRad: number): number {
  const t = Math.tan(Math.max(-1.5, Math.min(1.5, slipRad)));
  const sliding = (3 * limit) / stiffness;
  if (Math.abs(t) >= sliding) return Math.sign(t) * limit;
  const share = Math.abs(t) / sliding;
  return stiffness * t * (1 - share + (share * share) / 3);
}

/** Stiffness of the front and of the rear axle over the mass that give the sum and the understeer. */
export function axleStiffness({
  stiffnessMps2,
  understeerRadS2pm,
  frontShare,
}: BicycleParameters): readonly [number, number] {
  // K = frontShare / front - rearShare / rear; solved for the front's share of the sum by the quadratic it gives.
  const [w, k] = [frontShare, understeerRadS2pm * stiffnessMps2];
  if (Math.abs(k) < 1e-9) return [w * stiffnessMps2, (1 - w) * stiffnessMps2];
  // k s^2 + (-1 - k) s + w = 0 in s, the front's share of the sum.
  const share = (1 + k - Math.sqrt((1 + k) ** 2 - 4 * k * w)) / (2 * k);
  return [share * stiffnessMps2, (1 - share) * stiffnessMps2];
}

/** Numbers that a drive needs again and again. */
interface Car {
  readonly p: BicycleParameters;
  readonly frontM: number;
  readonly rearM: number;
  readonly front: number;
  readonly rear: number;
}

function carOf(p: BicycleParameters): Car {
  const [front, rear] = axleStiffness(p);
  return { p, frontM: (1 - p.frontShare) * p.wheelbaseM, rearM: p.frontShare * p.wheelbaseM, front, rear };
}

/** x, y, heading, forward speed, lateral speed, yaw rate. */
type Vector = readonly [number, number, number, number, number, number];

function derivative(
  car: Car,
  [, , heading, forward, lateral, yawRate]: Vector,
  control: BicycleControl,
): Vector {
  const { p, frontM, rearM } = car;
  const given = control.speedMps;
  const speed = Math.max(0, given ?? forward);
  const steer = control.steerRad;
  const weight = Math.min(1, Math.max(0, (speed - BLEND_MPS[0]) / (BLEND_MPS[1] - BLEND_MPS[0])));
  let [lateralRate, yawAcceleration, drag] = [0, 0, 0];
  if (weight > 0) {
    const frontSlip = steer - Math.atan2(lateral + frontM * yawRate, speed);
    const rearSlip = -Math.atan2(lateral - rearM * yawRate, speed);
    const load = p.friction * GRAVITY_MPS2;
    const front = tyreForceMps2(car.front, load * p.frontShare, frontSlip);
    const rear = tyreForceMps2(car.rear, load * (1 - p.frontShare), rearSlip);
    const across = front * Math.cos(steer);
    lateralRate = weight * (across + rear - speed * yawRate);
    yawAcceleration = (weight * (frontM * across - rearM * rear)) / (p.yawInertiaShare * frontM * rearM);
    drag = weight * front * Math.sin(steer);
  }
  if (weight < 1) {
    const rolling = (speed * Math.tan(steer)) / p.wheelbaseM;
    lateralRate += ((1 - weight) * (rearM * rolling - lateral)) / ROLLING_TIME_S;
    yawAcceleration += ((1 - weight) * (rolling - yawRate)) / ROLLING_TIME_S;
  }
  const resisting = forward > 0 ? p.rollingMps2 + p.dragPerM * forward * forward : 0;
  const forwardRate = given === undefined ? control.driveMps2 - resisting - drag + yawRate * lateral : 0;
  const [c, s] = [Math.cos(heading), Math.sin(heading)];
  return [
    speed * c - lateral * s,
    speed * s + lateral * c,
    yawRate,
    forwardRate,
    lateralRate,
    yawAcceleration,
  ];
}

function moved(state: Vector, rate: Vector, stepS: number): Vector {
  return state.map((value, index) => value + rate[index]! * stepS) as unknown as Vector;
}

/**
 * Drives the car through controls and returns its state at given times. Runge-Kutta of fourth order in steps of at most 25 ms;
 * a car that brakes to a stand stays there.
 *
 * @param timesS after the start, not falling.
 * @param control what drives it at a time after the start.
 */
export function drive(
  parameters: BicycleParameters,
  start: BicycleState,
  timesS: ArrayLike<number>,
  control: (timeS: number) => BicycleControl,
): readonly BicycleState[] {
  const car = carOf(parameters);
  let state: Vector = [
    start.xM,
    start.yM,
    start.headingRad,
    start.speedMps,
    start.lateralMps,
    start.yawRateRadps,
  ];
  let timeS = 0;
  return Array.from(timesS, (untilS) => {
    const steps = Math.ceil((untilS - timeS) / STEP_S - 1e-9);
    const stepS = (untilS - timeS) / Math.max(1, steps);
    for (let step = 0; step < steps; step++) {
      state = advance(car, state, timeS + step * stepS, stepS, control);
    }
    timeS = untilS;
    return stateOf(state, control(untilS).speedMps);
  });
}

function advance(
  car: Car,
  state: Vector,
  timeS: number,
  stepS: number,
  control: (timeS: number) => BicycleControl,
): Vector {
  const half = control(timeS + stepS / 2);
  const a = derivative(car, state, control(timeS));
  const b = derivative(car, moved(state, a, stepS / 2), half);
  const c = derivative(car, moved(state, b, stepS / 2), half);
  const d = derivative(car, moved(state, c, stepS), control(timeS + stepS));
  const next = state.map(
    (value, index) => value + (stepS / 6) * (a[index]! + 2 * b[index]! + 2 * c[index]! + d[index]!),
  );
  next[3] = Math.max(0, next[3]!);
  return next as unknown as Vector;
}

function stateOf(
  [xM, yM, headingRad, forward, lateralMps, yawRateRadps]: Vector,
  given?: number,
): BicycleState {
  return { xM, yM, headingRad, speedMps: given ?? forward, lateralMps, yawRateRadps };
}

/**
 * Computes the lateral speed of the centre of mass in a steady turn: what rolls at the rear axle, less what its tyres slip.
 *
 * Linear tyres: v_y = b r - v (m a v r) / (L C_r).
 */
export function steadyLateralMps(
  parameters: BicycleParameters,
  speedMps: number,
  yawRateRadps: number,
): number {
  const { rearM, rear, p } = carOf(parameters);
  const weight = Math.min(1, Math.max(0, (speedMps - BLEND_MPS[0]) / (BLEND_MPS[1] - BLEND_MPS[0])));
  const slip = ((1 - p.frontShare) * speedMps * yawRateRadps) / rear;
  return rearM * yawRateRadps - weight * speedMps * slip;
}

/** Computes the road wheels' angle that holds a steady turn: delta = L r / v + K v r. */
export function steadySteerRad(
  parameters: BicycleParameters,
  speedMps: number,
  yawRateRadps: number,
): number {
  const speed = Math.max(speedMps, 1);
  return (
    Math.atan((parameters.wheelbaseM * yawRateRadps) / speed) +
    parameters.understeerRadS2pm * speedMps * yawRateRadps
  );
}
