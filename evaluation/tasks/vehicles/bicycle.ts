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
  dragPerM: 0.0003,
  rollingMps2: 0.12,
};

const GRAVITY_MPS2 = 9.80665;
/** Below the first speed wheels roll where they point, above the second tyres slip, between both is a mixture. */
const BLEND_MPS = [2, 5] as const;
/** How fast the rolling motion is taken up below. */
const ROLLING_TIME_S = 0.1;
/** Longest step of the integration: where tyres slip they answer in 40 ms at the fastest, and Runge-Kutta is stable up to 2.7 of that. */
const STEP_S = 0.04;

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

/** Numbers of the state: x, y, heading, forward speed, lateral speed, yaw rate. */
const NUMBERS = 6;

/** Writes the state's rate of change into `rate`. */
function differentiate(car: Car, state: Float64Array, control: BicycleControl, rate: Float64Array): void {
  const { p, frontM, rearM } = car;
  const [heading, forward, lateral, yawRate] = [state[2]!, state[3]!, state[4]!, state[5]!];
  const given = control.speedMps;
  const speed = Math.max(0, given ?? forward);
  const steer = control.steerRad;
  const weight = slipWeight(speed);
  const [c, s] = [Math.cos(heading), Math.sin(heading)];
  rate[0] = speed * c - lateral * s;
  rate[1] = speed * s + lateral * c;
  rate[2] = yawRate;
  rate[4] = 0;
  rate[5] = 0;
  let drag = 0;
  if (weight > 0) {
    const load = p.friction * GRAVITY_MPS2;
    const frontSlip = steer - Math.atan2(lateral + frontM * yawRate, speed);
    const rearSlip = -Math.atan2(lateral - rearM * yawRate, speed);
    const front = tyreForceMps2(car.front, load * p.frontShare, frontSlip);
    const rear = tyreForceMps2(car.rear, load * (1 - p.frontShare), rearSlip);
    const across = front * Math.cos(steer);
    rate[4] = weight * (across + rear - speed * yawRate);
    rate[5] = (weight * (frontM * across - rearM * rear)) / (p.yawInertiaShare * frontM * rearM);
    drag = weight * front * Math.sin(steer);
  }
  if (weight < 1) {
    const rolling = (speed * Math.tan(steer)) / p.wheelbaseM;
    rate[4] += ((1 - weight) * (rearM * rolling - lateral)) / ROLLING_TIME_S;
    rate[5] += ((1 - weight) * (rolling - yawRate)) / ROLLING_TIME_S;
  }
  const resisting = forward > 0 ? p.rollingMps2 + p.dragPerM * forward * forward : 0;
  rate[3] = given === undefined ? control.driveMps2 - resisting - drag + yawRate * lateral : 0;
}

function slipWeight(speedMps: number): number {
  return Math.min(1, Math.max(0, (speedMps - BLEND_MPS[0]) / (BLEND_MPS[1] - BLEND_MPS[0])));
}

/**
 * Drives the car through controls and returns its state at given times. Runge-Kutta of fourth order in steps of at most 40 ms;
 * a car that brakes to a stand stays there.
 *
 * @param timesS after the start, not falling.
 * @param control what drives it at a time after the start; asked for rising times.
 */
export function drive(
  parameters: BicycleParameters,
  start: BicycleState,
  timesS: ArrayLike<number>,
  control: (timeS: number) => BicycleControl,
): readonly BicycleState[] {
  const car = carOf(parameters);
  const state = Float64Array.of(
    start.xM,
    start.yM,
    start.headingRad,
    start.speedMps,
    start.lateralMps,
    start.yawRateRadps,
  );
  const scratch = Array.from({ length: 5 }, () => new Float64Array(NUMBERS));
  let timeS = 0;
  let now = control(0);
  return Array.from(timesS, (untilS) => {
    const steps = Math.ceil((untilS - timeS) / STEP_S - 1e-9);
    const stepS = (untilS - timeS) / Math.max(1, steps);
    for (let step = 0; step < steps; step++) {
      const middle = control(timeS + (step + 0.5) * stepS);
      const next = control(timeS + (step + 1) * stepS);
      advance(car, state, stepS, [now, middle, next], scratch);
      now = next;
    }
    timeS = untilS;
    return {
      xM: state[0]!,
      yM: state[1]!,
      headingRad: state[2]!,
      speedMps: now.speedMps ?? state[3]!,
      lateralMps: state[4]!,
      yawRateRadps: state[5]!,
    };
  });
}

/** Takes one step of Runge-Kutta. Changes `state` and `scratch`. */
function advance(
  car: Car,
  state: Float64Array,
  stepS: number,
  [now, middle, next]: readonly [BicycleControl, BicycleControl, BicycleControl],
  scratch: readonly Float64Array[],
): void {
  const [a, b, c, d, moved] = scratch as readonly [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const move = (rate: Float64Array, overS: number): Float64Array => {
    for (let i = 0; i < NUMBERS; i++) moved[i] = state[i]! + rate[i]! * overS;
    return moved;
  };
  differentiate(car, state, now, a);
  differentiate(car, move(a, stepS / 2), middle, b);
  differentiate(car, move(b, stepS / 2), middle, c);
  differentiate(car, move(c, stepS), next, d);
  for (let i = 0; i < NUMBERS; i++) state[i]! += (stepS / 6) * (a[i]! + 2 * b[i]! + 2 * c[i]! + d[i]!);
  state[3] = Math.max(0, state[3]!);
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
  const slip = ((1 - p.frontShare) * speedMps * yawRateRadps) / rear;
  return rearM * yawRateRadps - slipWeight(speedMps) * speedMps * slip;
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
