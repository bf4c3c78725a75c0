import { describe, expect, it } from 'vitest';
import { createCache } from '../../worldmodel/train/corpus.js';

describe('the cache of episodes', () => {
  it('forgets what was used longest ago beyond its size, and keeps the last whatever its size', () => {
    const cache = createCache<string>(10);
    cache.set('a', 'A', 5);
    cache.set('b', 'B', 5);
    expect(cache.get('a')).toBe('A');
    cache.set('c', 'C', 5);
    expect(['a', 'b', 'c'].map((key) => cache.get(key))).toEqual(['A', undefined, 'C']);
    cache.set('d', 'D', 50);
    expect(['a', 'c', 'd'].map((key) => cache.get(key))).toEqual([undefined, undefined, 'D']);
  });

  it('counts what is set again once', () => {
    const cache = createCache<number>(10);
    for (let time = 0; time < 10; time++) cache.set('again', time, 5);
    cache.set('other', 1, 5);
    expect([cache.get('again'), cache.get('other')]).toEqual([9, 1]);
  });
});
