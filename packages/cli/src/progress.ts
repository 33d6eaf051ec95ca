import type { Output } from './commands/command.ts';

/** Shows nothing for what is done within this time. */
const PATIENCE_MS = 1000;
const REDRAW_MS = 100;

export interface Progress {
  /** `total` 0: unknown. Bytes, unless the text says otherwise. */
  update(done: number, total: number, text?: string): void;
  /** Shows a number of things done, of a total nobody knows. */
  count(done: number, text: string): void;
  clear(): void;
}

/** A bar on a terminal, after a second; silent when there is no terminal. */
export function startProgress(stderr: Output, label: string): Progress {
  if (stderr.isTTY !== true) return { update: () => undefined, count: () => undefined, clear: () => undefined };
  const started = Date.now();
  let drawn = 0;
  const draw = (line: (seconds: number) => string) => {
    const now = Date.now();
    if (now - started < PATIENCE_MS || now - drawn < REDRAW_MS) return;
    drawn = now;
    stderr.write(`\r\u001b[K${line((now - started) / 1000).slice(0, (stderr.columns ?? 80) - 1)}`);
  };
  return {
    update(done, total, text) {
      draw((seconds) => {
        const amount = total > 0 ? `${bar(done / total)} ${megabytes(done)} of ${megabytes(total)} MB` : `${megabytes(done)} MB`;
        return `${text ?? label}  ${amount}  ${megabytes(done / seconds)} MB/s`;
      });
    },
    count(done, text) {
      draw(() => `${text}  ${done}`);
    },
    clear() {
      if (drawn > 0) stderr.write('\r\u001b[K');
    },
  };
}

function bar(share: number): string {
  const width = 24;
  const full = Math.round(Math.min(1, Math.max(0, share)) * width);
  return '█'.repeat(full) + '░'.repeat(width - full);
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0);
}
