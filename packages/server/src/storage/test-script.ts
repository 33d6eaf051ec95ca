import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/**
 * Bundles TypeScript into a file that node runs, for tests that need a process they can kill.
 * Its imports are relative to `packages/server/src`.
 */
export async function buildScript(file: string, contents: string): Promise<void> {
  await build({
    stdin: { contents, resolveDir: fileURLToPath(new URL('..', import.meta.url)), loader: 'ts' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['pg-native'],
    // Packages are found from here: the file lies in a temporary folder.
    define: { 'import.meta.url': JSON.stringify(import.meta.url) },
    banner: { js: `import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(${JSON.stringify(import.meta.url)});` },
    outfile: file,
    logLevel: 'error',
  });
}
