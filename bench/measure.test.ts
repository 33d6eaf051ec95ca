import { describe, expect, it } from 'vitest';
import { needs, titled } from '../e2e/support/needs.ts';
import { measure, median, summarise } from './measure.ts';

describe('median', () => {
  it('is the middle value, or the mean of the two middle ones', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([10, 1, 2, 4])).toBe(3);
    expect(() => median([])).toThrow('no values');
  });
});

describe('summarise', () => {
  it('takes the median of each figure by itself and keeps the extremes of the wall time', () => {
    const costs = [
      { wall: 3, cpu: 1, memory: 30 },
      { wall: 1, cpu: 3, memory: 10 },
      { wall: 2, cpu: 2, memory: 50 },
    ];
    expect(summarise(costs)).toEqual({ wall: 2, cpu: 2, memory: 30, wallRange: [1, 3], runs: 3 });
  });
});

describe.skipIf(!needs('time').present)(titled('measure', 'time'), () => {
  it('counts the processor time and the memory of the child, not of this process', async () => {
    const busy = 'const b = Buffer.alloc(200e6, 1); const end = process.cpuUsage().user + 300e3; while (process.cpuUsage().user < end);';
    const cost = await measure({ program: process.execPath, args: ['-e', busy] });
    expect(cost.cpu).toBeGreaterThan(0.29);
    expect(cost.memory).toBeGreaterThan(200);
    const idle = await measure({ program: process.execPath, args: ['-e', '0'] });
    expect(idle.memory).toBeLessThan(cost.memory - 100);
  });

  it('fails when the command does, and quotes it', async () => {
    const failing = { program: process.execPath, args: ['-e', 'console.error("no such image"); process.exit(2)'] };
    await expect(measure(failing)).rejects.toThrow('no such image');
  });
});
