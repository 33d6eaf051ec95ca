import { describe, expect, it } from 'vitest';
import { capabilityOf, capabilityRisk, isOpenToAll, mountRisk, risksOf, runsAsRoot } from './risks.ts';

const harmless = { container: { privileged: false, user: '1000' }, capabilities: [], mounts: [], networkMode: 'bridge' };

describe('power over the host', () => {
  it('is none for a container that has none', () => expect(risksOf(harmless)).toEqual([]));
  it('puts what is as good as root first', () => {
    const risks = risksOf({ container: { privileged: true, user: null }, capabilities: ['NET_ADMIN', 'SYS_ADMIN'], mounts: [{ source: '/var/run/docker.sock', destination: '/s', mode: 'rw' }], networkMode: 'host' });
    expect(risks.map((risk) => [risk.level, risk.title])).toEqual([
      ['danger', 'Privileged'], ['danger', 'Mounts /var/run/docker.sock'], ['danger', 'Capability SYS_ADMIN'],
      ['warn', 'Capability NET_ADMIN'], ['warn', 'The host’s network'], ['warn', 'Runs as root'],
    ]);
  });
  it('is not seen in capabilities that were taken away', () => expect(risksOf({ ...harmless, capabilities: ['-SYS_ADMIN', '-ALL'] })).toEqual([]));
});

it.each([
  ['SYS_ADMIN', true, 'SYS_ADMIN'], ['+CAP_SYS_ADMIN', true, 'SYS_ADMIN'], ['-cap_net_raw', false, 'NET_RAW'],
])('reads the capability %s', (text, added, name) => expect(capabilityOf(text)).toEqual({ added, name }));

it('flags added capabilities beyond the default alone', () => {
  expect(capabilityRisk('+CAP_SYS_MODULE')?.level).toBe('danger');
  expect(capabilityRisk('NET_ADMIN')?.level).toBe('warn');
  expect(capabilityRisk('NET_BIND_SERVICE')).toBeNull();
  expect(capabilityRisk('-SYS_MODULE')).toBeNull();
});

it.each([
  ['/var/run/docker.sock', 'ro', 'danger'], ['/run/containerd/containerd.sock', 'rw', 'danger'], ['/', 'rw', 'danger'], ['/', 'ro', 'warn'], ['/etc', 'rw', 'danger'], ['/etc/', 'ro', 'warn'],
  ['/root/.ssh', 'ro', 'warn'], ['/proc', 'rw', 'danger'], ['/etc/localtime', 'ro', null], ['/etc/ssl/certs', 'ro,z', null], ['/etc/cron.d', 'rw', 'danger'], ['/srv/data', 'rw', null], ['/etcetera', 'rw', null], ['/var/lib/docker/volumes/x/_data', 'rw', null], ['', 'rw', null],
])('judges the mount %s %s: %s', (source, mode, level) => expect(mountRisk({ source, mode })?.level ?? null).toBe(level));

it.each([
  ['0.0.0.0:8080->80/tcp', true], ['[::]:8080->80/tcp', true], [':::8080->80/tcp', true], ['127.0.0.1:9090->9090/tcp', false], ['80/tcp', false], ['10.0.0.0:80->80/tcp', false],
])('tells whether %s is open on all addresses', (port, open) => expect(isOpenToAll(port)).toBe(open));

it.each([[null, true], ['', true], ['root', true], ['0', true], ['0:0', true], ['root:users', true], ['1000', false], ['nginx', false], ['0x1', false], ['rooted', false]])('tells whether user %j is root', (user, root) => expect(runsAsRoot(user)).toBe(root));
