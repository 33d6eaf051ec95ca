import { describe, expect, it } from 'vitest';
import { inParallel } from './in-parallel.ts';

const later = (turns: number) => new Promise<void>((resolve) => (turns === 0 ? resolve() : setImmediate(() => void later(turns - 1).then(resolve))));

describe('inParallel', () => {
  it('keeps the order, and the number at once', async () => {
    let running = 0;
    let most = 0;
    const results = await inParallel([5, 1, 3, 0, 2], 2, async (turns) => {
      most = Math.max(most, ++running);
      await later(turns);
      running--;
      return turns * 10;
    });
    expect(results).toEqual([50, 10, 30, 0, 20]);
    expect(most).toBe(2);
  });

  it('begins nothing after a failure, waits for what runs, and throws the earliest failure', async () => {
    const begun: number[] = [];
    let ended = 0;
    const work = async (index: number) => {
      begun.push(index);
      await later(index === 0 ? 6 : 2);
      ended++;
      if (index < 2) throw new Error(`item ${index}`);
    };
    await expect(inParallel([0, 1, 2, 3], 2, work)).rejects.toThrow('item 0');
    expect(begun).toEqual([0, 1]);
    expect(ended).toBe(2);
  });

  it('does nothing for no items', async () => {
    expect(await inParallel([], 3, () => Promise.reject(new Error('none')))).toEqual([]);
  });
});
