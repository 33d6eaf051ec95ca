import { setTimeout as sleep } from 'node:timers/promises';

const FIRST_MS = 500;
const LONGEST_MS = 30_000;

/**
 * Waits between attempts: twice as long after each failure, up to 30 s, and spread at random so that the sensors
 * of a fleet do not come back in the same instant.
 */
export class Backoff {
  #failures = 0;
  readonly #random: () => number;

  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  succeeded(): void {
    this.#failures = 0;
  }

  /** Milliseconds to wait after one more failure: between half of the step and all of it. */
  next(): number {
    const step = Math.min(LONGEST_MS, FIRST_MS * 2 ** this.#failures);
    if (step < LONGEST_MS) this.#failures++;
    return Math.round(step / 2 + (step / 2) * this.#random());
  }

  /** Waits; returns at once when the signal is aborted. @param atLeast milliseconds the server asks for, 30 s at most */
  async wait(signal: AbortSignal, atLeast = 0): Promise<void> {
    await sleep(Math.max(this.next(), Math.min(atLeast, LONGEST_MS)), undefined, { signal }).catch(() => undefined);
  }
}
