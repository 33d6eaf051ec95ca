import { LANGUAGE_ECOSYSTEMS, OS_PACKAGE_TYPES, type DatabaseInfo, type OsRelease, type Package, type PackageType } from '@plimsoll/model';
import { splitEvr } from '../versions/rpm.ts';

/** One name and version under which advisories may speak of a package. */
export interface Query {
  ecosystem: string;
  name: string;
  version: string;
  /** Set for RPM packages of a module stream: `nodejs:14`, or '' when the stream is not told. */
  module?: string;
}

/** Why a package cannot be judged. */
export interface Gap {
  reason: string;
  ecosystem?: string;
}

export type Subject =
  | { kind: 'judged'; queries: Query[] }
  | { kind: 'gap'; gap: Gap }
  /** The distribution's advisories for the owning OS package judge it. */
  | { kind: 'owned' };

/** Maintainers (dpkg) and vendors (rpm) that are distributions. */
const DISTRIBUTORS =
  /@(?:[\w-]+\.)*(?:debian\.(?:org|net)|ubuntu\.com|canonical\.com|kali\.org|linuxmint\.com|raspberrypi\.(?:com|org))\b|red ?hat|almalinux|rocky|centos|fedora|suse|amazon|oracle america|microsoft corp|vmware|photon|openeuler|mageia|wolfi|chainguard|alpine/i;
/** Vendors' repositories that build a package of the distribution's name anew mark its version so. */
const THIRD_PARTY_VERSION = /nodesource|pgdg|sury|dotdeb|remi|epel|percona|mariadb\.org/i;

export const isOsPackage = ({ type }: { type: PackageType }): boolean => OS_PACKAGE_TYPES.includes(type);

/** Decides, for one database and one image's OS, what to ask about each package. */
export class Subjects {
  readonly #known: Set<string>;
  readonly #os: OsRelease | undefined;
  /** Ecosystems of the OS in the database: several where the vendor publishes by repository. */
  readonly #osEcosystems: string[];

  readonly #packages: readonly Package[];
  readonly #isNamed: (ecosystem: string, name: string) => boolean;
  /** By name, whether the distribution's advisories speak for an OS package. Made when first asked. */
  #spokenFor: Map<string, boolean> | undefined;

  /**
   * @param packages all of the image
   * @param isNamed whether the database has any advisory for a name in an ecosystem
   */
  constructor(
    info: DatabaseInfo,
    os: OsRelease | undefined,
    packages: readonly Package[] = [],
    isNamed: (ecosystem: string, name: string) => boolean = () => false,
  ) {
    this.#packages = packages;
    this.#isNamed = isNamed;
    this.#known = new Set(info.ecosystems);
    this.#os = os;
    const own = os?.ecosystem;
    // Red Hat's are `Red Hat:enterprise_linux:9::appstream` and, from 10 on, `…:10.1`.
    this.#osEcosystems =
      own === undefined
        ? []
        : this.#known.has(own)
          ? [own]
          : info.ecosystems.filter((name) => name.startsWith(`${own}::`) || name.startsWith(`${own}.`)).sort();
  }

  /** True when the database has advisories for the image's OS release. */
  get osCovered(): boolean {
    return this.#osEcosystems.length > 0;
  }

  of(pkg: Package): Subject {
    if (!/[0-9]/.test(pkg.version) || /^dev-/.test(pkg.version)) {
      return gap('the version is not known', LANGUAGE_ECOSYSTEMS[pkg.type]);
    }
    if (isOsPackage(pkg)) return this.#ofOsPackage(pkg);
    if (pkg.ownedBy !== undefined && this.osCovered && this.#distributionSpeaksFor(pkg.ownedBy)) return { kind: 'owned' };
    const ecosystem = LANGUAGE_ECOSYSTEMS[pkg.type];
    if (ecosystem === undefined) return gap(`no feed knows packages of type ${pkg.type}`);
    if (!this.#known.has(ecosystem)) return gap(`the database has no advisories for ${ecosystem}`, ecosystem);
    return { kind: 'judged', queries: [{ ecosystem, name: spelled(ecosystem, pkg.name), version: pkg.version }] };
  }

  /**
   * A package that others built for the distribution (a vendor's own repository) is none of the
   * distribution's: its advisories know neither it nor what it bundles.
   */
  #distributionSpeaksFor(owner: string): boolean {
    if (!this.#spokenFor) {
      this.#spokenFor = new Map();
      for (const pkg of this.#packages) {
        if (!isOsPackage(pkg)) continue;
        const speaks =
          pkg.vendor === undefined ||
          DISTRIBUTORS.test(pkg.vendor) ||
          this.#osEcosystems.some((ecosystem) => !THIRD_PARTY_VERSION.test(pkg.version) && namesOf(pkg, ecosystem).some(({ name }) => this.#isNamed(ecosystem, name)));
        this.#spokenFor.set(pkg.name, speaks || (this.#spokenFor.get(pkg.name) ?? false));
      }
    }
    return this.#spokenFor.get(owner) ?? true;
  }

  #ofOsPackage(pkg: Package): Subject {
    if (!this.#os) return gap('the image does not say which operating system it is');
    if (this.#os.ecosystem === undefined) return gap(`no feed knows ${this.#os.prettyName}`);
    if (!this.osCovered) return gap(`the database has no advisories for ${this.#os.ecosystem}`, this.#os.ecosystem);
    return {
      kind: 'judged',
      queries: this.#osEcosystems.flatMap((ecosystem) =>
        namesOf(pkg, ecosystem).map((named) => ({ ecosystem, ...named, ...moduleOf(pkg) })),
      ),
    };
  }
}

function gap(reason: string, ecosystem?: string): Subject {
  return { kind: 'gap', gap: { reason, ...(ecosystem === undefined ? {} : { ecosystem }) } };
}

/** The spelling under which a registry knows a name. */
function spelled(ecosystem: string, name: string): string {
  if (ecosystem === 'PyPI') return name.toLowerCase().replace(/[-_.]+/g, '-'); // PEP 503
  return ecosystem === 'Packagist' || ecosystem === 'NuGet' ? name.toLowerCase() : name;
}

interface Named {
  name: string;
  version: string;
}

/** Vendors whose RPM advisories name binary packages; the others name source packages, or either. */
const BY_BINARY_RPM = /^(?:AlmaLinux|Red Hat)(?::|$)/;
/** Distributions whose apk advisories name sub-packages besides origins. */
const BY_SUBPACKAGE = /^(?:Wolfi|Chainguard|MinimOS)(?::|$)/;

function namesOf(pkg: Package, ecosystem: string): Named[] {
  const binary = { name: pkg.name, version: pkg.version };
  const { source } = pkg;
  if (!source || source.name === '') return [binary];
  switch (pkg.type) {
    case 'deb':
      return [{ name: source.name, version: source.version || pkg.version }];
    case 'apk': {
      // Sub-packages always have the version of their origin.
      const origin = { name: source.name, version: pkg.version };
      return BY_SUBPACKAGE.test(ecosystem) && source.name !== pkg.name ? [origin, binary] : [origin];
    }
    default:
      if (BY_BINARY_RPM.test(ecosystem) || source.name === pkg.name) return [binary];
      return [{ name: source.name, version: rpmSourceVersion(pkg.version, source.version) }, binary];
  }
}

/** The name of a source RPM has no epoch; the binary's is the one it was built with. */
function rpmSourceVersion(binary: string, source: string): string {
  if (source === '') return binary;
  const { epoch } = splitEvr(binary);
  return epoch === '0' || source.includes(':') ? source : `${epoch}:${source}`;
}

function moduleOf(pkg: Package): { module?: string } {
  if (pkg.type !== 'rpm') return {};
  if (pkg.modularity) return { module: pkg.modularity.split(':').slice(0, 2).join(':') };
  return /\.module[_+]/.test(pkg.version) ? { module: '' } : {};
}
