import { describe, expect, it } from 'vitest';
import { scanConfigForSecrets } from './image-config.ts';
import { randomText as random } from './random-text.fixtures.ts';

const places = (env: string[], labels: Record<string, string> = {}, history: string[] = []): string[] =>
  scanConfigForSecrets(env, labels, history.map((createdBy) => ({ createdBy }))).map((s) => `${s.rule} ${s.path}`);

describe('scanConfigForSecrets', () => {
  it('finds literal values under names that mean a secret', () => {
    expect(places(['DB_PASSWORD=postgres', 'API_TOKEN=abc-def-ghi', 'app.secret=q1w2e3', 'DJANGO_SECRET_KEY=zzz-kkk-11'])).toEqual([
      'config-secret config/Env/DB_PASSWORD',
      'config-secret config/Env/API_TOKEN',
      'config-secret config/Env/app.secret',
      'config-secret config/Env/DJANGO_SECRET_KEY',
    ]);
  });

  it('leaves out references, files, switches, placeholders and public keys', () => {
    expect(
      places([
        'DB_PASSWORD=', 'DB_PASSWORD=$PW', 'DB_PASSWORD_FILE=/run/secrets/db', 'API_TOKEN=/run/secrets/t', 'USE_TOKEN=true', 'API_KEY=changeme',
        'GPG_KEY=7169605F62C751356D054A26A821E680E5FA6305', 'TOKEN_TTL=3600', 'PATH=/usr/bin', 'SSH_PASS=no', 'no-equals', '=x',
      ]),
    ).toEqual([]);
  });

  it('knows tokens by their form under any name', () => {
    expect(places([`FOO=glpat-${random('base62', 20)}`], { 'org.acme.ci': `ghp_${random('base62', 36)}` })).toEqual([
      'gitlab-token config/Env/FOO',
      'github-token config/Labels/org.acme.ci',
    ]);
  });

  it('finds build arguments of both builders, with values that hold spaces', () => {
    expect(
      places([], {}, [
        '/bin/sh -c #(nop) WORKDIR /app',
        '|2 NPM_TOKEN=a b c-12 VERSION=1.2 /bin/sh -c npm ci',
        'RUN |1 DB_PASSWORD=h7gk29 /bin/sh -c make # buildkit',
        'RUN /bin/sh -c echo TOKEN=x # buildkit',
      ]),
    ).toEqual(['config-secret config/History/1', 'config-secret config/History/2']);
    const [secret] = scanConfigForSecrets([], {}, [{ createdBy: '|1 NPM_TOKEN=abc-def /bin/bash -c x' }]);
    expect(secret).toMatchObject({ name: 'NPM_TOKEN', historyStep: 0, title: 'Secret in a build argument' });
  });

  it('finds secrets within commands, and a value that ENV holds too only once', () => {
    const token = `glpat-${random('base62', 20)}`;
    expect(places([], {}, [`RUN /bin/sh -c curl -H "PRIVATE-TOKEN: ${token}" https://git.internal # buildkit`])).toEqual(['gitlab-token config/History/0']);
    expect(places([`T=${token}`], {}, [`ENV T=${token}`])).toEqual(['gitlab-token config/Env/T']);
  });

  it('never shows the value', () => {
    expect(JSON.stringify(scanConfigForSecrets(['DB_PASSWORD=correct-horse-1'], {}, []))).not.toContain('orrect');
  });
});
