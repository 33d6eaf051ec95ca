/** Exit codes of the command line, kept stable because others script against them. */
export const EXIT = { ok: 0, failed: 1, input: 2, internal: 3 } as const;

/**
 * The person's input cannot be used: a bad flag, a missing file, a corrupt image.
 * The message is one line that says what failed, where, and what to do; it is shown without a stack.
 */
export class InputError extends Error {
  override name = 'InputError';
  /** Stable, for scripts and tests: `layer-truncated`, `digest-mismatch`… */
  readonly code: string;
  constructor(code: string, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
