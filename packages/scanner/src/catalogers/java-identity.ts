import { tomcatCoordinates, wellKnownGroup } from './java-groups.ts';

/** Maven coordinates. */
export interface Coordinates {
  group: string;
  artifact: string;
  version: string;
}

/** What an archive says of itself. */
export interface ArchiveEvidence {
  /** Path of the archive: in the image, or within the archive around it. */
  path: string;
  /** From each `META-INF/maven/…/pom.properties`: its own and those of artifacts merged into it. */
  poms: Coordinates[];
  /** Group and artifact of `META-INF/maven/<group>/<artifact>/` folders without readable properties. */
  pomFolders: { group: string; artifact: string }[];
  manifest: Manifest;
}

/** Main attributes of a manifest, names in lower case. */
export type Manifest = ReadonlyMap<string, string>;

const MAX_MAIN_SECTION = 512 * 1024;
/** What Maven allows in group and artifact ids. */
const ID = /^[A-Za-z0-9_.-]+$/;
const VERSION = /^[0-9A-Za-z][0-9A-Za-z._+-]*$/;
/** Words that belong to the version when they follow it after a dash; others are a classifier (`-linux-x86_64`). */
const QUALIFIER =
  /^(?:\d.*|(?:alpha|beta|milestone|build|rc|cr|sp|ea|pre|patch|final|ga|release|snapshot|incubating|jre|android|jdk|redhat|jenkins|hadoop)(?:\.?\d.*)?|[bmvrp]\d.*)$/i;
/** Jars of a Java runtime are not Maven artifacts; the runtime is catalogued as a program. */
const RUNTIME_TITLE = /^(?:Java Runtime Environment|Java Platform API Specification|OpenJDK)/;

/** Reads the main section of META-INF/MANIFEST.MF: attributes up to the first empty line. */
export function readManifest(bytes: Buffer): Map<string, string> {
  const attributes = new Map<string, string>();
  let last: string | undefined;
  for (const line of bytes.toString('utf8', 0, MAX_MAIN_SECTION).split(/\r\n|\n|\r/)) {
    if (line === '') break;
    if (line.startsWith(' ')) {
      // Lines are cut at 72 bytes; a leading space continues the last one.
      if (last !== undefined) attributes.set(last, attributes.get(last)! + line.slice(1));
      continue;
    }
    const colon = line.indexOf(':');
    last = undefined;
    if (colon <= 0) continue;
    const key = line.slice(0, colon).toLowerCase();
    if (attributes.has(key)) continue;
    attributes.set(key, line.slice(colon + 1).trimStart());
    last = key;
  }
  return attributes;
}

/** Reads pom.properties: the three coordinates, or undefined when one is missing or a placeholder. */
export function readPomProperties(bytes: Buffer): Coordinates | undefined {
  const values = new Map<string, string>();
  for (const line of bytes.toString('utf8').split(/\r\n|\n|\r/, 1000)) {
    if (line.startsWith('#') || line.startsWith('!')) continue;
    const at = line.search(/[=:]/);
    if (at > 0) values.set(line.slice(0, at).trim(), line.slice(at + 1).trim());
  }
  const group = values.get('groupId');
  const artifact = values.get('artifactId');
  const version = values.get('version');
  if (group === undefined || artifact === undefined || version === undefined || version === '') return undefined;
  return ID.test(group) && ID.test(artifact) && !version.includes('${') ? { group, artifact, version } : undefined;
}

/**
 * Artifact and version from a file name: `log4j-1.2-api-2.14.1.jar`, `netty-tcnative-2.0.1.Final-linux-x86_64.jar`
 * (the classifier is dropped), `org.eclipse.core.runtime_3.20.0.v2020.jar`.
 */
export function fromFileName(path: string): { artifact: string; version?: string } {
  const file = path.slice(path.lastIndexOf('/') + 1);
  const dot = file.lastIndexOf('.');
  const base = (dot > 0 ? file.slice(0, dot) : file).slice(0, 512);
  const starts = [...base.matchAll(/-(?=\d)/g)].map((match) => match.index);
  for (const [i, start] of starts.entries()) {
    if (start === 0) continue;
    const parts = base.slice(start + 1).split('-');
    // Links to the newest of a line: "maven-core-3.x.jar".
    if (/^\d+\.x$/i.test(base.slice(start + 1))) return { artifact: base.slice(0, start) };
    const foreign = parts.findIndex((part) => !QUALIFIER.test(part));
    const next = starts[i + 1];
    // "1.2-api-2.14.1": a word inside, then something that is itself a dotted version, so this number was part of the name.
    if (foreign > 0 && next !== undefined && starts.slice(i + 1).some((later) => /^\d+\.\d/.test(base.slice(later + 1)))) continue;
    return { artifact: base.slice(0, start), version: (foreign > 0 ? parts.slice(0, foreign) : parts).join('-') };
  }
  const bundle = /^([^_]+(?:_[^_\d][^_]*)*)_(\d+\.\d+[\w.-]*)$/.exec(base);
  return bundle ? { artifact: bundle[1]!, version: bundle[2]! } : { artifact: base };
}

/**
 * The artifacts of one archive, its own first.
 *
 * Its own is the pom.properties that fits the file name, the manifest's title or its bundle name. Where
 * none fits (built without Maven, or only merged artifacts left theirs) the file name gives artifact
 * and version, then the manifest; without a version there is nothing to report.
 */
export function identify(evidence: ArchiveEvidence): Coordinates[] {
  const { poms } = evidence;
  const own = ownPom(evidence);
  if (own !== undefined) return [own, ...poms.filter((pom) => pom !== own)];
  const guessed = guess(evidence);
  return guessed === undefined ? poms : [guessed, ...poms];
}

function ownPom({ path, poms, manifest }: ArchiveEvidence): Coordinates | undefined {
  const file = path.slice(path.lastIndexOf('/') + 1);
  const named = fromFileName(path);
  const title = manifest.get('implementation-title');
  const bundle = symbolicName(manifest);
  const version = named.version ?? manifestVersion(manifest);
  const tests: ((pom: Coordinates) => boolean)[] = [
    (pom) => file.startsWith(`${pom.artifact}-${pom.version}`),
    (pom) => pom.artifact === named.artifact,
    (pom) => pom.artifact === title || pom.artifact === manifest.get('short-name'),
    (pom) => bundle !== undefined && (bundle === pom.artifact || bundle === `${pom.group}.${pom.artifact}` || bundle === pom.group),
    // A renamed file whose manifest has words for a title: the version is what is left to compare.
    (pom) => pom.version === version && poms.every((other) => other === pom || other.version !== version),
  ];
  for (const fits of tests) {
    const pom = poms.find(fits);
    if (pom !== undefined) return pom;
  }
  return undefined;
}

function guess(evidence: ArchiveEvidence): Coordinates | undefined {
  const { path, manifest } = evidence;
  const title = manifest.get('implementation-title');
  if (title !== undefined && RUNTIME_TITLE.test(title)) return undefined;
  const named = fromFileName(path);
  const version = named.version ?? manifestVersion(manifest);
  if (version === undefined || !VERSION.test(version)) return undefined;
  if (title === 'Apache Tomcat') return { ...tomcatCoordinates(named.artifact, symbolicName(manifest)), version };

  let artifact = named.artifact;
  if (named.version === undefined) {
    // A file name without version may be anything ("app.jar"); a title or bundle name of id form says more.
    const bundleEnd = symbolicName(manifest)?.split('.').at(-1);
    const shortName = manifest.get('short-name');
    if (shortName !== undefined && ID.test(shortName)) artifact = shortName;
    else if (title !== undefined && ID.test(title)) artifact = title;
    else if (bundleEnd?.includes('-')) artifact = bundleEnd;
  }
  return ID.test(artifact) ? { group: guessGroup(artifact, evidence), artifact, version } : undefined;
}

/**
 * The group of an archive that has no pom.properties of its own. In this order:
 * 1. the folder, in a Maven repository or Gradle cache;
 * 2. a `META-INF/maven/<group>/<artifact>` folder for this artifact;
 * 3. `Group-Id` (Jenkins plugins);
 * 4. the table of well-known artifacts;
 * 5. `Implementation-Vendor-Id`, which Maven fills with the group;
 * 6. the bundle name, which Maven's bundle plugin makes of group and artifact;
 * 7. the artifact's own name, as was custom in Maven 1 (`commons-io:commons-io`).
 */
function guessGroup(artifact: string, { path, pomFolders, manifest }: ArchiveEvidence): string {
  const declared = manifest.get('group-id');
  const vendor = manifest.get('implementation-vendor-id');
  return (
    groupFromPath(artifact, path) ??
    pomFolders.find((folder) => folder.artifact === artifact)?.group ??
    (declared !== undefined && ID.test(declared) ? declared : undefined) ??
    wellKnownGroup(artifact) ??
    (vendor !== undefined && ID.test(vendor) ? vendor : undefined) ??
    groupFromBundle(artifact, symbolicName(manifest)) ??
    artifact
  );
}

/** `…/repository/org/acme/thing/1.0/thing-1.0.jar` (Maven), `…/files-2.1/org.acme/thing/1.0/<sha1>/thing-1.0.jar` (Gradle). */
function groupFromPath(artifact: string, path: string): string | undefined {
  const folders = path.split('/').slice(0, -1);
  const gradle = folders.lastIndexOf('files-2.1');
  if (gradle >= 0 && folders[gradle + 2] === artifact) return folders[gradle + 1];
  const root = folders.findLastIndex((folder) => folder === 'repository' || folder === 'maven-repo' || folder === 'maven2');
  const group = folders.slice(root + 1, -2);
  if (root < 0 || group.length === 0 || folders.at(-2) !== artifact) return undefined;
  return group.every((part) => ID.test(part)) ? group.join('.') : undefined;
}

/**
 * Undoes the bundle plugin's default: group and artifact joined by a dot, without what they share
 * (`org.apache.maven` + `maven-core` is `org.apache.maven.core`; `org.jsoup` + `jsoup` is `org.jsoup`).
 * @see https://felix.apache.org/documentation/subprojects/apache-felix-maven-bundle-plugin-bnd.html
 */
function groupFromBundle(artifact: string, bundle: string | undefined): string | undefined {
  if (bundle === undefined) return undefined;
  const dot = bundle.lastIndexOf('.');
  const [front, end] = [bundle.slice(0, Math.max(dot, 0)), bundle.slice(dot + 1)];
  if (bundle.endsWith(`.${artifact}`)) {
    const rest = bundle.slice(0, -artifact.length - 1);
    return rest.includes('.') ? rest : bundle;
  }
  const shared = front.slice(front.lastIndexOf('.') + 1);
  return shared !== '' && [`${shared}-${end}`, `${shared}.${end}`, `${shared}${end}`].includes(artifact) ? front : undefined;
}

/** Bundle-SymbolicName without its directives, when it looks like one. */
function symbolicName(manifest: Manifest): string | undefined {
  const name = manifest.get('bundle-symbolicname')?.split(';', 1)[0]?.trim();
  return name !== undefined && ID.test(name) ? name : undefined;
}

function manifestVersion(manifest: Manifest): string | undefined {
  for (const key of ['plugin-version', 'implementation-version', 'bundle-version']) {
    // Some add words: "1.8.0 (build 17)".
    const version = manifest.get(key)?.trim().split(/\s/, 1)[0];
    if (version !== undefined && /\d/.test(version) && VERSION.test(version)) return version;
  }
  return undefined;
}
