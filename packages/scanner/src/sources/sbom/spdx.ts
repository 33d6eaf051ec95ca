import type { Sbom, SourcePackage } from '@plimsoll/model';
import { asArray, asDigest, asObject } from '../json.ts';
import { SbomBuilder, type ListedPackage } from './builder.ts';
import { embeddedObject, index, readImageFacts, text, texts, type ImageFacts } from './facts.ts';

/** Reads an SPDX 2.3 document. */
export function readSpdx(document: Record<string, unknown>, reference: string): Sbom {
  const builder = new SbomBuilder();
  const described = describedElements(document);
  const licenseWords = extractedLicenses(document);
  let facts: ImageFacts = {};
  for (const value of asArray(document['packages'])) {
    const element = asObject(value);
    if (!element) continue;
    const notes = notesOf(element);
    const purpose = text(element['primaryPackagePurpose'])?.replace('-', '_');
    const purl = purlOf(element);
    if (purpose === 'OPERATING_SYSTEM') readOs(element, notes, builder);
    else if (purpose === 'CONTAINER' || (purl === undefined && described.has(text(element['SPDXID']) ?? ''))) {
      facts = imageFacts(element, notes);
    } else if (purl !== undefined || text(element['versionInfo']) !== undefined) {
      builder.add(listedPackage(element, purl, notes, licenseWords));
    }
  }
  return builder.build(reference, facts);
}

/** Ids of what the document is about: the image, as a rule. */
function describedElements(document: Record<string, unknown>): Set<string> {
  const ids = new Set(texts(document['documentDescribes']));
  for (const value of asArray(document['relationships'])) {
    const relation = asObject(value);
    if (relation?.['relationshipType'] !== 'DESCRIBES' || relation['spdxElementId'] !== 'SPDXRef-DOCUMENT') continue;
    const id = text(relation['relatedSpdxElement']);
    if (id !== undefined) ids.add(id);
  }
  return ids;
}

/** Comments of an element's annotations and its attribution texts: where tools put what SPDX has no field for. */
function notesOf(element: Record<string, unknown>): string[] {
  const comments = asArray(element['annotations']).map((annotation) => asObject(annotation)?.['comment']);
  return texts([...comments, ...asArray(element['attributionTexts'])], 16 << 20);
}

/** The values of notes like `DiffID: sha256:…`. */
function noted(notes: readonly string[], name: string): string[] {
  const prefix = `${name}: `;
  return notes.filter((note) => note.startsWith(prefix)).map((note) => note.slice(prefix.length));
}

/** The JSON of Plimsoll's own note of a kind. */
function ownNote(notes: readonly string[], kind: string): string | undefined {
  const prefix = `plimsoll:${kind} `;
  return notes.find((note) => note.startsWith(prefix))?.slice(prefix.length);
}

function imageFacts(element: Record<string, unknown>, notes: readonly string[]): ImageFacts {
  const own = ownNote(notes, 'image');
  if (own !== undefined) return readImageFacts(own);
  const tags = noted(notes, 'RepoTag');
  const name = text(element['name']);
  const id = asDigest(noted(notes, 'ImageID')[0]);
  const digest = asDigest(element['versionInfo']);
  return {
    ...(id === undefined ? {} : { id }),
    ...(digest === undefined ? {} : { digest }),
    tags: tags.length > 0 || name === undefined ? tags : [name],
    repoDigests: noted(notes, 'RepoDigest'),
    layers: noted(notes, 'DiffID')
      .flatMap((diffId) => asDigest(diffId) ?? [])
      .map((diffId, position) => ({ index: position, diffId })),
  };
}

function readOs(element: Record<string, unknown>, notes: readonly string[], builder: SbomBuilder): void {
  const own = embeddedObject(ownNote(notes, 'os') ?? '') ?? {};
  const id = text(own['id']) ?? text(element['name']);
  if (id === undefined) return;
  builder.setOs({
    id,
    versionId: text(own['versionId']) ?? text(element['versionInfo']),
    prettyName: text(own['prettyName']) ?? text(element['summary']),
    codename: text(own['codename']),
    idLike: texts(own['idLike'], 64),
  });
}

function purlOf(element: Record<string, unknown>): string | undefined {
  for (const value of asArray(element['externalRefs'])) {
    const reference = asObject(value);
    if (reference?.['referenceType'] === 'purl') return text(reference['referenceLocator'], 8192);
  }
  return undefined;
}

function listedPackage(
  element: Record<string, unknown>,
  purl: string | undefined,
  notes: readonly string[],
  licenseWords: ReadonlyMap<string, string>,
): ListedPackage {
  const own = embeddedObject(ownNote(notes, 'package') ?? '');
  const common = { name: text(element['name']), version: text(element['versionInfo']), purl };
  if (!own) {
    return {
      ...common,
      source: builtFrom(text(element['sourceInfo'])),
      licenses: declaredLicenses(element, licenseWords),
      vendor: /^Organization: (.+)$/.exec(text(element['supplier']) ?? '')?.[1],
      layerDiffId: noted(notes, 'LayerDiffID')[0],
    };
  }
  const source = asObject(own['source']);
  const sourceName = text(source?.['name']);
  const sourceVersion = text(source?.['version']);
  return {
    ...common,
    cataloger: text(own['cataloger']),
    arch: text(own['arch']),
    source: sourceName === undefined || sourceVersion === undefined ? undefined : { name: sourceName, version: sourceVersion },
    licenses: texts(own['licenses']),
    modularity: text(own['modularity']),
    vendor: text(own['vendor']),
    paths: texts(own['paths']),
    ownedBy: text(own['ownedBy']),
    layer: index(own['layer']),
  };
}

/** Trivy's `built package from: openssl 1.1.1d-r2`. */
function builtFrom(sourceInfo: string | undefined): SourcePackage | undefined {
  const match = /^built package from: (\S+) (\S+)$/.exec(sourceInfo ?? '');
  return match ? { name: match[1]!, version: match[2]! } : undefined;
}

/** Texts behind LicenseRefs, so that licences read as the metadata of the package had them. */
function extractedLicenses(document: Record<string, unknown>): Map<string, string> {
  const words = new Map<string, string>();
  for (const value of asArray(document['hasExtractedLicensingInfos'])) {
    const info = asObject(value);
    const id = text(info?.['licenseId'], 256);
    const name = text(info?.['name'], 200) ?? text(info?.['extractedText'], 200);
    if (id !== undefined && name !== undefined) words.set(id, name);
  }
  return words;
}

function declaredLicenses(element: Record<string, unknown>, words: ReadonlyMap<string, string>): string[] {
  const declared = text(element['licenseDeclared']);
  if (declared === undefined || declared === 'NOASSERTION' || declared === 'NONE') return [];
  return [words.get(declared) ?? declared];
}
