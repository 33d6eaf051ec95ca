// Bundles the command line: one small entry, and a chunk for each command that is loaded when it runs.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
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

export async function build() {
  const { build: bundle } = await import('esbuild');
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const out = join(root, 'dist', 'cli');
  const fresh = `${out}.new`;
  rmSync(fresh, { recursive: true, force: true });
  await bundle({
    absWorkingDir: root,
    entryPoints: { main: 'packages/cli/src/main.ts' },
    outdir: fresh,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.12',
    minify: !process.env.PLIMSOLL_READABLE_BUILD,
    legalComments: 'none',
    logLevel: 'warning',
    banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" },
    define: { __PLIMSOLL_VERSION__: JSON.stringify(version), __SCANNER_GENERATION__: JSON.stringify(scannerGeneration()) },
  });
  rmSync(out, { recursive: true, force: true });
  renameSync(fresh, out);
}
