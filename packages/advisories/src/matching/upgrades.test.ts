import type { Package } from '@plimsoll/model';
import { describe, expect, it } from 'vitest';
import { match } from './match.ts';
import { advisory, installed, memoryDatabase, sbomOf } from './memory-database.fixtures.ts';
import { planUpgrades } from './upgrades.ts';

type Advisories = Parameters<typeof memoryDatabase>[0];
const plan = (packages: Package[], advisories: Advisories) => {
  const sbom = sbomOf(packages, 'Debian:12');
  return planUpgrades(match(sbom, memoryDatabase([...advisories, advisory('DSA-0', 'Debian:12', 'none', '1')])).findings, packages);
};
const flaw = (n: number, name: string, fixed: string | undefined, vendorSeverity: string) =>
  advisory(`DEBIAN-CVE-2024-000${n}`, 'Debian:12', name, fixed, { cves: [`CVE-2024-000${n}`], vendorSeverity });

describe('planUpgrades', () => {
  const source = { source: { name: 'openssl', version: '3.0.9-1' } };
  const libssl = installed('deb', 'libssl3', '3.0.9-1', source);
  const openssl = installed('deb', 'openssl', '3.0.9-1', source);

  it('upgrades the binaries of one source together, to the least version that has all fixes', () => {
    const upgrades = plan([libssl, openssl], [flaw(1, 'openssl', '3.0.9-10', 'high'), flaw(2, 'openssl', '3.0.9-9', 'low'), flaw(3, 'openssl', undefined, 'high')]);
    expect(upgrades).toEqual([
      {
        name: 'openssl',
        type: 'deb',
        to: '3.0.9-10',
        packages: [
          { name: 'libssl3', version: '3.0.9-1', to: '3.0.9-10' },
          { name: 'openssl', version: '3.0.9-1', to: '3.0.9-10' },
        ],
        removes: { 1: 0, 2: 2, 3: 0, 4: 2, 5: 0 },
        findings: ['CVE-2024-0001', 'CVE-2024-0002'],
        layer: 0,
        fromBase: true,
      },
    ]);
  });

  it('keeps versions of a language package apart', () => {
    const packages = [installed('npm', 'x', '1.0.0'), installed('npm', 'x', '2.0.0')];
    const ranges = [{ type: 'SEMVER' as const, events: [{ introduced: '0' }, { fixed: '1.5.0' }, { introduced: '2.0.0' }, { fixed: '2.1.0' }] }];
    const upgrades = plan(packages, [advisory('GHSA-1', 'npm', 'x', undefined, { ranges })]);
    expect(upgrades.map(({ packages: [pkg], to }) => [pkg!.version, to])).toEqual([['1.0.0', '1.5.0'], ['2.0.0', '2.1.0']]);
  });

  it('puts one urgent flaw before several harmless ones, and counts a flaw once for all binaries', () => {
    const names = (advisories: Advisories) => plan([installed('deb', 'a', '1'), installed('deb', 'b', '1'), libssl, openssl], advisories).map(({ name }) => name);
    expect(names([flaw(1, 'b', '2', 'low'), flaw(2, 'b', '2', 'low'), flaw(3, 'b', '2', 'low'), flaw(4, 'a', '2', 'high')])).toEqual(['a', 'b']);
    expect(names([flaw(1, 'openssl', '4', 'low'), flaw(2, 'b', '2', 'low'), flaw(3, 'b', '2', 'low')])).toEqual(['b', 'openssl']);
  });

  it('has nothing to say where nothing has a fix', () => {
    expect(plan([openssl], [flaw(1, 'openssl', undefined, 'high')])).toEqual([]);
  });
});
