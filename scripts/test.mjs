// `npm test`: installs what is missing, builds, runs the suites, and ends with one line of counts.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { prepare } from './prepare.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
await prepare();
const folder = mkdtempSync(join(tmpdir(), 'plimsoll-test-'));
const results = join(folder, 'results.json');
const run = spawnSync(
  process.execPath,
  [join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${results}`, ...process.argv.slice(2)],
  { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] },
);
let status = run.status ?? 1;
try {
  const report = JSON.parse(readFileSync(results, 'utf8'));
  const skipped = report.testResults.flatMap((file) => file.assertionResults.filter((test) => test.status === 'pending' || test.status === 'skipped'));
  const reasons = new Map();
  for (const test of skipped) {
    const reason = /skipped: needs [^)\]]+/.exec(test.fullName)?.[0] ?? 'skipped';
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }
  for (const [reason, count] of reasons) console.log(`${reason}: ${count} tests`);
  if (report.numTotalTests === 0) status ||= 1;
  console.log(`${report.numPassedTests} passed, ${report.numFailedTests} failed, ${skipped.length} skipped`);
} catch (error) {
  console.error(`the test results cannot be read: ${error.message}`);
  status ||= 1;
}
rmSync(folder, { recursive: true, force: true });
process.exit(status);
