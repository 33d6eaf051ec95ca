import type { Advisory, AdvisoryDatabase, CveFacts, Package, PackageType, Sbom } from '@plimsoll/model';

/** A database of the advisories and facts given. */
export function memoryDatabase(advisories: Advisory[], cves: CveFacts[] = [], ecosystems?: string[]): AdvisoryDatabase & { asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    info: {
      format: 1,
      built: '2026-01-01T00:00:00Z',
      feeds: [],
      ecosystems: ecosystems ?? [...new Set(advisories.map(({ ecosystem }) => ecosystem))],
      advisories: advisories.length,
      cves: cves.length,
    },
    advisoriesFor(ecosystem, name) {
      asked.push(`${ecosystem} ${name}`);
      return advisories.filter((advisory) => advisory.ecosystem === ecosystem && advisory.package === name);
    },
    cve: (id) => cves.find((facts) => facts.id === id),
    byId: (id) => advisories.filter((a) => a.id === id || a.aliases.includes(id) || a.cves.includes(id)),
    close() {},
  };
}

/** An advisory that says `package` of `ecosystem` is affected below `fixed`, or for good. */
export function advisory(id: string, ecosystem: string, name: string, fixed: string | undefined, more: Partial<Advisory> = {}): Advisory {
  return {
    id,
    cves: [],
    aliases: [],
    ecosystem,
    package: name,
    ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, ...(fixed === undefined ? [] : [{ fixed }])] }],
    versions: [],
    severity: [],
    links: [],
    ...more,
  };
}

export function installed(type: PackageType, name: string, version: string, more: Partial<Package> = {}): Package {
  return { type, name, version, purl: `pkg:${type}/${name}@${version}`, cataloger: 'test', paths: ['evidence'], layer: 0, ...more };
}

/** An SBOM of a one-layer image; `os` is an OSV ecosystem. */
export function sbomOf(packages: Package[], os?: string): Sbom {
  return {
    image: {
      reference: 'test',
      kind: 'oci',
      tags: [],
      repoDigests: [],
      layers: [{ index: 0, diffId: 'sha256:aa', digest: 'sha256:bb', createdBy: 'RUN install', fromBase: true }],
      history: [],
    },
    ...(os === undefined ? {} : { os: { id: 'test', idLike: [], prettyName: os, ecosystem: os } }),
    packages,
    secrets: [],
    posture: [],
    warnings: [],
  };
}
