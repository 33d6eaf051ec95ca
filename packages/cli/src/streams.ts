import type { Output } from './commands/command.ts';

/** A standard stream that drops what is written after an error, so that the program ends in its own way. */
export interface GuardedOutput extends Output {
  write(text: string): void;
  /** Why writing failed; undefined when it did not, or when only the reader had seen enough. */
  failure(): Error | undefined;
  /** Resolves when all that was written has been taken, or has failed. */
  settle(): Promise<void>;
}

export function guard(stream: NodeJS.WriteStream): GuardedOutput {
  let error: NodeJS.ErrnoException | undefined;
  const failed = (cause: NodeJS.ErrnoException) => {
    error ??= cause;
  };
  stream.on('error', failed);
  return {
    isTTY: stream.isTTY,
    // Asked each time: a terminal changes its size.
    get columns() {
      return stream.columns;
    },
    write(text) {
      if (!error) stream.write(text);
    },
    failure: () => (error?.code === 'EPIPE' ? undefined : error),
    settle: () =>
      new Promise((resolve) => {
        if (error) resolve();
        else
          stream.write('', (cause) => {
            if (cause) failed(cause);
            resolve();
          });
      }),
  };
}
