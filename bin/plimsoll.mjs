#!/usr/bin/env node
// Starts the built command line. In a checkout it first installs and builds what is missing or stale,
// so that `npx plimsoll` works in a fresh clone.
import { existsSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { fileURLToPath } from 'node:url';

nodeModule.enableCompileCache?.();
const root = new URL('..', import.meta.url);
if (existsSync(new URL('scripts/prepare.mjs', root)) && !process.env.PLIMSOLL_NO_BUILD) {
  const { isStale, prepare } = await import('../scripts/prepare.mjs');
  if (isStale()) await prepare({ staleWillDo: true });
}
const { main } = await import('../dist/cli/main.js');
process.exitCode = await main(process.argv.slice(2), { root: fileURLToPath(root) });
