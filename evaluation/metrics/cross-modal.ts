import type { Metric } from '../contract.js';
import { INVALID, metricOf } from './metric.js';

/** How what is heard agrees with what touches. */
export interface ContactSound {
  /** Mean time from a contact to its sound, s; sound takes 2.9 ms a metre. Invalid where no contact was heard. */
  readonly lagS: Metric;
  /** Share of the contacts that no sound follows. Invalid without contacts. */
  readonly contactWithoutSound: Metric;
  /** Share of the sounds that no contact precedes. Invalid without sounds. */
  readonly soundWithoutContact: Metric;
}

/** How far a sound may lie from its contact. */
export interface ContactSoundOptions {
  /** A sound may begin so long before its contact: the blur of both estimates. */
  readonly earliestS?: number;
  /** and so long after. */
  readonly latestS?: number;
}

/**
 * Pairs contacts with the sounds that they make. Each contact takes the first sound within reach that no earlier contact took.
 *
 * Computed for a forecast and for a recording alike; their difference says whether a world model keeps its senses together.
 *
 * @param contactsS times at which contacts begin, in any order, as `soundsS` (`findOnsetsS`).
 */
export function pairContactsWithSounds(
  contactsS: readonly number[],
  soundsS: readonly number[],
  { earliestS = 0.005, latestS = 0.05 }: ContactSoundOptions = {},
): ContactSound {
  const contacts = contactsS.filter(Number.isFinite).sort((a, b) => a - b);
  const sounds = soundsS.filter(Number.isFinite).sort((a, b) => a - b);
  let next = 0;
  let lag = 0;
  let paired = 0;
  for (const contact of contacts) {
    while (next < sounds.length && sounds[next]! < contact - earliestS) next++;
    if (next >= sounds.length || sounds[next]! > contact + latestS) continue;
    lag += sounds[next]! - contact;
    paired++;
    next++;
  }
  const share = (alone: number, all: number): Metric => (all === 0 ? INVALID : metricOf(alone / all));
  return {
    lagS: metricOf(lag / paired),
    contactWithoutSound: share(contacts.length - paired, contacts.length),
    soundWithoutContact: share(sounds.length - paired, sounds.length),
  };
}

/** Returns the times at which a series of contact states goes from none to some, s from the first frame. */
export function contactOnsetsS(contact: ArrayLike<number>, rateHz: number): number[] {
  const onsets: number[] = [];
  for (let frame = 0; frame < contact.length; frame++) {
    if (contact[frame] !== 0 && (frame === 0 || contact[frame - 1] === 0)) onsets.push(frame / rateHz);
  }
  return onsets;
}
