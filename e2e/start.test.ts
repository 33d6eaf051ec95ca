/** The first two commands of the README, as somebody with Node alone types them in a fresh clone. */
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { haveAll, REPOSITORY } from './support/needs.ts';
import { ALL_SUITES, makeWorkplace, titledForAll, type Workplace } from './support/plimsoll.ts';
import { mustRun, run } from './support/run.ts';

let place: Workplace;
let clone: string;

/** The person's own npm configuration says where the registry is; everything of Plimsoll's is new, and there is no engine. */
const environment = () => ({
  XDG_CACHE_HOME: place.path('cache'),
  PLIMSOLL_CACHE_DIR: place.path('cache/plimsoll'),
  PLIMSOLL_DB: '',
  DOCKER_HOST: `unix://${place.path('no-engine.sock')}`,
  NO_COLOR: '1',
  // Set by the npm that runs these tests, for its own folder.
  INIT_CWD: clone,
  npm_config_local_prefix: clone,
});

describe.skipIf(!ALL_SUITES || !haveAll('git', 'npm'))(titledForAll('a fresh clone', 'git', 'npm'), () => {
  beforeAll(async () => {
    place = makeWorkplace();
    clone = place.path('clone');
    mkdirSync(place.path('cache'));
    await mustRun('git', ['clone', '--quiet', '--depth=1', `file://${REPOSITORY}`, clone]);
  });
  afterAll(() => {
    place.remove();
  });

  it('npm start installs, builds, and scans this machine’s own root file system', async () => {
    expect(existsSync(`${clone}/node_modules`)).toBe(false);
    const { code, stdout, stderr } = await run('npm', ['start'], { cwd: clone, env: environment(), timeout: 1_500_000 });
    expect([code, stderr.includes('internal error')], stderr).toEqual([0, false]);
    expect(stderr).toMatch(/[Nn]o container engine .*scanning this machine/);
    const packages = /^ {2}packages +([\d,]+)/m.exec(stdout)?.[1];
    expect(Number(packages?.replaceAll(',', ''))).toBeGreaterThan(0);
    expect(stdout).toMatch(/^ {2}findings +\S/m);
    // Progress is for terminals.
    expect(stderr).not.toContain('\r');
  }, 1_600_000);

  it('npx plimsoll scan needs nothing more', async () => {
    const { code, stdout, stderr } = await run('npx', ['plimsoll', 'scan', `dir:${clone}/docs`, '--format', 'json'], { cwd: clone, env: environment() });
    expect([code, stderr.includes('npm ci')]).toEqual([0, false]);
    expect((JSON.parse(stdout) as { schemaVersion: string }).schemaVersion).toMatch(/^1\./);
  }, 120_000);

  it('changes nothing that git knows, and nothing outside of its folders', async () => {
    const { stdout } = await mustRun('git', ['status', '--porcelain'], { cwd: clone });
    expect(stdout).toBe('');
    expect(readdirSync(place.path('cache'))).toEqual(['plimsoll']);
  });
});
