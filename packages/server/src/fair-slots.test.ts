import { describe, expect, it } from 'vitest';
import { FairSlots, NoSlotError } from './fair-slots.ts';

/** Work that runs until it is told to end, and notes that it began. */
function works() {
  const begun: string[] = [];
  const ends = new Map<string, (error?: Error) => void>();
  const work = (name: string) => () =>
    new Promise<string>((resolve, reject) => {
      begun.push(name);
      ends.set(name, (error) => (error ? reject(error) : resolve(name)));
    });
  return { begun, work, end: (name: string, error?: Error) => ends.get(name)!(error) };
}
const options = { all: 3, each: 2, waiting: 10, patience: 60_000 };
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('fair slots', () => {
  it('keep a place for others, whoever asks first and most', async () => {
    const slots = new FairSlots(options);
    const { begun, work, end } = works();
    const all = ['a1', 'a2', 'a3', 'a4', 'b1', 'b2'].map((name) => slots.run(name[0]!, work(name)));
    expect(begun).toEqual(['a1', 'a2', 'b1']);
    end('b1');
    await turn();
    expect(begun).toEqual(['a1', 'a2', 'b1', 'b2']);
    end('a1', new Error('fails'));
    await expect(all[0]).rejects.toThrow('fails');
    await turn();
    expect(begun).toEqual(['a1', 'a2', 'b1', 'b2', 'a3']);
    for (const name of ['a2', 'b2', 'a3']) end(name);
    await turn();
    end('a4');
    expect(await Promise.all(all.slice(1))).toEqual(['a2', 'a3', 'a4', 'b1', 'b2']);
  });

  it('refuse what waits in vain, and go on', async () => {
    const slots = new FairSlots({ ...options, all: 1, waiting: 1, patience: 10 });
    const { begun, work, end } = works();
    const first = slots.run('a', work('a1'));
    const second = slots.run('b', work('b1'));
    await expect(slots.run('c', work('c1'))).rejects.toBeInstanceOf(NoSlotError);
    await expect(second).rejects.toBeInstanceOf(NoSlotError);
    end('a1');
    await first;
    void slots.run('d', work('d1'));
    expect(begun).toEqual(['a1', 'd1']);
    end('d1');
  });
});
