import { describe, expect, it } from 'vitest';
import type { LiveChange } from '../context.ts';
import { createCache } from './cache.ts';

function setUp() {
  let time = 0;
  const listeners: ((change: LiveChange) => void)[] = [];
  const live = { publish: (change: LiveChange) => listeners.forEach((listener) => listener(change)), subscribe: (listener: (change: LiveChange) => void) => (listeners.push(listener), () => undefined), close: async () => undefined };
  const cache = createCache(live, () => time);
  let calls = 0;
  const ask = (cost = 0, key = 'q') => cache.get('images', key, async () => { calls++; time += cost; return calls; });
  return { live, ask, pass: (ms: number) => { time += ms; }, calls: () => calls };
}

describe('the cache of answers', () => {
  it('works out once what many ask at the same time', async () => {
    const { ask, calls } = setUp();
    expect(await Promise.all([ask(), ask(), ask()])).toEqual([1, 1, 1]);
    expect(await ask(0, 'other')).toBe(2);
    expect(calls()).toBe(2);
  });

  it('keeps an answer until something changes, or it is old', async () => {
    const { ask, live, pass } = setUp();
    await ask();
    pass(29_000);
    expect(await ask()).toBe(1);
    pass(2_000);
    expect(await ask()).toBe(2);
    pass(1);
    live.publish({ topic: 'images' });
    pass(1);
    expect(await ask()).toBe(3);
    live.publish({ topic: 'sensors' });
    expect(await ask()).toBe(3);
  });

  it('lets a costly answer lag behind changes, in proportion and not for long', async () => {
    const { ask, live, pass } = setUp();
    await ask(100);
    live.publish({ topic: 'images' });
    pass(800);
    expect(await ask()).toBe(1);
    pass(200);
    expect(await ask(4_000)).toBe(2);
    live.publish({ topic: 'images' });
    pass(999);
    expect(await ask()).toBe(2);
    pass(1);
    expect(await ask()).toBe(3);
  });

  it('does not keep a failure', async () => {
    const { ask } = setUp();
    const cache = createCache({ publish: () => undefined, subscribe: () => () => undefined, close: async () => undefined });
    await expect(cache.get('hosts', 'q', () => Promise.reject(new Error('no database')))).rejects.toThrow('no database');
    expect(await cache.get('hosts', 'q', async () => 1)).toBe(1);
    expect(await ask()).toBe(1);
  });
});
