import { InputError } from '@plimsoll/model';

/**
 * Data that the database refuses to hold, as against a database that does not work: classes 22 and 23, and limits of
 * its own (54000: a value too large for an index).
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
export function isAboutContent(error: unknown): boolean {
  if (error instanceof InputError) return true;
  const code = error instanceof Error ? (error as Error & { code?: unknown }).code : undefined;
  return typeof code === 'string' && /^(?:22|23)[0-9A-Z]{3}$|^54000$/.test(code);
}

export function asInputError(error: unknown): InputError {
  return error instanceof InputError ? error : new InputError('message-unusable', `The database cannot hold it: ${(error as Error).message}`, { cause: error });
}
