import type { Advisory } from '@plimsoll/model';
import { describe, expect, it } from 'vitest';
import { upgradeAdvice, upgradeCommand } from './explain/commands.ts';
import { writeExplanation } from './explain.ts';
import type { WriteOptions } from './formats/format.ts';
import { hostileReport, sampleReport, unmatchedReport } from './testing/sample-report.ts';
import { textWidth } from './text/printable.ts';

function explained(id: string, report = sampleReport(), options: WriteOptions = {}, advisories: Advisory[] = []): string {
  let text = '';
  writeExplanation(report, id, (chunk) => (text += chunk), options, { advisories });
  return text;
}

function advisory(more: Partial<Advisory>): Advisory {
  return {
    id: 'ALPINE-CVE-2019-1547',
    cves: ['CVE-2019-1547'],
    aliases: [],
    ecosystem: 'Alpine:v3.11',
    package: 'openssl',
    ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: '1.1.1b-r1' }] }],
    versions: [],
    severity: [],
    links: [],
    ...more,
  };
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ');

describe('explanation of a finding', () => {
  it('says why, where it came in, and what removes it', async () => {
    await expect(explained('CVE-2019-1549')).toMatchFileSnapshot('__snapshots__/explain-openssl.txt');
    await expect(explained('CVE-2021-44228')).toMatchFileSnapshot('__snapshots__/explain-log4j.txt');
    await expect(explained('CVE-2020-28928', sampleReport(), { columns: 60 })).toMatchFileSnapshot('__snapshots__/explain-musl-60.txt');
  });

  it.each(['cve-2021-44228', 'GHSA-jfh8-c2jp-5v3q', 'QID-376157', '376157'])('finds it by %s', (id) => {
    expect(explained(id)).toBe(explained('CVE-2021-44228'));
  });

  it('covers every flaw of an advisory that names several', () => {
    const report = sampleReport();
    for (const f of report.findings) if (f.package.source?.name === 'openssl') f.aliases = ['DSA-5514-1'];
    const text = explained('DSA-5514-1', report);
    for (const id of ['CVE-2020-1967', 'CVE-2019-1549', 'CVE-2019-1563']) expect(text).toMatch(new RegExp(`^${id}$`, 'm'));
  });

  it('names the OS package that installed a library, instead of an upgrade that its next release undoes', () => {
    const report = sampleReport();
    report.findings[0]!.package.ownedBy = 'elasticsearch';
    expect(oneLine(explained('CVE-2021-44228', report))).toContain('Upgrade the OS package elasticsearch, which installed it.');
  });

  it.each([60, 100])('keeps hostile text harmless and within %i columns', (columns) => {
    const text = explained('CVE-2020-28928', hostileReport(), { columns });
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
    expect(text).not.toContain('javascript:');
    for (const line of text.split('\n')) expect(textWidth(line)).toBeLessThanOrEqual(columns);
  });
});

describe('explanation of an id that is not reported', () => {
  it('says that the installed version has the fix', () => {
    const text = oneLine(explained('CVE-2019-1547', sampleReport(), {}, [advisory({})]));
    expect(text).toContain('CVE-2019-1547 is not among the findings.');
    expect(text).toContain('openssl 1.1.1c-r0 is installed; fixed since 1.1.1b-r1.');
    expect(text).toContain('by ALPINE-CVE-2019-1547 (Alpine:v3.11)');
  });

  it('says that no package of that name is installed', () => {
    expect(oneLine(explained('CVE-1', sampleReport(), {}, [advisory({ package: 'curl' })]))).toContain(
      'Its advisories name curl (Alpine:v3.11). None of these packages is installed.',
    );
  });

  it('says that the vendor of this release was not asked', () => {
    expect(oneLine(explained('CVE-1', sampleReport(), {}, [advisory({ ecosystem: 'Debian:12' })]))).toContain(
      'the image is Alpine:v3.11, for which the database has no advisory of that name',
    );
  });

  it('compares Python names as Python does', () => {
    const text = oneLine(explained('CVE-1', sampleReport(), {}, [advisory({ ecosystem: 'PyPI', package: 'pyyaml', ranges: [] })]));
    expect(text).toContain('PyYAML 5.3 is installed; it is not among the affected versions.');
  });

  it('says that the database does not know it, or that there was no database', () => {
    expect(oneLine(explained('CVE-2099-1'))).toContain('has no advisory under the name CVE-2099-1');
    expect(oneLine(explained('CVE-2099-1'))).toContain('Parts of the image could not be read');
    expect(oneLine(explained('CVE-2019-1549', unmatchedReport()))).toContain('made without an advisory database');
  });
});

describe('upgrade commands', () => {
  const debian = { id: 'debian', idLike: [], prettyName: 'Debian' };
  const suse = { id: 'sles', idLike: ['suse'], prettyName: 'SLES' };

  it.each([
    ['deb', 'libssl3', '3.0.11-1~deb12u2', debian, 'apt-get update && apt-get install --only-upgrade libssl3=3.0.11-1~deb12u2'],
    ['apk', 'libssl1.1', '1.1.1d-r0', undefined, "apk add --upgrade 'libssl1.1>=1.1.1d-r0'"],
    ['rpm', 'openssl-libs', '1:3.0.7-24.el9', undefined, 'dnf upgrade openssl-libs-1:3.0.7-24.el9'],
    ['rpm', 'libopenssl3', '3.0.8-1', suse, "zypper install 'libopenssl3>=3.0.8-1'"],
    ['npm', '@acme/lodash', '4.17.12', undefined, 'npm install @acme/lodash@4.17.12'],
    ['pypi', 'PyYAML', '5.4', undefined, "pip install 'PyYAML>=5.4'"],
    ['golang', 'golang.org/x/net', '0.17.0', undefined, 'go get golang.org/x/net@v0.17.0'],
  ] as const)('of %s', (type, name, to, os, command) => {
    expect(upgradeCommand(type, [{ name, to }], os)).toBe(command);
  });

  it('are not made of what a shell would act on', () => {
    for (const name of ['x; reboot', '$(reboot)', '-rf', 'a b', "a'b", '']) {
      expect(upgradeCommand('deb', [{ name, to: '1' }], debian)).toBeUndefined();
      expect(upgradeCommand('npm', [{ name: 'a', to: name }], undefined)).toBeUndefined();
    }
  });

  it('give way to advice where one command does not do it', () => {
    expect(upgradeCommand('maven', [{ name: 'g:a', to: '2' }], undefined)).toBeUndefined();
    expect(upgradeAdvice('maven', 'g:a', '2')).toContain('g:a to 2');
    expect(upgradeAdvice('golang', 'stdlib', 'v1.22.3')).toBe('Build the program with Go 1.22.3 or newer.');
  });
});
