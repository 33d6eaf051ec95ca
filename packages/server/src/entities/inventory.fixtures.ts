import type { Sql } from 'sql-template-tag';
import sql, { raw } from 'sql-template-tag';
import type { Queryable } from '../context.ts';

/**
 * A known small inventory: three hosts, five images, six containers, and what is wrong with them. `now` is its time.
 *
 * | host | provider | system | tags | containers |
 * | --- | --- | --- | --- | --- |
 * | web-1 | AWS | Debian | production, shop | shop-web (running, nginx), shop-api (running, api), old (gone) |
 * | web-2 | GCP | Ubuntu | staging | shop-api-2 (exited, api), worker (running, never scanned) |
 * | laptop | – | macOS | – | cache (paused, redis; its image is clean) |
 * | retired | Azure | Debian | – | gone |
 */

const digest = (digit: string): string => `sha256:${digit.repeat(64)}`;

export const HOSTS = {
  'web-1': '00000000-0000-4000-8000-000000000001',
  'web-2': '00000000-0000-4000-8000-000000000002',
  laptop: '00000000-0000-4000-8000-000000000003',
  retired: '00000000-0000-4000-8000-000000000004',
} as const;
export const IMAGES = { nginx: digest('a'), api: digest('b'), redis: digest('c'), unscanned: digest('d'), mine: digest('e'), gone: digest('f') } as const;
export const CONTAINERS = { 'shop-web': '1'.repeat(64), 'shop-api': '2'.repeat(64), 'shop-api-2': '3'.repeat(64), worker: '4'.repeat(64), cache: '5'.repeat(64), old: '6'.repeat(64) } as const;

async function insert(db: Queryable, table: string, rows: readonly object[], numbered = false): Promise<void> {
  const columns = raw([...new Set(rows.flatMap((row) => Object.keys(row)))].join(', '));
  const override: Sql = numbered ? raw('overriding system value') : raw('');
  await db.run(sql`insert into ${raw(table)} (${columns}) ${override}
    select ${columns} from jsonb_populate_recordset(null::${raw(table)}, ${JSON.stringify(rows)}::jsonb)`);
}

export async function fillInventory(db: Queryable, now: Date): Promise<void> {
  const ago = (days: number): string => new Date(now.getTime() - days * 86_400_000).toISOString();
  const seen = { first_seen: ago(20), last_seen: ago(0), gone_at: null };

  const pkg = (id: number, type: string, name: string, version: string, source: string | null = null) => ({ id, type, name, version, purl: `pkg:${type}/${name.replace(':', '/')}@${version}`, source_name: source });
  await insert(db, 'packages', [
    pkg(1, 'maven', 'org.apache.logging.log4j:log4j-core', '2.14.1'), pkg(2, 'maven', 'org.apache.logging.log4j:log4j-core', '2.17.1'),
    pkg(3, 'deb', 'openssl', '3.0.11-1~deb12u2', 'openssl'), pkg(4, 'deb', 'libssl3', '3.0.11-1~deb12u2', 'openssl'), pkg(5, 'apk', 'busybox', '1.36.1-r5', 'busybox'),
    pkg(6, 'generic', 'docker', '27.1.1'), pkg(7, 'npm', 'lodash', '4.17.20'), pkg(8, 'npm', 'unused', '1.0.0'), pkg(9, 'deb', 'log4j-extras', '1.0', null),
  ], true);
  const vulnerability = (id: number, name: string, severity: number, more: object = {}) => ({ id, name, aliases: [], severity, ransomware: false, cwes: [], qids: [], first_seen: ago(20), ...more });
  await insert(db, 'vulnerabilities', [
    vulnerability(1, 'CVE-2021-44228', 5, { aliases: ['GHSA-jfh8-c2jp-5v3q'], cvss: 10, epss: 0.97, epss_percentile: 0.999, kev_added: '2021-12-10', ransomware: true, cwes: ['CWE-502'], qids: ['376157'], published: '2021-12-10T00:00:00Z' }),
    vulnerability(2, 'CVE-2023-5678', 4, { cvss: 7.5, epss: 0.01, published: ago(10) }), vulnerability(3, 'CVE-2020-8203', 3, { cvss: 7.4 }), vulnerability(4, 'CVE-2019-0001', 5), vulnerability(5, 'CVE-2024-1111', 2),
  ], true);

  const sbom = (id: number, counts: number[], more: object = {}) => ({
    id, document: '\\x', scanned_at: ago(3), complete: true, packages: 2, secrets: 0, posture: 0, matched_at: ago(1), matched_by: 'x',
    s1: counts[1] ?? 0, s2: counts[2] ?? 0, s3: counts[3] ?? 0, s4: counts[4] ?? 0, s5: counts[5] ?? 0, fixable: 0, kev: 0, judged: 2, gaps: [], upgrades: [], ...more,
  });
  await insert(db, 'sboms', [
    sbom(1, [0, 0, 0, 0, 2], { fixable: 2 }), sbom(2, [0, 0, 0, 1, 0, 1], { fixable: 1, kev: 1, secrets: 2 }), sbom(3, []), sbom(4, [0, 0, 1], { scanned_at: ago(10) }),
    sbom(5, [], { matched_at: null, matched_by: null }), sbom(6, [0, 0, 0, 0, 0, 1]), sbom(7, []),
  ], true);
  const has = (sbom_id: number, ...packages: number[]) => packages.map((package_id) => ({ sbom_id, package_id, layer: 0 }));
  await insert(db, 'sbom_packages', [...has(1, 3, 4), ...has(2, 1, 7), ...has(3, 5, 2), ...has(4, 3), ...has(5, 5), ...has(6, 1), ...has(7, 6, 9)]);
  const finding = (sbom_id: number, vulnerability_id: number, package_id: number, severity: number, fixed_version: string | null, more: object = {}) => ({ sbom_id, vulnerability_id, package_id, severity, status: 'affected', fixed_version, layer: 0, first_seen: ago(5), fixed_at: null, ...more });
  await insert(db, 'findings', [
    finding(1, 2, 3, 4, '3.0.13'), finding(1, 2, 4, 4, '3.0.13'), finding(2, 1, 1, 5, '2.17.1'), finding(2, 3, 7, 3, null), finding(4, 5, 3, 2, null),
    finding(6, 4, 1, 5, null), finding(3, 3, 5, 3, null, { fixed_at: ago(2) }),
  ]);

  const host = (name: keyof typeof HOSTS, more: object) => ({ id: HOSTS[name], machine_id: `machine-${name}`, name, addresses: [], is_docker_host: true, tags: [], scan_state: 'not-scanned', ...seen, ...more });
  await insert(db, 'hosts', [
    host('web-1', { os: 'linux', os_name: 'Debian GNU/Linux 12 (bookworm)', os_version: '12', kernel: '6.1.0-18', architecture: 'x86_64', cpus: 8, memory: 17179869184, addresses: ['10.0.1.5', 'fd00::5'], provider: 'AWS', region: 'eu-west-1', account: '123456789012', instance: 'i-0abc', engine: 'docker', engine_version: '27.1.1', tags: ['production', 'shop'], sbom_id: 4, scan_state: 'scanned', last_user: 'alice' }),
    host('web-2', { os: 'linux', os_name: 'Ubuntu 22.04.4 LTS', os_version: '22.04', cpus: 4, addresses: ['10.0.2.9'], provider: 'GCP', engine: 'docker', engine_version: '24.0.7', tags: ['staging'] }),
    host('laptop', { os: 'mac', os_name: 'macOS 14.5', os_version: '14.5', cpus: 10, addresses: ['192.168.1.4'], engine: 'docker', sbom_id: 7, scan_state: 'scanned' }),
    host('retired', { os: 'linux', os_name: 'Debian GNU/Linux 11 (bullseye)', provider: 'Azure', is_docker_host: true, gone_at: ago(2), last_seen: ago(2) }),
  ]);
  const image = (id: number, key: keyof typeof IMAGES, name: string, more: object) => ({ id, image_id: IMAGES[key], name, scan_state: 'scanned', scan_state_at: ago(3), attempts: 0, wants_scan: false, labels: {}, tags: [], ...seen, ...more });
  await insert(db, 'images', [
    image(1, 'nginx', 'nginx:1.27', { sbom_id: 1, os_name: 'Debian GNU/Linux 12 (bookworm)', architecture: 'amd64', created: ago(90), size: 190_000_000, labels: { maintainer: 'NGINX' } }),
    image(2, 'api', 'registry.example:5000/shop/api:2', { sbom_id: 2, os_name: 'Debian GNU/Linux 12 (bookworm)', architecture: 'amd64', created: ago(10), size: 400_000_000, labels: { app: 'shop', team: 'payments' }, tags: ['critical-path'] }),
    image(3, 'redis', 'redis:7', { sbom_id: 3, os_name: 'Alpine Linux v3.19', architecture: 'arm64', created: ago(40), size: 40_000_000 }),
    image(4, 'unscanned', 'worker:latest', { scan_state: 'failed', scan_reason: 'timeout reading layer 3', created: ago(1) }),
    image(5, 'mine', 'mine:dev', { sbom_id: 5, scan_state: 'incomplete', labels: { app: 'shop-tools' }, created: ago(2) }),
    image(6, 'gone', 'gone:1', { sbom_id: 6, gone_at: ago(4), last_seen: ago(4), created: ago(300) }),
  ], true);
  const reference = (image_id: number, registry: string, repository: string, tag: string | null, d: string | null = null) => ({ image_id, registry, repository, tag, digest: d });
  await insert(db, 'image_references', [
    reference(1, 'docker.io', 'library/nginx', '1.27'), reference(1, 'docker.io', 'library/nginx', null, digest('9')), reference(2, 'registry.example:5000', 'shop/api', '2'), reference(2, 'docker.io', 'mirror/api', 'two'),
    reference(3, 'docker.io', 'library/redis', '7'), reference(4, 'docker.io', 'library/worker', 'latest'), reference(6, 'quay.example', 'gone', '1'),
  ]);
  await insert(db, 'image_layers', [{ image_id: 1, position: 0, diff_id: digest('7'), digest: digest('8') }, { image_id: 2, position: 0, diff_id: digest('7'), digest: null }]);
  const on = (image_id: number, name: keyof typeof HOSTS, gone_at: string | null = null) => ({ image_id, host_id: HOSTS[name], names: [], ...seen, gone_at });
  await insert(db, 'image_hosts', [on(1, 'web-1'), on(2, 'web-1'), on(2, 'web-2'), on(3, 'laptop'), on(4, 'web-2'), on(5, 'laptop'), on(1, 'web-2', ago(3)), on(6, 'web-1', ago(4))]);

  const container = (id: number, name: keyof typeof CONTAINERS, onHost: keyof typeof HOSTS, image_id: number, image_name: string, state: string, more: object = {}) => ({
    id, container_id: CONTAINERS[name], host_id: HOSTS[onHost], image_id, name, image_name, state, restarts: 0, ports: [], mounts: [], privileged: false, capabilities: [], command: [], labels: {}, tags: [], created: ago(id), started: ago(id), ...seen, ...more,
  });
  await insert(db, 'containers', [
    container(1, 'shop-web', 'web-1', 1, 'nginx:1.27', 'running', { labels: { app: 'shop', tier: 'web' }, ports: ['0.0.0.0:8080->80/tcp'], user_name: 'nginx', status: 'healthy' }),
    container(2, 'shop-api', 'web-1', 2, 'registry.example:5000/shop/api:2', 'running', { labels: { app: 'shop', tier: 'api' }, privileged: true, capabilities: ['+SYS_ADMIN'], mounts: [{ source: '/var/run/docker.sock', destination: '/var/run/docker.sock', mode: 'rw' }, { source: 'data', destination: '/data', mode: 'ro' }], user_name: 'root' }),
    container(3, 'shop-api-2', 'web-2', 2, 'registry.example:5000/shop/api:2', 'exited', { labels: { app: 'shop-staging' }, restarts: 7, exit_code: 137, namespace: 'shop', pod: 'api-0' }),
    container(4, 'worker', 'web-2', 4, 'worker:latest', 'running', { namespace: 'jobs', tags: ['batch'] }),
    container(5, 'cache', 'laptop', 3, 'redis:7', 'paused', { created: ago(60) }),
    container(6, 'old', 'web-1', 1, 'nginx:1.27', 'exited', { gone_at: ago(3), labels: { app: 'shop' } }),
  ], true);

  const event = (id: number, hours: number, kind: string, severity: number, message: string, more: object = {}) => ({ id, at: new Date(now.getTime() - hours * 3_600_000).toISOString(), kind, severity, message, detail: {}, ...more });
  await insert(db, 'events', [
    event(1, 1, 'container-started', 1, 'shop-web was started', { host_id: HOSTS['web-1'], container_id: CONTAINERS['shop-web'], image_id: IMAGES.nginx }),
    event(2, 2, 'container-oom', 4, 'worker ran out of memory', { host_id: HOSTS['web-2'], container_id: CONTAINERS.worker }),
    event(3, 30, 'image-pulled', 1, 'redis:7 was pulled', { host_id: HOSTS.laptop, image_id: IMAGES.redis }),
    event(4, 50, 'advisories-updated', 1, 'The advisory database was updated'),
  ], true);
  const sensor = (name: keyof typeof HOSTS, seconds: number, more: object = {}) => ({ id: HOSTS[name].replace('8000', '9000'), host_id: HOSTS[name], credential_hash: `\\x${HOSTS[name].slice(-2)}`, credential_issued_at: ago(9), acked: 0, features: [], spooled: 0, dropped: 0, wants_snapshot: false, wants_host_scan: false, enrolled_at: ago(9), last_seen: new Date(Date.now() - seconds * 1000).toISOString(), ...more });
  await insert(db, 'sensors', [sensor('web-1', 5), sensor('web-2', 4000), sensor('retired', 99999, { revoked_at: ago(2) })]);
}
