import { InputError } from '@plimsoll/model';

/** What a failed statement or connection means. Codes: https://www.postgresql.org/docs/current/errcodes-appendix.html */

const SERIALIZATION_FAILURE = '40001';
const DEADLOCK = '40P01';
/** Starting up, shutting down. */
const NOT_READY = new Set(['57P01', '57P02', '57P03', '53300']);
const NETWORK = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ENOENT', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH']);
const LOST = /^(Connection terminated|Client has encountered a connection error|Query read timeout|Client was closed)/;

function codeOf(error: unknown): string {
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  const code = error instanceof Error ? (error as Error & { code?: unknown }).code : undefined;
  return typeof code === 'string' ? code : '';
}

/** Two transactions got in each other's way: the same work may succeed now. */
export function isWorthAnotherTry(error: unknown): boolean {
  const code = codeOf(error);
  return code === SERIALIZATION_FAILURE || code === DEADLOCK;
}

/** The connection is of no more use. */
export function isConnectionLoss(error: unknown): boolean {
  const code = codeOf(error);
  return NETWORK.has(code) || NOT_READY.has(code) || code.startsWith('08') || (error instanceof Error && LOST.test(error.message));
}

/** All connections were in use for as long as one waits for one: pg says it without a code. */
export function isOutOfConnections(error: unknown): boolean {
  return error instanceof Error && error.message === 'timeout exceeded when trying to connect';
}

/** The server may come: it starts, restarts, or its name does not resolve yet. */
export function isNotThereYet(error: unknown): boolean {
  const code = codeOf(error);
  return NETWORK.has(code) || NOT_READY.has(code) || (error instanceof Error && /^Connection terminated/.test(error.message));
}

/** For the person: why the database cannot be used, without the address, which holds a password. */
export function unreachable(error: unknown, waitedMs: number): InputError {
  const reason = error instanceof AggregateError ? (error.errors[0] as Error).message : (error as Error).message;
  const waited = isNotThereYet(error) ? ` after ${Math.round(waitedMs / 1000)} s` : '';
  return new InputError(
    'database-unreachable',
    `The database cannot be used${waited}: ${reason || codeOf(error)}. Check that the server of DATABASE_URL runs and lets this user in.`,
    { cause: error },
  );
}
