import type { Image, ImageConfig, OsRelease, Package } from '@plimsoll/model';
import { describe, expect, it } from 'vitest';
import { evaluatePosture, isPostureFact, type FileFact, type PostureInput } from './posture.ts';

function image(config: ImageConfig | undefined, history: string[] = [], rest: Partial<Image> = {}): Image {
  return {
    reference: 'acme/shop:1',
    kind: 'registry',
    tags: [],
    repoDigests: [],
    layers: history.map((_, index) => ({ index, historyStep: index })),
    history: history.map((createdBy) => ({ createdBy, emptyLayer: false })),
    ...(config === undefined ? {} : { config }),
    ...rest,
  };
}

const judge = (input: Partial<PostureInput> & { image: Image }) =>
  evaluatePosture({ packages: [], fileFacts: [], now: new Date('2026-01-15T12:00:00Z'), ...input });
const subjects = (rule: string, input: Partial<PostureInput> & { image: Image }) =>
  judge(input).filter((issue) => issue.rule === rule).map((issue) => issue.subject);
const ofRun = (rule: string, ...history: string[]) => subjects(rule, { image: image({ user: '1' }, history) });
const pkg = (type: Package['type'], name: string): Package => ({ type, name, version: '1', purl: '', cataloger: 'dpkg', paths: [], layer: 3 });
const fact = (path: string, mode: number, kind: FileFact['kind'] = 'file', uid = 0): FileFact => ({ path, mode, uid, kind, layer: 1 });

describe('isPostureFact', () => {
  it.each([
    [0o4755, 'file', true], [0o2755, 'file', true], [0o4644, 'file', false], [0o666, 'file', true], [0o755, 'file', false], [0o1777, 'file', true],
    [0o777, 'dir', true], [0o1777, 'dir', false], [0o2775, 'dir', false], [0o755, 'dir', false],
  ] as const)('%o %s: %s', (mode, kind, expected) => {
    expect(isPostureFact(mode, kind)).toBe(expected);
  });
});

describe('evaluatePosture', () => {
  it('says nothing of an image that does well', () => {
    const good = image({ user: '10001:10001', env: ['PATH=/bin'], entrypoint: ['/app'], healthcheck: ['CMD', '/app', 'ping'] }, ['RUN /bin/sh -c apk add --no-cache curl # buildkit'], { tags: ['acme/shop:1.2'] });
    expect(judge({ image: good })).toEqual([]);
  });

  it('says nothing about the config of a root file system, which has none', () => {
    expect(judge({ image: image(undefined) })).toEqual([]);
  });

  it.each([
    [undefined, 'no USER'], ['', 'no USER'], ['root', 'USER root'], ['0', 'USER 0'], ['0:0', 'USER 0'], ['root:www', 'USER root'],
  ])('user %s is root', (user, subject) => {
    expect(subjects('runs-as-root', { image: image(user === undefined ? {} : { user }) })).toEqual([subject]);
  });

  it('tells a named user from root and from a number', () => {
    expect(judge({ image: image({ user: 'nginx' }) }).map((i) => [i.rule, i.severity, i.subject])).toEqual([['user-not-numeric', 1, 'USER nginx']]);
    expect(judge({ image: image({ user: '101:0' }) })).toEqual([]);
  });

  it('names variables, labels and build steps that hold secrets, with the layer', () => {
    const subject = image({ user: '1', env: ['DB_PASSWORD=hunter2-x'], labels: { 'ci.token': 'abc-def-1' } }, ['ENV A=b', 'RUN |1 NPM_TOKEN=q1-w2-e3 /bin/sh -c npm ci # buildkit']);
    const issues = judge({ image: subject });
    expect(issues.map((i) => [i.rule, i.subject, i.layer])).toEqual([
      ['secret-in-env', 'ENV DB_PASSWORD', undefined],
      ['secret-in-env', 'LABEL ci.token', undefined],
      ['secret-in-env', 'build step NPM_TOKEN', 1],
    ]);
    expect(JSON.stringify(issues)).not.toMatch(/hunter2|abc-def|q1-w2/);
  });

  it('weighs setuid programs: usual ones little, one that anybody may replace most', () => {
    const issues = judge({
      image: image({ user: '1' }),
      fileFacts: [fact('usr/bin/su', 0o4755), fact('opt/run', 0o4755), fact('opt/grp', 0o2755), fact('opt/open', 0o4777, 'file', 1000)],
    }).filter((i) => i.rule === 'setuid-file');
    expect(issues.map((i) => [i.subject, i.severity, i.layer])).toEqual([
      ['/opt/open (setuid 1000)', 4, 1],
      ['/opt/run (setuid root)', 3, 1],
      ['/opt/grp (setgid)', 2, 1],
      ['/usr/bin/su (setuid root)', 1, 1],
    ]);
  });

  it('lists world-writable files and folders except those that are shared on purpose', () => {
    expect(
      subjects('world-writable', {
        image: image({ user: '1' }),
        fileFacts: [fact('tmp', 0o777, 'dir'), fact('var/tmp/x', 0o666), fact('run/lock', 0o777, 'dir'), fact('etc/app.conf', 0o666), fact('data', 0o777, 'dir'), fact('tmpfiles', 0o666)],
      }),
    ).toEqual(['/etc/app.conf', '/data/', '/tmpfiles']);
  });

  it('counts what is beyond fifty places', () => {
    const facts = Array.from({ length: 60 }, (_, i) => fact(`data/${i}`, 0o666));
    const found = subjects('world-writable', { image: image({ user: '1' }), fileFacts: facts });
    expect(found).toHaveLength(51);
    expect(found.at(-1)).toBe('10 more');
  });

  it('asserts an unpinned base only where the base is named', () => {
    const named = (labels: Record<string, string>) => subjects('base-not-pinned', { image: image({ user: '1', labels }) });
    const name = 'org.opencontainers.image.base.name';
    expect(named({})).toEqual([]);
    expect(named({ [name]: 'docker.io/library/debian:12' })).toEqual(['docker.io/library/debian:12']);
    expect(named({ [name]: `debian@sha256:${'a'.repeat(64)}` })).toEqual([]);
    expect(named({ [name]: 'debian:12', 'org.opencontainers.image.base.digest': `sha256:${'a'.repeat(64)}` })).toEqual([]);
  });

  it('misses a health check only in Docker’s own format', () => {
    const config: ImageConfig = { user: '1', entrypoint: ['/app'] };
    const docker = [{ index: 0, mediaType: 'application/vnd.docker.image.rootfs.diff.tar.gzip' }];
    const oci = [{ index: 0, mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip' }];
    expect(subjects('no-healthcheck', { image: image(config, [], { layers: docker }) })).toHaveLength(1);
    expect(subjects('no-healthcheck', { image: image({ ...config, healthcheck: ['NONE'] }, [], { layers: docker }) })).toHaveLength(1);
    expect(subjects('no-healthcheck', { image: image(config, [], { layers: oci }) })).toEqual([]);
    expect(judge({ image: image(config, [], { layers: docker }) })[0]!.severity).toBe(1);
  });

  it('reads ADD of both builders', () => {
    expect(ofRun('add-from-url', '/bin/sh -c #(nop) ADD https://user:pw@x.internal/a.tgz /a', 'ADD http://y.internal/b /b # buildkit')).toEqual(['https://x.internal/a.tgz', 'http://y.internal/b']);
    expect(ofRun('add-from-url', '/bin/sh -c #(nop) ADD file:1234 in / ', 'ADD --checksum=sha256:ab https://x.internal/a /a # buildkit', 'COPY https /x # buildkit')).toEqual([]);
  });

  it.each([
    'RUN /bin/sh -c curl -fsSL https://x.internal/i.sh | sh # buildkit',
    '/bin/sh -c apt-get update && wget -qO- https://x.internal | sudo -E bash -',
    '|1 V=2 /bin/bash -o pipefail -c curl https://x.internal/$V | python3 - --yes',
  ])('notices %s', (step) => {
    expect(ofRun('piped-download', step)).toHaveLength(1);
  });

  it.each(['RUN /bin/sh -c curl -o x https://x.internal && sha256sum -c s && sh x', 'RUN /bin/sh -c curl https://x.internal | tar xz', 'RUN /bin/sh -c echo curl; ls | sh', 'LABEL a=curl x | sh'])(
    'does not take %s for a piped download',
    (step) => {
      expect(ofRun('piped-download', step)).toEqual([]);
    },
  );

  it('notices switched-off verification in steps and variables', () => {
    expect(ofRun('verification-off', 'RUN /bin/sh -c curl -sSkL https://x # b', 'RUN /bin/sh -c apk add --allow-untrusted x.apk', 'RUN /bin/sh -c curl -fsSL https://x/-k')).toEqual(['curl --insecure', 'apk --allow-untrusted']);
    expect(subjects('verification-off', { image: image({ user: '1', env: ['NODE_TLS_REJECT_UNAUTHORIZED=0'] }) })).toEqual(['ENV NODE_TLS_REJECT_UNAUTHORIZED=0']);
  });

  it.each([
    ['RUN /bin/sh -c apt-get update && apt-get install -y curl # buildkit', ['apt-get']],
    ['RUN /bin/sh -c apt-get update && apt-get install -y curl && rm -rf /var/lib/apt/lists/* # buildkit', []],
    ['RUN /bin/sh -c DEBIAN_FRONTEND=noninteractive apt-get install -y curl', ['apt-get']],
    ['RUN /bin/sh -c apk add curl', ['apk']],
    ['RUN /bin/sh -c apk --no-cache add curl', []],
    ['RUN /bin/sh -c dnf install -y x && dnf clean all', []],
    ['RUN /bin/sh -c pip install -r r.txt', ['pip']],
    ['RUN /bin/sh -c pip install --no-cache-dir -r r.txt', []],
    ['RUN /bin/sh -c echo install', []],
  ])('caches after %s: %j', (step, expected) => {
    expect(ofRun('package-cache-left', step)).toEqual(expected);
  });

  it('finds sudo, SSH servers, the engine socket, chmod 777 and latest', () => {
    expect(subjects('sudo', { image: image({ user: '1' }, ['RUN /bin/sh -c echo "a ALL=(ALL) NOPASSWD:ALL" >> /etc/sudoers']), packages: [pkg('deb', 'sudo'), pkg('npm', 'sudo')] })).toEqual(['NOPASSWD', 'sudo']);
    expect(subjects('ssh-server', { image: image({ user: '1', exposedPorts: ['22/tcp', '8022/tcp'] }), packages: [pkg('rpm', 'openssh-server')] })).toEqual(['openssh-server, port 22/tcp']);
    expect(subjects('ssh-server', { image: image({ user: '1', exposedPorts: ['2222/tcp'] }) })).toEqual([]);
    expect(subjects('engine-socket-volume', { image: image({ user: '1', volumes: ['/data', '/var/run/docker.sock'] }) })).toEqual(['/var/run/docker.sock']);
    expect(ofRun('chmod-777', 'RUN /bin/sh -c mkdir /d && chmod -R 777 /d', 'RUN /bin/sh -c chmod 0755 /d')).toEqual(['chmod -R 777 /d']);
    expect(subjects('latest-tag-only', { image: image({ user: '1' }, [], { tags: ['a/b:latest'] }) })).toEqual(['a/b:latest']);
    expect(subjects('latest-tag-only', { image: image({ user: '1' }, [], { tags: ['a/b:latest', 'a/b:1'] }) })).toEqual([]);
  });

  it('compares the support dates with the given day', () => {
    const os = (endOfSupport: string, endOfExtendedSupport?: string): OsRelease => ({
      id: 'debian', idLike: [], prettyName: 'Debian 10', endOfSupport, ...(endOfExtendedSupport === undefined ? {} : { endOfExtendedSupport }),
    });
    const severity = (release: OsRelease) => judge({ image: image({ user: '1' }), os: release }).map((i) => i.severity);
    expect(severity(os('2026-01-15'))).toEqual([]);
    expect(severity(os('2026-01-14'))).toEqual([4]);
    expect(severity(os('2022-09-10', '2029-06-30'))).toEqual([2]);
  });

  it('puts the gravest first and gives advice with each', () => {
    const issues = judge({ image: image({ env: ['A_PASSWORD=q1w2e3r4'], volumes: ['/x/docker.sock'] }, ['RUN /bin/sh -c apk add x']), fileFacts: [fact('etc/x', 0o666)] });
    expect(issues.map((i) => i.severity)).toEqual([4, 4, 3, 2, 1]);
    expect(issues.every((i) => i.advice.length > 20)).toBe(true);
  });

  it('bears hostile histories', () => {
    const parts = ['rm '.repeat(100_000), 'curl '.repeat(100_000), `curl | env ${'a=b=c '.repeat(50_000)}`, '|1 '.repeat(50_000), 'apk add '.repeat(50_000), '\0'.repeat(1000)];
    expect(() => judge({ image: image({}, [...parts, ...Array.from({ length: 5_000 }, () => 'RUN x')]) })).not.toThrow();
  });
});
