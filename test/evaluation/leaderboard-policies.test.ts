import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { describePolicyRanking, rankPolicies, readPolicies } from '../../evaluation/policy-ranking.js';
import { temporaryFolder } from '../datasets/sample-dataset.js';

/** "Move near" of SIMPLER's release (simpler_env/utils/metrics.py): RT-2-X, RT-1 converged, 15 %, X, begin, Octo. */
const MOVE_NEAR = [
  { policy: 'rt-2-x', sim: 0.779, real: 0.733 },
  { policy: 'octo', sim: 0.042, real: 0.35 },
  { policy: 'rt-1-converged', sim: 0.442, real: 0.633 },
  { policy: 'rt-1-15', sim: 0.354, real: 0.583 },
  { policy: 'rt-1-begin', sim: 0.05, real: 0.017 },
  { policy: 'rt-1-x', sim: 0.317, real: 0.45 },
];

async function file(content: unknown): Promise<string> {
  const path = join(await temporaryFolder(), 'policies.json');
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

describe('a ranking of policies', () => {
  it('is that of reality, with the violation that SIMPLER published and a correlation with its interval', async () => {
    const { policies, mmrv, pearson } = rankPolicies(await readPolicies(await file(MOVE_NEAR)));
    expect(policies.map(({ policy, realRank, simRank }) => [policy, realRank, simRank])).toEqual([
      ['rt-2-x', 1, 1],
      ['rt-1-converged', 2, 2],
      ['rt-1-15', 3, 3],
      ['rt-1-x', 4, 4],
      ['octo', 5, 6],
      ['rt-1-begin', 6, 5],
    ]);
    expect(mmrv.value).toBeCloseTo(0.111, 9);
    expect(pearson.n).toBe(6);
    expect(pearson.lo).toBeLessThan(pearson.mean);
    expect(pearson.hi).toBeLessThan(1);
  });

  it('gives ties the better place, and no number where there is none', () => {
    const same = ['a', 'b', 'c'].map((policy) => ({ policy, sim: 0.5, real: policy === 'a' ? 1 : 0 }));
    const ranking = rankPolicies(same);
    expect(ranking.policies.map(({ simRank }) => simRank)).toEqual([1, 1, 1]);
    expect(describePolicyRanking(ranking)).toMatchObject({
      pearson: { mean: null, lo: null, hi: null, n: 3 },
    });
  });

  it.each([
    ['cut short', '[{"policy": "a"', /expected JSON/],
    ['no list', { a: 1 }, /expected an array/],
    ['of one', [{ policy: 'a', sim: 1, real: 1 }], /at least 2/],
    [
      'of a text for a number',
      [MOVE_NEAR[0], { policy: 'b', sim: '0.3', real: 1 }],
      /1\.sim: expected a number/,
    ],
    ['with another key', [MOVE_NEAR[0], { policy: 'b', sim: 0.3, reel: 1, real: 1 }], /1\.reel/],
    ['of one policy twice', [MOVE_NEAR[0], MOVE_NEAR[0]], /"rt-2-x" is there twice/],
  ])('refuses a file %s', async (_, content, message) => {
    await expect(readPolicies(await file(content))).rejects.toThrow(message);
  });

  it('says where no file is', async () => {
    await expect(readPolicies('/nowhere/policies.json')).rejects.toMatchObject({ code: 'not-found' });
  });
});
