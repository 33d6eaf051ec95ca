import { InputError, type Package, type Sbom } from '@plimsoll/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sbomDocument } from './sbom-document.ts';
import { MAX_SBOM_SIZE, readSbom, startsLikeSbom } from './sbom-reader.ts';
import { maxJsonDepth } from './sbom/json-depth.ts';

type Json = Record<string, unknown>;

function read(document: unknown): Sbom {
  return readSbom(Buffer.from(typeof document === 'string' ? document : JSON.stringify(document)), 'app.sbom.json');
}

const cyclonedx = (components: Json[], more: Json = {}): Json => ({ bomFormat: 'CycloneDX', specVersion: '1.5', version: 1, components, ...more });
const spdx = (packages: Json[], more: Json = {}): Json => ({ spdxVersion: 'SPDX-2.3', SPDXID: 'SPDXRef-DOCUMENT', packages, ...more });
const properties = (values: Record<string, string>): Json[] => Object.entries(values).map(([name, value]) => ({ name, value }));
const library = (purl: string, more: Json = {}): Json => ({ type: 'library', name: 'x', purl, ...more });
const onlyPackage = (document: unknown): Package => {
  const { packages } = read(document);
  expect(packages).toHaveLength(1);
  return packages[0]!;
};

function refusal(document: unknown): string {
  try {
    read(document);
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    expect((error as InputError).code).toBe('sbom-unreadable');
    return (error as InputError).message;
  }
  return 'was read';
}

describe('names and versions from package URLs', () => {
  it.each([
    ['pkg:npm/%40angular/core@15.0.0', 'core', undefined, '@angular/core', '15.0.0'],
    ['pkg:maven/org.apache.commons/commons-text@1.9', 'commons-text', '1.9', 'org.apache.commons:commons-text', '1.9'],
    ['pkg:golang/golang.org/x/net@v0.1.0', 'golang.org/x/net', 'v0.1.0', 'golang.org/x/net', 'v0.1.0'],
    ['pkg:golang/stdlib@1.22.3', 'stdlib', 'go1.22.3', 'stdlib', 'v1.22.3'],
    ['pkg:composer/symfony/http-kernel@5.4.0', 'http-kernel', undefined, 'symfony/http-kernel', '5.4.0'],
    ['pkg:pypi/pyyaml@5.3', 'PyYAML', '5.3', 'PyYAML', '5.3'],
    ['pkg:pypi/pyyaml@5.3', 'something else', '5.3', 'pyyaml', '5.3'],
    ['pkg:deb/debian/login@4.8.1-1?arch=amd64&distro=debian-11.6&epoch=1', 'login', undefined, 'login', '1:4.8.1-1'],
    ['pkg:deb/debian/login@1%3A4.8.1-1', 'login', '1:4.8.1-1', 'login', '1:4.8.1-1'],
    ['pkg:rpm/redhat/bash@5.1.8-4.el9?epoch=0', 'bash', '0:5.1.8-4.el9', 'bash', '5.1.8-4.el9'],
    ['pkg:rpm/redhat/perl@5.26-1.el8?epoch=4', 'perl', '5.26-1.el8', 'perl', '4:5.26-1.el8'],
  ])('reads %s', (purl, listed, version, name, expected) => {
    const found = onlyPackage(cyclonedx([library(purl, { name: listed, ...(version === undefined ? {} : { version }) })]));
    expect([found.name, found.version]).toEqual([name, expected]);
    expect(found.purl).toBe(purl);
  });
});

describe('source packages', () => {
  it.each([
    ['pkg:deb/debian/libssl3@3.0.11-1?upstream=openssl', { name: 'openssl', version: '3.0.11-1' }],
    ['pkg:deb/debian/libgcc-s1@12.2.0-14?upstream=gcc-12%4012.2.0-13', { name: 'gcc-12', version: '12.2.0-13' }],
    ['pkg:rpm/redhat/bash-doc@5.1.8-4.el9?upstream=bash-5.1.8-4.el9.src.rpm', { name: 'bash', version: '5.1.8-4.el9' }],
    ['pkg:rpm/redhat/perl-libs@5.26-1.el8?epoch=4&upstream=perl-5.26-1.el8.src.rpm', { name: 'perl', version: '4:5.26-1.el8' }],
    ['pkg:npm/x@1?upstream=y', undefined],
  ])('come from the upstream qualifier of %s', (purl, source) => {
    expect(onlyPackage(cyclonedx([library(purl)])).source).toEqual(source);
  });

  it('come from the properties of Trivy and Syft', () => {
    const trivy = properties({ 'aquasecurity:trivy:SrcName': 'shadow', 'aquasecurity:trivy:SrcVersion': '4.8.1', 'aquasecurity:trivy:SrcRelease': '1', 'aquasecurity:trivy:SrcEpoch': '1' });
    const login = library('pkg:deb/debian/login@4.8.1-1?epoch=1', { properties: trivy });
    expect(onlyPackage(cyclonedx([login])).source).toEqual({ name: 'shadow', version: '1:4.8.1-1' });
    const syft = properties({ 'syft:metadata:originPackage': 'openssl' });
    const ssl = library('pkg:apk/alpine/libssl1.1@1.1.1d-r0', { version: '1.1.1d-r0', properties: syft });
    expect(onlyPackage(cyclonedx([ssl])).source).toEqual({ name: 'openssl', version: '1.1.1d-r0' });
  });

  it('come from what Trivy writes into SPDX', () => {
    const purl = { referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: 'pkg:apk/alpine/libssl1.1@1.1.1d-r0' };
    const found = onlyPackage(spdx([{ SPDXID: 'SPDXRef-1', name: 'libssl1.1', externalRefs: [purl], sourceInfo: 'built package from: openssl 1.1.1d-r2' }]));
    expect(found.source).toEqual({ name: 'openssl', version: '1.1.1d-r2' });
  });
});

describe('operating system', () => {
  it.each([
    ['debian', '12', 'Debian:12'],
    ['debian', '11.6', 'Debian:11'],
    ['alpine', '3.18.4', 'Alpine:v3.18'],
    ['redhat', '9.2', undefined],
  ])('is the component named %s %s', (name, version, ecosystem) => {
    const { os } = read(cyclonedx([{ type: 'operating-system', name, version }]));
    expect(os?.id).toBe(name === 'redhat' ? 'rhel' : name);
    if (ecosystem !== undefined) expect(os?.ecosystem).toBe(ecosystem);
  });

  it('is an SPDX package of that purpose, in both spellings', () => {
    for (const primaryPackagePurpose of ['OPERATING-SYSTEM', 'OPERATING_SYSTEM']) {
      const { os, packages } = read(spdx([{ SPDXID: 'SPDXRef-1', name: 'alpine', versionInfo: '3.11.5', primaryPackagePurpose }]));
      expect(os?.ecosystem).toBe('Alpine:v3.11');
      expect(packages).toEqual([]);
    }
  });

  it('is what most OS packages name, when nothing else tells', () => {
    const of = (distro: string, name: string): Json => library(`pkg:deb/debian/${name}@1?distro=${distro}`);
    const { os } = read(cyclonedx([of('debian-11', 'a'), of('debian-12', 'b'), of('debian-12', 'c')]));
    expect(os?.ecosystem).toBe('Debian:12');
    expect(read(cyclonedx([library('pkg:apk/alpine/musl@1?distro=3.17.3')])).os?.ecosystem).toBe('Alpine:v3.17');
    expect(read(cyclonedx([library('pkg:npm/x@1?distro=debian-12')])).os).toBeUndefined();
  });

  it('is not known where a tool wrote that it is none', () => {
    expect(read(cyclonedx([{ type: 'operating-system', name: 'none', version: '' }])).os).toBeUndefined();
  });

  it('takes no words that would break out of the release file', () => {
    const evil = 'Debian"\nID=alpine\nVERSION_ID=3.11\n$(reboot)';
    const { os } = read(cyclonedx([{ type: 'operating-system', name: 'debian', version: '12', description: evil }]));
    expect(os?.id).toBe('debian');
    expect(os?.ecosystem).toBe('Debian:12');
    expect(read(cyclonedx([{ type: 'operating-system', name: evil, version: '12' }])).os).toBeUndefined();
  });
});

describe('CycloneDX', () => {
  it.each(['1.2', '1.3', '1.4', '1.5', '1.6', '1.7'])('%s is read', (specVersion) => {
    expect(read(cyclonedx([library('pkg:npm/a@1')], { specVersion })).packages).toHaveLength(1);
  });

  it('reads nested components, licences, places and layers', () => {
    const layers = [`sha256:${'1'.repeat(64)}`, `sha256:${'2'.repeat(64)}`];
    const image = { type: 'container', name: 'shop:1', properties: layers.map((value) => ({ name: 'aquasecurity:trivy:DiffID', value })) };
    const inner = library('pkg:npm/b@2', {
      licenses: [{ license: { id: 'MIT' } }, { license: { name: 'words' } }],
      properties: properties({ 'aquasecurity:trivy:LayerDiffID': layers[1]!, 'aquasecurity:trivy:FilePath': '/srv/b/package.json' }),
    });
    const document = cyclonedx([library('pkg:npm/a@1', { components: [inner] })], { metadata: { component: image } });
    const sbom = read(document);
    expect(sbom.image).toMatchObject({ reference: 'app.sbom.json', kind: 'sbom', tags: ['shop:1'], layers: layers.map((diffId, index) => ({ index, diffId })) });
    expect(sbom.packages.map((p) => p.name)).toEqual(['a', 'b']);
    expect(sbom.packages[1]).toMatchObject({ layer: 1, paths: ['srv/b/package.json'], licenses: ['MIT', 'words'] });
  });

  it('says what is left out, and that the result is incomplete', () => {
    const sbom = read(
      cyclonedx([
        library('pkg:npm/a@1'),
        { type: 'library', name: 'no purl', version: '1' },
        library('pkg:conan/zlib@1'),
        library('pkg:npm/b'),
        library('pkg:npm/c@1', { version: 'x'.repeat(2000) }),
        { type: 'file', name: '/etc/passwd' },
        { type: 'application', name: 'package-lock.json' },
      ], { compositions: [{ aggregate: 'incomplete_first_party_only' }] }),
    );
    expect(sbom.packages.map((p) => p.name)).toEqual(['a']);
    expect(sbom.warnings.map((w) => w.code)).toEqual(['sbom-incomplete', 'sbom-no-purl', 'sbom-package-unfit', 'sbom-type-unknown']);
    expect(sbom.warnings.every((w) => w.incomplete)).toBe(true);
    expect(sbom.warnings[3]!.message).toContain('conan (1)');
  });

  it('lists a package once however often it is listed, unless it lies at another place', () => {
    const at = (location: string): Json => library('pkg:npm/a@1', { evidence: { occurrences: [{ location }] } });
    expect(read(cyclonedx([at('x'), at('x'), at('y')])).packages).toHaveLength(2);
  });
});

describe('what is refused', () => {
  it.each([
    ['', 'the SBOM is empty'],
    ['<bom xmlns="http://cyclonedx.org/schema/bom/1.5"/>', 'XML'],
    ['SPDXVersion: SPDX-2.3\n', 'tag-value'],
    ['{"bomFormat": "CycloneDX", ', 'no valid JSON'],
    ['{"bomFormat":\n\u001b[2Jx}', 'no valid JSON'],
    [{ bomFormat: 'CycloneDX', specVersion: { toString: 1 } }, 'without specVersion'],
    ['[]', 'no object'],
    ['{}', 'neither "bomFormat"'],
    [{ bomFormat: 'CycloneDX', specVersion: '2.0' }, 'CycloneDX 2.0 is not read'],
    [{ bomFormat: 'CycloneDX' }, 'CycloneDX without specVersion is not read'],
    [{ spdxVersion: 'SPDX-2.1' }, 'SPDX-2.1 is not read'],
    [{ '@context': 'https://spdx.org/rdf/3.0.1/spdx-context.jsonld' }, 'SPDX 3 is not read'],
    ['['.repeat(1_000_000), 'nested more than 100 deep'],
    [`{"bomFormat":"CycloneDX","specVersion":"1.6","components":${'[{"components":'.repeat(60)}`, 'nested more than 100 deep'],
  ])('%j', (document, reason) => {
    const message = refusal(document);
    expect(message).toContain('app.sbom.json: ');
    expect(message).toContain(reason);
    expect(message).not.toMatch(/[\n\u001b]/);
  });

  it('more bytes than the limit', () => {
    const pretended = Object.defineProperty(Buffer.from('{}'), 'length', { value: MAX_SBOM_SIZE + 1 });
    expect(() => readSbom(pretended, 'big.json')).toThrow(/at most 536870912 are read/);
  });

  it('gzip, with the advice to unpack it', () => {
    expect(() => readSbom(Buffer.from([0x1f, 0x8b, 8, 0]), 'x.json.gz')).toThrow(/unpack it first/);
  });
});

describe('hostile documents', () => {
  it('that have names of objects of the language', () => {
    const text = `{"bomFormat":"CycloneDX","specVersion":"1.6","__proto__":{"components":1},"components":[{"type":"library","name":"__proto__","purl":"pkg:npm/__proto__@1","properties":[{"name":"__proto__","value":"x"},{"name":"constructor","value":"y"}]}]}`;
    expect(read(text).packages.map((p) => p.name)).toEqual(['__proto__']);
    expect(({} as Json)['x']).toBeUndefined();
  });

  it('of any shape give a result or a refusal, never another error', () => {
    const key = fc.constantFrom('components', 'packages', 'metadata', 'component', 'properties', 'name', 'value', 'purl', 'version', 'licenses', 'license', 'evidence', 'occurrences', 'location', 'type', 'externalRefs', 'referenceType', 'referenceLocator', 'annotations', 'comment', 'relationships', 'compositions', 'aggregate', 'supplier', 'primaryPackagePurpose');
    const leaf = fc.oneof(fc.string(), fc.integer(), fc.constant(null), fc.boolean(), fc.constantFrom('pkg:npm/a@1', 'pkg:deb/debian/a@1?distro=debian-12&epoch=x', 'operating-system', 'container', 'library', 'purl', 'plimsoll:image', 'plimsoll:layer', 'plimsoll:image {"layers":[null,{"diffId":1}],"base":{"layers":9,"foundBy":"flag"}}', '{"layers":7}'));
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof({ depthSize: 'medium' }, leaf, fc.array(tie('tree'), { maxLength: 4 }), fc.dictionary(key, tie('tree'), { maxKeys: 6 })),
    }));
    const head = fc.constantFrom({ bomFormat: 'CycloneDX', specVersion: '1.6' }, { spdxVersion: 'SPDX-2.3' });
    fc.assert(
      fc.property(head, fc.dictionary(key, tree, { maxKeys: 8 }), (start, rest) => {
        const sbom = read({ ...rest, ...start });
        expect(Array.isArray(sbom.packages)).toBe(true);
        for (const p of sbom.packages) expect(p.layer < sbom.image.layers.length).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

describe('maxJsonDepth', () => {
  it('counts brackets outside strings', () => {
    expect(maxJsonDepth(Buffer.from('{"a":[{"b":"[[[[\\"[[[[\\\\"}]}'), 100)).toBe(3);
    expect(maxJsonDepth(Buffer.from('["é[", ["]"]]'), 100)).toBe(2);
  });

  it('stops at the limit', () => {
    expect(maxJsonDepth(Buffer.alloc(1000, '['), 10)).toBe(11);
  });
});

describe('startsLikeSbom', () => {
  it('tells SBOMs from other JSON', () => {
    expect(startsLikeSbom(Buffer.from('{\n "bomFormat": "CycloneDX"'))).toBe(true);
    expect(startsLikeSbom(Buffer.from('\uFEFF{"SPDXID":"SPDXRef-DOCUMENT"'))).toBe(true);
    expect(startsLikeSbom(Buffer.from('{"$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json"'))).toBe(true);
    expect(startsLikeSbom(Buffer.from('{"imageLayoutVersion":"1.0.0"}'))).toBe(false);
    expect(startsLikeSbom(Buffer.from('PK\u0003\u0004"bomFormat"'))).toBe(false);
  });
});

describe('the source for SBOM files', () => {
  it('knows its files by their content and reads them', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'plimsoll-sbom-'));
    try {
      const file = join(folder, 'app.json');
      writeFileSync(file, JSON.stringify(cyclonedx([library('pkg:npm/a@1')])));
      const other = join(folder, 'other.json');
      writeFileSync(other, '{"name":"x"}');
      const options = { env: {} };
      expect(await sbomDocument.detects(file, options)).toBe(true);
      expect(await sbomDocument.detects(other, options)).toBe(false);
      expect(await sbomDocument.detects(folder, options)).toBe(false);
      expect(await sbomDocument.detects(join(folder, 'none'), options)).toBe(false);
      const sink = undefined as never;
      expect(await sbomDocument.read(file, sink, options)).toMatchObject({ image: { kind: 'sbom', reference: file }, packages: [{ name: 'a' }] });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
