/** The first two commands of the README, as somebody with Node alone types them in a fresh clone. */
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import type { HostRow } from '@plimsoll/model/api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { haveAll, REPOSITORY } from './support/needs.ts';
import { ALL_SUITES, makeWorkplace, titledForAll, type Workplace } from './support/plimsoll.ts';
import { mustRun, run } from './support/run.ts';
import { signInAsAdmin, startServerProcess, until } from './support/server.ts';

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

  it('npm start installs, builds, and brings up the console with this machine in it', async () => {
    expect(existsSync(`${clone}/node_modules`)).toBe(false);
    const server = await startServerProcess({
      dataDir: place.path('data'),
      command: { program: 'npm', args: ['start', '--'], cwd: clone },
      env: { ...environment(), PLIMSOLL_NO_BUILD: '', HOME: process.env['HOME'] ?? '' },
    });
    try {
      expect(server.log()).not.toContain('internal error');
      const page = await fetch(server.url, { headers: { accept: 'text/html' } });
      expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('<title>Plimsoll') as string]);
      const ada = await signInAsAdmin(server);
      const host = await until('this machine is there', async () => (await ada.search<HostRow>('hosts', 'cpus>0')).rows[0], 60);
      expect(host).toMatchObject({ sensor: 'live', isDockerHost: false, containers: 0 });
      await until('its own packages are judged', async () => (await ada.search<HostRow>('hosts', 'software:* and not scanState:not-scanned')).total === 1, 300);
    } finally {
      await server.stop();
      // npm ends by the signal itself; the server ends in good order behind it.
      await until('nothing answers any more', () => fetch(server.url).then(() => false, () => true), 20);
    }
  }, 1_900_000);

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
