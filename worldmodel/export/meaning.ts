import {
  type ChannelConfiguration,
  MODEL_SIZES,
  type ModelConfiguration,
  type ReadingPart,
} from '../model/configuration.js';
import { REWARD_BINS } from '../model/reward.js';

/** What the numbers of a channel are before scaling, with their unit, in a few words. */
export function meaningOfChannel(channel: ChannelConfiguration, { size }: ModelConfiguration): string {
  const { form, shape, parts } = channel;
  switch (form) {
    case 'picture': {
      const { patch } = MODEL_SIZES[size];
      return (
        `${shape[0]} x ${shape[1]} pixels of red, green, blue (sRGB, 0 to 1) and nearness 1 / (1 + depth in m), in patches of ` +
        `${patch} x ${patch}: patch after patch, row-major, and so inside each`
      );
    }
    case 'wave':
      return 'sound pressure at each microphone over the tick, Pa';
    case 'reward':
      return `reward of the task; predicted as logits of ${REWARD_BINS.length} values of its symlog, ${REWARD_BINS[0]} to ${REWARD_BINS.at(-1)}`;
    case 'end':
      return 'whether the task ends; predicted as a logit';
    case 'vector':
      return parts.length === 0
        ? `log10 of the power (Pa2) in ${shape.at(-1)} mel bands at each microphone`
        : `symlog of ${parts.map(describePart).join(', ')}, mean over the tick`;
  }
}

function describePart({ field, shape, unit, siUnit }: ReadingPart): string {
  const divisor = unit === 1 ? '' : ` / ${unit}`;
  return `${field}${divisor} [${shape.join(', ')}] (${siUnit})`;
}

const OF_STATE: Readonly<Record<string, string>> = {
  position: 'of each body, x y z in the world, m',
  orientation: 'of each body, unit quaternion w x y z',
  linearVelocity: 'of each body, x y z in the world, m/s',
  angularVelocity: 'of each body, x y z in the world, rad/s',
};

const OF_VALUE: Readonly<Record<string, string>> = {
  ...OF_STATE,
  embedding: 'code of the senses, from the encoder',
  sensed: '1 where any sense was given to the encoder, else 0',
  carried: 'what the core remembers; zeros at first',
  features: 'what the core knows; zeros at first',
  latents: 'probabilities of the latent state; zeros at first',
  observed: '1 where the state was observed at this tick, 0 where it is the prediction of the tick before',
  guessed: '1 where the state was never observed and is to be told from what is sensed at this tick, else 0',
  known: '1 once anything has been sensed, this tick included, else 0',
  action: 'what is commanded from this tick on, scaled, and behind it 1 where that is known',
  logVariances: 'of each body: log-variance of position (m2), rotation (rad2), linear and angular velocity',
};

/** What an input or output of an exported graph is, in a few words. */
export function meaningOfValue(name: string, { channels }: ModelConfiguration): string {
  const isNext = name.endsWith('/next');
  const plain = isNext ? name.slice(0, -'/next'.length) : name;
  const known = OF_VALUE[plain];
  if (known !== undefined) return isNext ? `${known.split(';')[0]}, one tick later` : known;
  const owner = channels
    .filter((channel) => name === channel.name || name.startsWith(`${channel.name}/`))
    .sort((a, b) => b.name.length - a.name.length)[0];
  if (owner === undefined) return '';
  switch (name.slice(owner.name.length)) {
    case '':
      return 'what was sensed since the tick before, scaled; zeros where nothing was';
    case '/seen':
      return '1 where it was sensed, else 0';
    case '/last':
      return 'the last that was sensed up to now, scaled; zeros where nothing was';
    case '/mean':
      return owner.form === 'reward' || owner.form === 'end'
        ? 'logits, one tick later'
        : 'scaled, one tick later';
    case '/logVariance':
      return spreadOf(owner);
    default:
      return '';
  }
}

function spreadOf({ form }: ChannelConfiguration): string {
  switch (form) {
    case 'picture':
      return 'log-variance of the scaled values: of each patch, one of its colours and one of its nearness';
    case 'wave':
      return 'log-variance of the scaled values, one a microphone';
    default:
      return 'log-variance of the scaled values';
  }
}
