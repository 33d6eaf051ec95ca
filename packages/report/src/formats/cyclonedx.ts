import type { OsRelease, Package, ScanReport } from '@plimsoll/model';
import { parsePurl } from '@plimsoll/model';
import { vulnerabilities } from './cyclonedx-vulnerabilities.ts';
import { imageFacts } from './facts.ts';
import type { Output, ReportFormat } from './format.ts';
import { imageName, PackageRefs, reportUuid, rfc3339 } from './identity.ts';
import { writeJsonObject } from './json-writer.ts';
import { licenseKind } from './licenses.ts';

/** The schema allows no longer version. */
const MAX_VERSION_LENGTH = 1024;
const IMAGE_REF = 'image';
const OS_REF = 'operating-system';

interface Property {
  name: string;
  value: string;
}

/**
 * CycloneDX 1.6 JSON. Vulnerabilities are listed only when the packages were matched against a
 * database: an SBOM without that list says nothing about flaws, one with an empty list does.
 * @see https://cyclonedx.org/docs/1.6/json/
 */
export const cyclonedxFormat: ReportFormat = {
  name: 'cyclonedx',
  title: 'CycloneDX 1.6 JSON',
  mediaType: 'application/vnd.cyclonedx+json; version=1.6',
  write(report: ScanReport, out: Output): void {
    const refs = new PackageRefs(report.packages, (purl, earlier) => (earlier === 0 ? purl : `${purl}::${earlier + 1}`));
    writeJsonObject(
      {
        $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
        bomFormat: 'CycloneDX',
        specVersion: '1.6',
        serialNumber: `urn:uuid:${reportUuid(report)}`,
        version: 1,
        metadata: {
          timestamp: rfc3339(report.scannedAt),
          lifecycles: [{ phase: 'post-build' }],
          tools: { components: [{ type: 'application', name: report.tool.name, version: report.tool.version }] },
          component: imageComponent(report),
        },
        components: components(report, refs),
        dependencies: dependencies(report, refs),
        compositions: [{ aggregate: report.complete ? 'unknown' : 'incomplete', assemblies: [IMAGE_REF] }],
        vulnerabilities: report.database ? vulnerabilities(report.findings, refs) : undefined,
      },
      out,
    );
  },
};

function imageComponent(report: ScanReport): unknown {
  const version = report.image.digest ?? report.image.id;
  return {
    type: 'container',
    'bom-ref': IMAGE_REF,
    name: imageName(report.image),
    ...(version === undefined ? {} : { version }),
    properties: [{ name: 'plimsoll:image', value: JSON.stringify(imageFacts(report)) }],
  };
}

function* components(report: ScanReport, refs: PackageRefs): Iterable<unknown> {
  if (report.os) yield osComponent(report.os);
  for (const p of report.packages) yield packageComponent(p, refs.of(p));
}

function osComponent(os: OsRelease): unknown {
  const properties: Property[] = os.idLike.map((id) => ({ name: 'plimsoll:os:idLike', value: id }));
  if (os.codename !== undefined) properties.push({ name: 'plimsoll:os:codename', value: os.codename });
  return {
    type: 'operating-system',
    'bom-ref': OS_REF,
    name: os.id,
    ...(os.versionId === undefined ? {} : { version: os.versionId }),
    description: os.prettyName,
    ...(properties.length > 0 ? { properties } : {}),
  };
}

function packageComponent(p: Package, ref: string): unknown {
  const { group, name } = groupAndName(p);
  return {
    type: p.type === 'generic' || p.type === 'bitnami' ? 'application' : 'library',
    'bom-ref': ref,
    ...(p.vendor === undefined ? {} : { supplier: { name: p.vendor } }),
    ...(group === undefined ? {} : { group }),
    name,
    version: p.version.slice(0, MAX_VERSION_LENGTH),
    ...(p.licenses?.length ? { licenses: licenses(p.licenses) } : {}),
    purl: p.purl,
    ...(p.paths.length > 0 ? { evidence: { occurrences: p.paths.map((location) => ({ location })) } } : {}),
    properties: packageProperties(p),
  };
}

/** npm scopes, Maven groups and Composer vendors are groups; a Go module path stays whole. */
function groupAndName(p: Package): { group?: string; name: string } {
  const separator = p.type === 'maven' ? ':' : '/';
  if (p.type !== 'maven' && p.type !== 'npm' && p.type !== 'composer') return { name: p.name };
  const at = p.name.indexOf(separator);
  if (at <= 0 || at === p.name.length - 1) return { name: p.name };
  return { group: p.name.slice(0, at), name: p.name.slice(at + 1) };
}

function licenses(all: string[]): unknown[] {
  const [only] = all;
  if (all.length === 1 && licenseKind(only!) === 'expression') return [{ expression: only }];
  return all.map((license) => ({ license: licenseKind(license) === 'id' ? { id: license } : { name: license } }));
}

function packageProperties(p: Package): Property[] {
  const properties: Property[] = [
    { name: 'plimsoll:cataloger', value: p.cataloger },
    { name: 'plimsoll:layer', value: String(p.layer) },
  ];
  const add = (name: string, value: string | undefined): void => {
    if (value !== undefined) properties.push({ name: `plimsoll:${name}`, value });
  };
  if (p.source) {
    add('source:name', p.source.name);
    add('source:version', p.source.version);
  }
  if (p.arch !== parsePurl(p.purl)?.qualifiers?.arch) add('arch', p.arch);
  add('modularity', p.modularity);
  add('ownedBy', p.ownedBy);
  return properties;
}

/**
 * Known is only that the image needs what is in it. Components without an entry have unknown
 * dependencies; an empty entry would claim that they have none.
 */
function* dependencies(report: ScanReport, refs: PackageRefs): Iterable<unknown> {
  yield { ref: IMAGE_REF, dependsOn: [...(report.os ? [OS_REF] : []), ...refs.all()] };
}
