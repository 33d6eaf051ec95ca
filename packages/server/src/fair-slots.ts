/** Thrown by FairSlots when there is no use in waiting. */
export class NoSlotError extends Error {
  override name = 'NoSlotError';
}

export interface FairSlotsOptions {
  /** Pieces of work that run at once, of all. */
  all: number;
  /** Of one key. */
  each: number;
  /** That wait, of all; one more is refused. */
  waiting: number;
  /** Milliseconds after which what waits is refused. */
  patience: number;
}

interface Waiting {
  key: string;
  start: () => void;
}

/** Lets so many pieces of work run at once, and of one caller fewer, so that who asks for much does not keep others out. */
export class FairSlots {
  readonly #options: FairSlotsOptions;
  readonly #running = new Map<string, number>();
  readonly #waiting = new Set<Waiting>();
  #total = 0;

  constructor(options: FairSlotsOptions) {
    this.#options = options;
  }

  /** @throws NoSlotError when too many wait, or it waited for too long. */
  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    if (this.#hasRoom(key)) this.#enter(key);
    else await this.#wait(key);
    try {
      return await work();
    } finally {
      this.#leave(key);
    }
  }

  #hasRoom(key: string): boolean {
    return this.#total < this.#options.all && (this.#running.get(key) ?? 0) < this.#options.each;
  }

  #enter(key: string): void {
    this.#total++;
    this.#running.set(key, (this.#running.get(key) ?? 0) + 1);
  }

  #leave(key: string): void {
    this.#total--;
    const left = this.#running.get(key)! - 1;
    if (left > 0) this.#running.set(key, left);
    else this.#running.delete(key);
    for (const next of this.#waiting) {
      if (this.#total >= this.#options.all) return;
      if (!this.#hasRoom(next.key)) continue;
      this.#enter(next.key);
      this.#waiting.delete(next);
      next.start();
    }
  }

  #wait(key: string): Promise<void> {
    if (this.#waiting.size >= this.#options.waiting) throw new NoSlotError('Too many wait already.');
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(waiting);
        reject(new NoSlotError('It waited for too long.'));
      }, this.#options.patience);
      const waiting: Waiting = {
        key,
        start: () => {
          clearTimeout(timer);
          resolve();
        },
      };
      this.#waiting.add(waiting);
    });
  }
}
