/** Stands in for the image `node:20-slim` where no registry of images is to be reached: Debian with this machine's Node.js. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { debianRootfs } from './debian.ts';
import type { DockerEngine } from './engine.ts';
import { findProgram } from './needs.ts';
import { mustRun } from './run.ts';

const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt';

/** Makes the image in the engine under the tag. npm in it reaches the registry as npm does here. */
export async function makeNodeImage(engine: DockerEngine, tag = 'node:20-slim'): Promise<void> {
  const rootfs = await debianRootfs({ include: ['libstdc++6', 'ca-certificates'] });
  const dir = mkdtempSync(join(tmpdir(), 'plimsoll-node-'));
  try {
    const put = (from: string, to: string) => {
      mkdirSync(join(dir, dirname(to)), { recursive: true });
      cpSync(from, join(dir, to), { recursive: true, verbatimSymlinks: true });
    };
    put(process.execPath, 'usr/local/bin/node');
    put(dirname(dirname(realpathSync(findProgram('npm')!))), 'usr/local/lib/node_modules/npm');
    if (existsSync(CERTIFICATES)) put(CERTIFICATES, 'etc/ssl/certs/ca-certificates.crt');
    const registry = (await mustRun('npm', ['config', 'get', 'registry'], { cwd: dir })).stdout.trim();
    mkdirSync(join(dir, 'usr/local/etc'), { recursive: true });
    writeFileSync(join(dir, 'usr/local/etc/npmrc'), `registry=${registry}\n${existsSync(CERTIFICATES) ? `cafile=${CERTIFICATES}\n` : ''}`);
    writeFileSync(join(dir, 'npm'), '#!/bin/sh\nexec node /usr/local/lib/node_modules/npm/bin/npm-cli.js "$@"\n', { mode: 0o755 });
    // The engine takes a layer's files from the folder; the user is that of the image it stands for.
    await engine.docker(['import', rootfs, `${tag}-debian`]);
    writeFileSync(join(dir, 'Dockerfile'), `FROM ${tag}-debian\nCOPY usr /usr\nCOPY etc /etc\nCOPY npm /usr/local/bin/npm\nRUN groupadd --gid 1000 node && useradd --uid 1000 --gid node --create-home node\nENV NODE_EXTRA_CA_CERTS=${CERTIFICATES}\n`);
    await engine.docker(['build', '--network=host', '-t', tag, dir], { env: { DOCKER_BUILDKIT: '0' } });
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
