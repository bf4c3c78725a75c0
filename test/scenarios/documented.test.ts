import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseScenario } from '../../scenarios/schema.js';

const PAGES = join(import.meta.dirname, '../../docs/senses');

/** Around a piece of a scenario, what every scenario needs. */
const around = {
  name: 'documented',
  description: 'a piece of a page',
  durationS: 1,
  bodies: {
    block: {
      semantic: 'block',
      motion: 'fixed',
      shape: { kind: 'box', halfExtentsM: [0.1, 0.1, 0.1] },
      material: 'wood',
      positionM: [0, 0, 0],
    },
  },
  sensors: {},
};

const blocks = readdirSync(PAGES)
  .filter((file) => file.endsWith('.md'))
  .flatMap((file) =>
    [...readFileSync(join(PAGES, file), 'utf8').matchAll(/```json\n([\s\S]*?)```/g)].map(
      ([, text], index) => [`${file} ${index}`, JSON.parse(text!) as Record<string, unknown>] as const,
    ),
  );

describe('what the pages of the senses show', () => {
  it.each(blocks)(
    '%s is a valid piece of a scenario, and a sensor that it spells out has those defaults',
    (_, piece) => {
      if (piece.kind === undefined) {
        expect(() => parseScenario({ ...around, ...piece })).not.toThrow();
        return;
      }
      const { sensors } = parseScenario({ ...around, sensors: { shown: piece } });
      expect(JSON.parse(JSON.stringify(sensors.shown))).toEqual(piece);
      const { kind, positionM, targetM, microphones } = piece;
      const bare = {
        kind,
        ...(positionM === undefined ? {} : { positionM, targetM }),
        ...(Array.isArray(microphones)
          ? {
              microphones: microphones.map((microphone) => ({
                name: microphone.name,
                positionM: microphone.positionM,
              })),
            }
          : {}),
      };
      expect(
        JSON.parse(JSON.stringify(parseScenario({ ...around, sensors: { bare } }).sensors.bare)),
      ).toEqual(piece);
    },
  );

  it.each(readdirSync(join(PAGES, 'scenarios')))('scenarios/%s is a valid scenario', (file) => {
    const document = JSON.parse(readFileSync(join(PAGES, 'scenarios', file), 'utf8'));
    expect(parseScenario(document).name).toBe(file.replace('.json', ''));
  });
});
