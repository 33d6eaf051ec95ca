import type { Sql } from 'sql-template-tag';
import type { Caller, Queryable, Services } from '../context.ts';
import { FairSlots, NoSlotError } from '../fair-slots.ts';
import { HttpProblem } from '../http/problems.ts';

/**
 * What searches may take of the database's ten connections, all together and for one caller: some queries take long,
 * and while they do sensors report, people sign in and others search as well.
 */
const SHARE = { all: 6, each: 4, waiting: 300, patience: 25_000 };

const shares = new WeakMap<Services, FairSlots>();

/** The database for one caller's searches: statements wait for their turn. */
export function searchShare(services: Services, { kind, id }: Caller): Queryable {
  const { db } = services;
  let slots = shares.get(services);
  if (!slots) shares.set(services, (slots = new FairSlots(SHARE)));
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => slots.run(`${kind}:${id}`, work).catch(refused);
  return {
    query: <Row extends object>(statement: Sql) => inTurn(() => db.query<Row>(statement)),
    one: <Row extends object>(statement: Sql) => inTurn(() => db.one<Row>(statement)),
    run: (statement) => inTurn(() => db.run(statement)),
  };
}

function refused(error: unknown): never {
  if (!(error instanceof NoSlotError)) throw error;
  throw new HttpProblem(503, 'busy', 'Other searches keep the database busy. Try again in a moment.', { retryAfter: 5, cause: error });
}
