// Installs the dependencies and builds what is missing or older than its sources.
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const STAMP = join(root, 'dist', '.built');
const MAIN = join(root, 'dist', 'cli', 'main.js');
const CONSOLE = join(root, 'dist', 'console', 'index.html');
const INSTALLED = join(root, 'node_modules', '.package-lock.json');
// Not in node_modules, which `npm ci` removes.
const LOCK = join(root, '.cache', 'prepare.lock');
const SOURCE = /\.(?:tsx?|css|sql|html|svg)$/;
/** File systems take their times from a clock that may lag by this. */
const CLOCK_STEP_MS = 10;

function time(file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** Adds the paths of the sources below a folder to `names`; gives their newest change. Tests do not count. */
function visitSources(folder, names) {
  let latest = 0;
  for (const item of readdirSync(folder, { withFileTypes: true })) {
    const path = `${folder}/${item.name}`;
    if (item.isDirectory()) latest = Math.max(latest, item.name === 'fixtures' ? 0 : visitSources(path, names));
    else if (SOURCE.test(item.name) && !item.name.endsWith('.test.ts')) {
      names.push(path.slice(root.length));
      latest = Math.max(latest, time(path));
    }
  }
  return latest;
}

function sources() {
  const names = [];
  // The bundle holds the libraries as well: what installs them makes it stale.
  let latest = Math.max(...[join(root, 'scripts', 'build.mjs'), join(root, 'package.json'), join(root, 'package-lock.json'), INSTALLED].map(time));
  for (const name of readdirSync(join(root, 'packages'))) {
    const folder = join(root, 'packages', name, 'src');
    if (existsSync(folder)) latest = Math.max(latest, visitSources(folder, names));
  }
  for (const name of ['index.html', 'vite.config.ts']) latest = Math.max(latest, time(join(root, 'packages/console', name)));
  return { latest, names: names.sort().join('\n') };
}

function isInstallStale() {
  return time(INSTALLED) < time(join(root, 'package-lock.json'));
}

function isBuildStale() {
  const built = time(STAMP);
  if (built === 0 || !existsSync(MAIN) || !existsSync(CONSOLE)) return true;
  const { latest, names } = sources();
  // The names: a file that was removed leaves no newer one behind.
  return latest > built || names !== readFileSync(STAMP, 'utf8');
}

export function isStale() {
  return isInstallStale() || isBuildStale();
}

/** Installs with the lock file alone: nothing newer than what was tested comes in. */
async function install() {
  const { spawnSync } = await import('node:child_process');
  process.stderr.write('Installing dependencies (first start only)…\n');
  const npm = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (npm.error) throw npm.error;
  if (npm.status !== 0) throw new Error('npm ci failed; see above. Is the package registry reachable?');
}

async function buildNow() {
  const started = Date.now();
  const { names } = sources();
  const { build } = await import('./build.mjs');
  await build();
  mkdirSync(join(root, 'dist'), { recursive: true });
  writeFileSync(STAMP, names);
  // The time at which reading the sources began: what changed since is built again.
  const seconds = (started - CLOCK_STEP_MS) / 1000;
  utimesSync(STAMP, seconds, seconds);
}

async function prepareLocked() {
  const { takeLock } = await import('./lock.mjs');
  const release = await takeLock(LOCK, {
    onWait: () => process.stderr.write('Waiting for another start that installs or builds…\n'),
  });
  try {
    // Whoever had the lock before may have done it.
    if (isInstallStale()) await install();
    if (isBuildStale()) await buildNow();
  } finally {
    release();
  }
}

/**
 * Installs and builds what is stale. Ends the process with code 3 and one line when that fails.
 * With `staleWillDo` a build that is there, but stale, is left to be used where the checkout cannot be written.
 */
export async function prepare({ staleWillDo = false } = {}) {
  if (!isStale()) return;
  try {
    await prepareLocked();
  } catch (error) {
    const [line] = String(error.message ?? error).split('\n');
    if (staleWillDo && /^E(?:ACCES|PERM|ROFS|NOSPC|DQUOT|NOTDIR|EXIST)$/.test(error.code) && existsSync(MAIN)) {
      process.stderr.write(`plimsoll: the build is older than its sources and is used as it is: ${line}\n`);
      return;
    }
    const advice = error.code === 'ERR_MODULE_NOT_FOUND' ? '; run npm ci' : '';
    process.stderr.write(`plimsoll: installing or building failed: ${line.replace(/:$/, '')}${advice}\n`);
    process.exit(3);
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await prepare();
