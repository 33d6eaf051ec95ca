import type { Sbom, SourcePackage } from '@plimsoll/model';
import { asArray, asDigest, asObject } from '../json.ts';
import { SbomBuilder, type ListedPackage } from './builder.ts';
import { index, readImageFacts, text, texts, type ImageFacts } from './facts.ts';
import { sourceOfRpmFile } from './purl-reading.ts';

/** Component types that stand for something other than an installed package. */
const NOT_PACKAGES = new Set(['file', 'container', 'device', 'device-driver', 'firmware', 'data', 'machine-learning-model', 'cryptographic-asset', 'platform']);

type Properties = ReadonlyMap<string, string[]>;

/** Reads a CycloneDX document. */
export function readCycloneDx(document: Record<string, unknown>, reference: string): Sbom {
  const builder = new SbomBuilder();
  const image = asObject(asObject(document['metadata'])?.['component']);
  // Components nest; a stack instead of recursion, in document order.
  const stack = [document['components']].flatMap(asArray).reverse();
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const component = asObject(next);
    if (!component) continue;
    readComponent(component, builder);
    const nested = asArray(component['components']);
    for (let i = nested.length - 1; i >= 0; i--) stack.push(nested[i]);
  }
  const facts = image ? imageFacts(image) : {};
  const saysIncomplete = asArray(document['compositions']).some((c) => /^incomplete/.test(text(asObject(c)?.['aggregate']) ?? ''));
  if (saysIncomplete && !facts.warnings?.some((w) => w.incomplete)) {
    builder.warn('sbom-incomplete', `${reference}: the SBOM says of itself that it is incomplete`);
  }
  return builder.build(reference, facts);
}

function imageFacts(image: Record<string, unknown>): ImageFacts {
  const properties = propertiesOf(image);
  const own = properties.get('plimsoll:image')?.[0];
  if (own !== undefined) return readImageFacts(own);
  const trivy = (name: string): string[] => properties.get(`aquasecurity:trivy:${name}`) ?? [];
  const diffIds = trivy('DiffID').flatMap((id) => asDigest(id) ?? []);
  const name = text(image['name']);
  const version = text(image['version']);
  const digest = asDigest(version);
  const id = asDigest(trivy('ImageID')[0]);
  const tags = trivy('RepoTag');
  return {
    ...(id === undefined ? {} : { id }),
    ...(digest === undefined ? {} : { digest }),
    tags: tags.length > 0 || image['type'] !== 'container' || name === undefined ? tags : [name],
    repoDigests: trivy('RepoDigest'),
    layers: diffIds.map((diffId, position) => ({ index: position, diffId })),
  };
}

function readComponent(component: Record<string, unknown>, builder: SbomBuilder): void {
  const type = text(component['type']) ?? '';
  const properties = propertiesOf(component);
  if (type === 'operating-system') {
    const id = properties.get('syft:distro:id')?.[0] ?? text(component['name']);
    if (id === undefined) return;
    builder.setOs({
      id,
      versionId: text(component['version']),
      prettyName: text(component['description']),
      codename: (properties.get('plimsoll:os:codename') ?? properties.get('syft:distro:versionCodename'))?.[0],
      idLike: properties.get('plimsoll:os:idLike') ?? properties.get('syft:distro:idLike') ?? [],
    });
    return;
  }
  if (NOT_PACKAGES.has(type)) return;
  const purl = text(component['purl'], 8192);
  // Files that were found to hold packages are listed as applications without version or purl.
  if (purl === undefined && component['version'] === undefined) return;
  builder.add(listedPackage(component, purl, properties));
}

function listedPackage(component: Record<string, unknown>, purl: string | undefined, properties: Properties): ListedPackage {
  const one = (...names: string[]): string | undefined => {
    for (const name of names) {
      const value = properties.get(name)?.[0];
      if (value !== undefined) return value;
    }
    return undefined;
  };
  const version = text(component['version']);
  const layer = one('plimsoll:layer');
  return {
    name: text(component['name']),
    version,
    purl,
    cataloger: one('plimsoll:cataloger'),
    arch: one('plimsoll:arch'),
    source: sourceFrom(one, version),
    licenses: licensesOf(component),
    modularity: one('plimsoll:modularity', 'aquasecurity:trivy:Modularitylabel', 'syft:metadata:modularityLabel'),
    vendor: text(asObject(component['supplier'])?.['name']) ?? text(component['publisher']),
    paths: pathsOf(component, properties),
    ownedBy: one('plimsoll:ownedBy'),
    layer: layer === undefined ? undefined : index(Number(layer)),
    layerDiffId: one('aquasecurity:trivy:LayerDiffID', 'syft:location:0:layerID'),
  };
}

/** The source package by the properties of Plimsoll, Trivy and Syft; undefined leaves it to the purl. */
function sourceFrom(one: (...names: string[]) => string | undefined, version: string | undefined): SourcePackage | undefined {
  const rpmFile = one('syft:metadata:sourceRpm');
  if (rpmFile !== undefined) return sourceOfRpmFile(rpmFile, version ?? '');
  const name = one('plimsoll:source:name', 'aquasecurity:trivy:SrcName', 'syft:metadata:source', 'syft:metadata:originPackage');
  if (!name) return undefined;
  let sourceVersion = one('plimsoll:source:version', 'aquasecurity:trivy:SrcVersion', 'syft:metadata:sourceVersion') || version || '';
  // Trivy takes versions of rpm and deb apart.
  const release = one('aquasecurity:trivy:SrcRelease');
  const epoch = one('aquasecurity:trivy:SrcEpoch');
  if (release) sourceVersion += `-${release}`;
  if (epoch && epoch !== '0') sourceVersion = `${epoch}:${sourceVersion}`;
  return { name, version: sourceVersion };
}

function licensesOf(component: Record<string, unknown>): string[] {
  return asArray(component['licenses'])
    .slice(0, 100)
    .flatMap((value) => {
      const choice = asObject(value);
      const license = asObject(choice?.['license']);
      return text(choice?.['expression']) ?? text(license?.['id']) ?? text(license?.['name']) ?? [];
    });
}

function pathsOf(component: Record<string, unknown>, properties: Properties): string[] {
  const occurrences = asArray(asObject(component['evidence'])?.['occurrences']).map((o) => asObject(o)?.['location']);
  const paths = texts(occurrences);
  if (paths.length > 0) return paths;
  for (let n = 0; n < 100; n++) {
    const path = properties.get(`syft:location:${n}:path`)?.[0];
    if (path === undefined) break;
    paths.push(path);
  }
  return [...paths, ...(properties.get('aquasecurity:trivy:FilePath') ?? [])];
}

/** Properties by name; the same name may stand several times. */
function propertiesOf(component: Record<string, unknown>): Properties {
  const properties = new Map<string, string[]>();
  for (const value of asArray(component['properties'])) {
    const property = asObject(value);
    const name = text(property?.['name'], 256);
    const content = text(property?.['value'], name === 'plimsoll:image' ? 16 << 20 : 64 << 10);
    if (name === undefined || content === undefined) continue;
    const values = properties.get(name);
    if (values) values.push(content);
    else properties.set(name, [content]);
  }
  return properties;
}
