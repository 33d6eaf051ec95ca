import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { OS_RELEASE_PATHS, parseOsRelease } from './os-release.ts';
import { supportDates } from './os-support.ts';

function release(text: string, path = 'etc/os-release') {
  return parseOsRelease(new Map([[path, text]]));
}

/** An os-release file with the values that tell releases apart. */
function ecosystem(values: Record<string, string>): string | undefined {
  return release(Object.entries(values).map(([key, value]) => `${key}="${value}"\n`).join(''))?.ecosystem;
}

describe('os-release', () => {
  it('gives id, release, code name, OSV ecosystem and end of support', () => {
    const text = `PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
NAME="Debian GNU/Linux"
VERSION_ID="12"
VERSION="12 (bookworm)"
VERSION_CODENAME=bookworm
ID=debian
`;
    expect(release(text)).toEqual({
      id: 'debian',
      idLike: [],
      versionId: '12',
      codename: 'bookworm',
      prettyName: 'Debian GNU/Linux 12 (bookworm)',
      ecosystem: 'Debian:12',
      endOfSupport: '2026-07-11',
      endOfExtendedSupport: '2028-06-30',
    });
  });

  it('reads quotes, escapes, comments and spaces, and drops what a terminal would obey', () => {
    const text = `# comment\n  ID='Custom'  \r\nID_LIKE="rhel  centos fedora"\nPRETTY_NAME="a \\"b\\" \u001b[31mc"\nVERSION_ID=\nBROKEN\n`;
    expect(release(text)).toEqual({ id: 'custom', idLike: ['rhel', 'centos', 'fedora'], prettyName: 'a "b" [31mc' });
  });

  it('prefers etc/os-release and falls back to usr/lib/os-release', () => {
    const files = new Map([
      ['usr/lib/os-release', 'ID=wolfi\n'],
      ['etc/os-release', 'ID=alpine\nVERSION_ID=3.11.5\n'],
    ]);
    expect(parseOsRelease(files)!.id).toBe('alpine');
    files.set('etc/os-release', '\n');
    expect(parseOsRelease(files)!.ecosystem).toBe('Wolfi');
  });

  it('is unknown without any of the files, as in busybox images', () => {
    expect(parseOsRelease(new Map())).toBeUndefined();
    expect(release('no assignment here')).toBeUndefined();
  });

  it('survives any value', () => {
    expect(release(`ID=__proto__\nVERSION_ID=constructor\n`)).toEqual({ id: '__proto__', idLike: [], versionId: 'constructor', prettyName: '__proto__' });
    expect(release(`ID=debian\nPRETTY_NAME=${'x'.repeat(1 << 20)}`)!.prettyName).toHaveLength(256);
  });
});

describe('OSV ecosystems', () => {
  it.each([
    [{ ID: 'alpine', VERSION_ID: '3.11.5' }, 'Alpine:v3.11'],
    [{ ID: 'alpine', VERSION_ID: '3.23.0_alpha20250612' }, undefined],
    [{ ID: 'debian', VERSION_ID: '12' }, 'Debian:12'],
    [{ ID: 'debian', VERSION_CODENAME: 'forky' }, 'Debian:14'],
    [{ ID: 'ubuntu', VERSION_ID: '22.04', PRETTY_NAME: 'Ubuntu 22.04.3 LTS' }, 'Ubuntu:22.04:LTS'],
    [{ ID: 'ubuntu', VERSION_ID: '23.10', PRETTY_NAME: 'Ubuntu 23.10' }, 'Ubuntu:23.10'],
    [{ ID: 'ubuntu', VERSION_ID: '24.04' }, 'Ubuntu:24.04:LTS'],
    [{ ID: 'ubuntu', VERSION_ID: '25.04' }, 'Ubuntu:25.04'],
    [{ ID: 'almalinux', VERSION_ID: '9.3' }, 'AlmaLinux:9'],
    [{ ID: 'rocky', VERSION_ID: '9.3' }, 'Rocky Linux:9'],
    [{ ID: 'rhel', VERSION_ID: '8.10' }, 'Red Hat:enterprise_linux:8'],
    [{ ID: 'sles', VERSION_ID: '15.5', PRETTY_NAME: 'SUSE Linux Enterprise Server 15 SP5' }, 'SUSE:Linux Enterprise Server 15 SP5'],
    [{ ID: 'sl-micro', VERSION_ID: '6.0', PRETTY_NAME: 'SUSE Linux Micro 6.0' }, 'SUSE:Linux Micro 6.0'],
    [{ ID: 'opensuse-leap', VERSION_ID: '15.5', PRETTY_NAME: 'openSUSE Leap 15.5' }, 'openSUSE:Leap 15.5'],
    [{ ID: 'opensuse-tumbleweed', VERSION_ID: '20260818', PRETTY_NAME: 'openSUSE Tumbleweed' }, 'openSUSE:Tumbleweed'],
    [{ ID: 'wolfi', VERSION_ID: '20230201' }, 'Wolfi'],
    [{ ID: 'chainguard', VERSION_ID: '20230214' }, 'Chainguard'],
    [{ ID: 'minimos', VERSION_ID: '20241031' }, 'MinimOS'],
    [{ ID: 'echo' }, 'Echo'],
    [{ ID: 'cleanstart' }, 'CleanStart'],
    [{ ID: 'photon', VERSION_ID: '4.0' }, 'Photon OS:4.0'],
    [{ ID: 'openEuler', VERSION: '24.03 (LTS-SP1)', VERSION_ID: '24.03' }, 'openEuler:24.03-LTS-SP1'],
    [{ ID: 'openEuler', VERSION: '22.03 LTS', VERSION_ID: '22.03' }, 'openEuler:22.03-LTS'],
    [{ ID: 'openEuler', VERSION: '23.09', VERSION_ID: '23.09' }, undefined],
    [{ ID: 'mageia', VERSION_ID: '9' }, 'Mageia:9'],
    [{ ID: 'mariner', VERSION_ID: '2.0' }, 'Azure Linux:2'],
    [{ ID: 'azurelinux', VERSION_ID: '3.0' }, 'Azure Linux:3'],
    [{ ID: 'alpaquita', VERSION_ID: 'stream' }, 'Alpaquita:stream'],
    [{ ID: 'bellsoft-hardened-containers', VERSION_ID: '25' }, 'BellSoft Hardened Containers:25'],
    [{ ID: 'centos', VERSION_ID: '8' }, undefined],
    [{ ID: 'amzn', VERSION_ID: '2023' }, undefined],
    [{ ID: 'ol', VERSION_ID: '9.4' }, undefined],
    [{ ID: 'fedora', VERSION_ID: '42' }, undefined],
    [{ ID: 'arch' }, undefined],
  ] as const)('of %j: %s', (values, expected) => {
    expect(ecosystem(values)).toBe(expected);
  });
});

describe('systems without os-release', () => {
  it.each([
    ['etc/alpine-release', '3.11.5\n', { id: 'alpine', versionId: '3.11.5', ecosystem: 'Alpine:v3.11', prettyName: 'Alpine Linux v3.11.5' }],
    ['etc/redhat-release', 'Red Hat Enterprise Linux Server release 6.10 (Santiago)\n', { id: 'rhel', versionId: '6.10', endOfSupport: '2020-11-30' }],
    ['etc/centos-release', 'CentOS release 6.10 (Final)\n', { id: 'centos', versionId: '6.10', endOfSupport: '2020-11-30' }],
    ['etc/oracle-release', 'Oracle Linux Server release 6.10\n', { id: 'ol', versionId: '6.10' }],
    ['etc/system-release', 'Amazon Linux AMI release 2018.03\n', { id: 'amzn', versionId: '2018.03', endOfSupport: '2023-12-31' }],
    ['etc/SuSE-release', 'SUSE Linux Enterprise Server 11 (x86_64)\nVERSION = 11\nPATCHLEVEL = 4\n', { id: 'sles', versionId: '11.4' }],
    ['etc/lsb-release', 'DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=22.04\nDISTRIB_CODENAME=jammy\nDISTRIB_DESCRIPTION="Ubuntu 22.04.3 LTS"\n', { id: 'ubuntu', codename: 'jammy', ecosystem: 'Ubuntu:22.04:LTS' }],
    ['etc/debian_version', '10.13\n', { id: 'debian', versionId: '10', ecosystem: 'Debian:10' }],
    ['etc/debian_version', 'trixie/sid\n', { id: 'debian', codename: 'trixie', ecosystem: 'Debian:13' }],
    ['etc/arch-release', '', { id: 'arch', prettyName: 'Arch Linux' }],
  ] as const)('%s: %j', (path, text, expected) => {
    expect(OS_RELEASE_PATHS).toContain(path);
    expect(release(text, path)).toMatchObject(expected);
  });

  it('takes the release of Debian testing from debian_version', () => {
    const files = new Map([
      ['etc/os-release', 'ID=debian\nPRETTY_NAME="Debian GNU/Linux bookworm/sid"\n'],
      ['etc/debian_version', 'bookworm/sid\n'],
    ]);
    const found = parseOsRelease(files)!;
    expect(found).toMatchObject({ codename: 'bookworm', ecosystem: 'Debian:12' });
    expect(found.versionId).toBeUndefined();
  });
});

describe('end of support', () => {
  it('tells CentOS Stream from CentOS, and knows major and minor releases', () => {
    expect(release('ID="centos"\nNAME="CentOS Stream"\nVERSION_ID="8"\n')!.endOfSupport).toBe('2024-05-31');
    expect(release('ID="centos"\nNAME="CentOS Linux"\nVERSION_ID="8"\n')!.endOfSupport).toBe('2021-12-31');
    expect(release('ID=alpine\nVERSION_ID=3.18.4\n')!.endOfSupport).toBe('2025-05-09');
    expect(release('ID=rhel\nVERSION_ID=9.4\n')).toMatchObject({ endOfSupport: '2032-05-31', endOfExtendedSupport: '2036-05-31' });
    expect(release('ID=sles\nVERSION_ID=15.5\n')).toMatchObject({ endOfSupport: '2024-12-31', endOfExtendedSupport: '2027-12-31' });
  });

  it('is absent where no day is published', () => {
    expect(release('ID=wolfi\nVERSION_ID=20230201\n')!.endOfSupport).toBeUndefined();
    expect(supportDates('debian', '99')).toBeUndefined();
    expect(supportDates('constructor', 'name')).toBeUndefined();
  });

  it('has dates of days, the extended one after the other', () => {
    const text = readFileSync(fileURLToPath(new URL('os-support.ts', import.meta.url)), 'utf8');
    const rows = [...text.matchAll(/'([^']+)': \['([^']+)'(?:, '([^']+)')?\]/g)];
    expect(rows.length).toBeGreaterThan(100);
    for (const [, name, standard, extended] of rows) {
      for (const day of [standard, extended ?? standard]) {
        expect(day, name).toMatch(/^20\d\d-\d\d-\d\d$/);
        expect(new Date(`${day}T00:00:00Z`).toISOString().slice(0, 10), name).toBe(day);
      }
      if (extended !== undefined) expect(extended > standard!, name).toBe(true);
    }
  });
});
