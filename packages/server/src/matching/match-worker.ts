import { parentPort } from 'node:worker_threads';
import { openDatabase } from '@plimsoll/advisories';
import type { AdvisoryDatabase } from '@plimsoll/model';
import { unpackDocumentSync } from './document.ts';
import { judgeSbom } from './judge.ts';
import type { Outcome, Task } from './pool.ts';

/** A thread that judges SBOMs; `pool.ts` starts it and says what messages look like. */

let opened: { file: string; database: AdvisoryDatabase } | undefined;

function databaseOf(file: string): AdvisoryDatabase {
  if (opened?.file !== file) {
    const database = openDatabase(file);
    opened?.database.close();
    opened = { file, database };
  }
  return opened.database;
}

parentPort?.on('message', ({ document, file, now }: Task) => {
  let outcome: Outcome;
  try {
    outcome = { judged: judgeSbom(unpackDocumentSync(document), databaseOf(file), now) };
  } catch (error) {
    outcome = { failed: (error as Error).message };
  }
  parentPort?.postMessage(outcome);
});
