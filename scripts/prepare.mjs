// Installs the dependencies and builds what is missing or older than its sources.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const STAMP = join(root, 'dist', '.built');
const INSTALLED = join(root, 'node_modules', '.package-lock.json');

function time(file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** Newest change among the sources below a folder; tests do not count. */
function newest(folder) {
  let latest = 0;
  for (const item of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, item.name);
    if (item.isDirectory()) latest = Math.max(latest, item.name === 'fixtures' ? 0 : newest(path));
    else if (item.name.endsWith('.ts') && !item.name.endsWith('.test.ts')) latest = Math.max(latest, time(path));
  }
  return latest;
}

function isInstallStale() {
  return time(INSTALLED) < time(join(root, 'package-lock.json'));
}

function isBuildStale() {
  const built = time(STAMP);
  if (built === 0 || built < time(join(root, 'scripts', 'build.mjs')) || built < time(join(root, 'package.json'))) return true;
  return readdirSync(join(root, 'packages')).some((name) => {
    const sources = join(root, 'packages', name, 'src');
    return existsSync(sources) && newest(sources) > built;
  });
}

export function isStale() {
  return isInstallStale() || isBuildStale();
}

/** Installs with the lock file alone: nothing newer than what was tested comes in. */
export function install() {
  if (!isInstallStale()) return;
  process.stderr.write('Installing dependencies (first start only)…\n');
  const npm = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (npm.status !== 0) {
    process.stderr.write('plimsoll: npm ci failed; see above. Is the package registry reachable?\n');
    process.exit(3);
  }
}

export async function prepare() {
  install();
  if (!isBuildStale()) return;
  // Two starts at once must not build into each other: the second waits for the first.
  const lock = join(root, 'node_modules', '.plimsoll-build');
  for (let tries = 0; ; tries++) {
    try {
      mkdirSync(lock);
      break;
    } catch {
      // A build takes a second: a lock this old was left by one that was killed.
      if (Date.now() - time(lock) > 60_000 || tries > 600) rmSync(lock, { recursive: true, force: true });
      else await new Promise((resolve) => setTimeout(resolve, 200));
      if (!isBuildStale()) return;
    }
  }
  try {
    const started = Date.now();
    const { build } = await import('./build.mjs');
    await build();
    // The time at which reading the sources began: what changed since is built again.
    writeFileSync(STAMP, new Date(started).toISOString());
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await prepare();
