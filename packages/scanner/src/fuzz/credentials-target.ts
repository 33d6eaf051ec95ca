import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findCredentials } from '../sources/http/docker-config.ts';
import type { FuzzTarget } from './target.ts';

/** The login file of Docker and Podman. Helpers named in it are looked for in an empty folder only. */
export const credentialsTarget: FuzzTarget = {
  name: 'docker-config',
  seeds: () => [
    { auths: { 'registry.example': { auth: 'dXNlcjpwYXNz' }, 'https://index.docker.io/v1/': { identitytoken: 'x' } } },
    { credHelpers: { 'registry.example': 'none' }, credsStore: 'none', auths: {} },
  ].map((document) => Buffer.from(JSON.stringify(document))),
  tokens: ['"auths":', '"auth":', '"credHelpers":', '"credsStore":', '"identitytoken":', '"username":'],
  async run(input) {
    const folder = mkdtempSync(join(tmpdir(), 'plimsoll-fuzz-'));
    try {
      writeFileSync(join(folder, 'config.json'), input);
      await findCredentials('registry.example', { env: { DOCKER_CONFIG: folder, PATH: folder }, home: folder });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
