import type { CatalogedPackage, SourcePackage } from '@plimsoll/model';
import { berkeleyHashValues, isBerkeleyHash } from '../formats/bdb.ts';
import type { ReportProblem } from '../formats/database-problem.ts';
import { isNdb, ndbBlobs } from '../formats/ndb.ts';
import type { RandomAccess } from '../formats/random-access.ts';
import { RPM_TAG, RpmHeader } from '../formats/rpm-header.ts';
import { isSqlite, sqliteRows } from '../formats/sqlite.ts';
import type { CatalogContext, Cataloger, FileCatalogue, OfferedFile, OwnedFiles } from './cataloger.ts';
import { excerpt } from './names.ts';
import { evidencePath, toOsPackage, type FoundOsPackage } from './os-package.ts';

/** Where rpm keeps its database: the traditional place, openSUSE's and Fedora's (since 36), and that of OSTree systems. */
const FOLDERS = ['var/lib/rpm', 'usr/lib/sysimage/rpm', 'usr/share/rpm'];
const FILES = ['Packages', 'Packages.db', 'rpmdb.sqlite', 'rpmdb.sqlite-wal'];
/** Mariner's and Azure Linux's distroless images have this list in place of a database. */
const MANIFEST = 'var/lib/rpmmanifest/container-manifest-2';

const MAX_PACKAGES = 100_000;
/** A damaged file may have thousands of damaged pages: so many are told of, and so many end the reading. */
const MAX_REPORTED = 5;
const MAX_PROBLEMS = 10_000;
const FORMAT_BITS = 0o170000;
const FOLDER_BITS = 0o040000;

/** rpm's package database in its three forms: Berkeley DB (RHEL 8 and older), ndb (SUSE), SQLite (Fedora, RHEL 9). */
export const rpm: Cataloger = {
  name: 'rpm',
  selects: { paths: [...FOLDERS.flatMap((folder) => FILES.map((file) => `${folder}/${file}`)), MANIFEST] },
  catalogue(file, context) {
    if (file.path === MANIFEST) return manifest(file, context);
    if (file.path.endsWith('-wal')) {
      context.warn(
        'rpm-wal',
        'it holds changes that are not in rpmdb.sqlite yet and were not read, so packages may be missing or outdated; run "rpmdb --rebuilddb" in the last step of the image build',
      );
      return undefined;
    }
    return database(file, context);
  },
};

function database(file: OfferedFile, context: CatalogContext): FileCatalogue {
  let problems = 0;
  const report: ReportProblem = (problem) => {
    problems++;
    if (problems <= MAX_REPORTED) context.warn('rpm-database-corrupt', `${problem}; the rest was read`);
    if (problems === MAX_PROBLEMS) throw new DatabaseBeyondReading();
  };
  const found: { pkg: CatalogedPackage; sourceRpm: string }[] = [];
  const owns: OwnedFiles[] = [];
  try {
    for (const bytes of headers(file.content, report)) {
      const header = RpmHeader.parse(bytes);
      const described = header && describe(header);
      if (!header || !described) {
        report('it has an entry that is no package header');
        continue;
      }
      // Imported keys are kept as packages without files.
      if (described.name === 'gpg-pubkey') continue;
      if (!header.complete) report(`the entry of package ${excerpt(described.name)} is damaged`);
      const pkg = toOsPackage(described, context);
      if (!pkg) continue;
      found.push({ pkg, sourceRpm: header.string(RPM_TAG.sourceRpm) ?? '' });
      const paths = ownedPaths(header);
      if (paths.length > 0) owns.push({ package: pkg.name, paths });
      if (found.length === MAX_PACKAGES) {
        context.warn('too-many-packages', `it lists more than ${MAX_PACKAGES} packages; the rest is left out`);
        break;
      }
    }
  } catch (error) {
    if (!(error instanceof DatabaseBeyondReading)) throw error;
  }
  if (problems > MAX_REPORTED) {
    const extent = problems === MAX_PROBLEMS ? 'and reading ended there' : 'and the rest was read';
    context.warn('rpm-database-corrupt', `it has ${problems} damaged parts in all, ${extent}; rebuild the image`);
  }
  addSourceEpochs(found);
  return { packages: found.map(({ pkg }) => pkg), owns };
}

class DatabaseBeyondReading extends Error {}

/** The package headers of a database, whatever its form. The content tells the form, not the name. */
function* headers(content: RandomAccess, report: ReportProblem): Generator<Buffer> {
  if (isSqlite(content)) {
    for (const { values } of sqliteRows(content, 'Packages', report)) {
      const blob = values.find((value) => Buffer.isBuffer(value));
      if (blob) yield blob;
      else report('a row of its table Packages has no package header');
    }
  } else if (isNdb(content)) {
    yield* ndbBlobs(content, report);
  } else if (isBerkeleyHash(content)) {
    // Key 0 has the number of the last package, four bytes, in place of a header.
    for (const value of berkeleyHashValues(content, report)) if (value.length > 4) yield value;
  } else {
    report('it is in none of the forms of an rpm database (SQLite, ndb, Berkeley DB hash)');
  }
}

function describe(header: RpmHeader): FoundOsPackage | undefined {
  const name = header.string(RPM_TAG.name);
  const version = header.string(RPM_TAG.version);
  const release = header.string(RPM_TAG.release);
  if (!name || !version || !release) return undefined;
  const epoch = header.numbers(RPM_TAG.epoch)[0] ?? 0;
  return {
    type: 'rpm',
    name,
    version: withEpoch(epoch, `${version}-${release}`),
    arch: header.string(RPM_TAG.arch),
    source: sourceOf(header.string(RPM_TAG.sourceRpm)),
    license: header.string(RPM_TAG.license),
    vendor: header.string(RPM_TAG.vendor),
    modularity: header.string(RPM_TAG.modularityLabel),
  };
}

function withEpoch(epoch: number, version: string): string {
  return epoch > 0 ? `${epoch}:${version}` : version;
}

/** `bash-5.1.8-6.el9.src.rpm` is bash, 5.1.8-6.el9. The epoch is not in the file's name. */
function sourceOf(file: string | undefined): SourcePackage | undefined {
  const stem = file?.replace(/\.(?:no)?src\.rpm$/, '');
  if (!stem) return undefined;
  const release = stem.lastIndexOf('-');
  const version = stem.lastIndexOf('-', release - 1);
  if (version <= 0) return undefined;
  return { name: stem.slice(0, version), version: stem.slice(version + 1) };
}

/**
 * Gives source versions their epoch. Packages of one source rpm share its version and epoch unless the
 * spec file sets them apart (perl-libs has perl's `4:5.26.3-422`, perl-Errno `1.28-422`), so the epoch
 * is taken from an installed package that has the source's own version, otherwise from the package itself.
 */
function addSourceEpochs(found: readonly { pkg: CatalogedPackage; sourceRpm: string }[]): void {
  const epochs = new Map<string, string>();
  for (const { pkg, sourceRpm } of found) {
    const colon = pkg.version.indexOf(':');
    if (pkg.source?.version === pkg.version.slice(colon + 1)) epochs.set(sourceRpm, pkg.version.slice(0, colon + 1));
  }
  for (const { pkg, sourceRpm } of found) {
    if (!pkg.source) continue;
    const epoch = epochs.get(sourceRpm) ?? pkg.version.slice(0, pkg.version.indexOf(':') + 1);
    pkg.source = { name: pkg.source.name, version: epoch + pkg.source.version };
  }
}

/** Files of a package that some cataloguer may take as evidence. Old headers have full names, all others folder and name apart. */
function ownedPaths(header: RpmHeader): string[] {
  const paths: string[] = [];
  const modes = header.numbers(RPM_TAG.fileModes);
  const add = (folder: string, name: string, index: number) => {
    if (((modes[index] ?? 0) & FORMAT_BITS) === FOLDER_BITS) return;
    const path = evidencePath(folder, name);
    if (path !== undefined) paths.push(path);
  };
  const names = header.strings(RPM_TAG.baseNames);
  if (names.length > 0) {
    const folders = header.strings(RPM_TAG.dirNames).map(withoutRoot);
    const indexes = header.numbers(RPM_TAG.dirIndexes);
    names.forEach((name, i) => add(folders[indexes[i] ?? -1] ?? '', name, i));
  } else {
    header.strings(RPM_TAG.oldFileNames).forEach((name, i) => add('', withoutRoot(name), i));
  }
  return paths;
}

function withoutRoot(path: string): string {
  return path.startsWith('/') ? path.slice(1) : path;
}

/**
 * One package a line, tab-separated: name, version-release, install time, build time, vendor, epoch or
 * `(none)`, size, architecture, epoch number, source rpm.
 * @see https://github.com/microsoft/azurelinux toolkit/docs, "distroless" images
 */
function manifest(file: OfferedFile, context: CatalogContext): FileCatalogue {
  const found: { pkg: CatalogedPackage; sourceRpm: string }[] = [];
  let broken = 0;
  for (const line of file.content.all().toString('utf8').split('\n', MAX_PACKAGES)) {
    if (line.trim() === '') continue;
    const [name, version, , , vendor, , , arch, epoch, sourceRpm] = line.split('\t');
    if (!name || !version || sourceRpm === undefined) {
      broken++;
      continue;
    }
    const number = Number(epoch);
    const source = sourceOf(sourceRpm);
    const pkg = toOsPackage(
      {
        type: 'rpm',
        name,
        version: withEpoch(Number.isInteger(number) ? number : 0, version),
        arch,
        source,
        vendor: vendor === '(none)' ? undefined : vendor,
      },
      context,
    );
    if (pkg && name !== 'gpg-pubkey') found.push({ pkg, sourceRpm });
  }
  if (broken > 0) {
    context.warn('rpm-manifest-corrupt', `${broken} of its lines are no package entries and are left out; rebuild the image`);
  }
  addSourceEpochs(found);
  return { packages: found.map(({ pkg }) => pkg) };
}
