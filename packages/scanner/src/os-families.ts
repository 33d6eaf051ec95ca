/** What os-release says of a system, as far as its family's rules ask. */
export interface OsIdentity {
  id: string;
  name: string;
  version: string | undefined;
  versionId: string | undefined;
  codename: string | undefined;
  prettyName: string;
}

/** Debian's releases by code name, for those that have no number in os-release yet (distro-info-data). */
const DEBIAN_CODENAMES = new Map([
  ['wheezy', '7'],
  ['jessie', '8'],
  ['stretch', '9'],
  ['buster', '10'],
  ['bullseye', '11'],
  ['bookworm', '12'],
  ['trixie', '13'],
  ['forky', '14'],
  ['duke', '15'],
]);

/**
 * The name by which OSV's records call a release's ecosystem; undefined where OSV has none, such as for
 * CentOS, Fedora, Amazon Linux, Oracle Linux, Arch, and for Alpine edge.
 *
 * Where OSV's suffix names a repository rather than a release, this is the part that all of a release's
 * repositories have in common, or its main product:
 * - Red Hat: records say `Red Hat:enterprise_linux:9::appstream` and so on, after the product's CPE
 *   (from RHEL 10 on with the minor release); the name here is `Red Hat:enterprise_linux:9`.
 * - SUSE: one record each for server, modules and LTSS; the name here is that of `PRETTY_NAME`.
 * - Ubuntu: ESM updates are under `Ubuntu:Pro:…`, to which an image does not say whether it is entitled.
 * @see https://ossf.github.io/osv-schema/#defined-ecosystems
 */
export function osvEcosystem(os: OsIdentity): string | undefined {
  const { versionId } = os;
  const major = majorOf(versionId);
  const withMajor = (name: string) => (major === undefined ? undefined : `${name}:${major}`);
  switch (os.id) {
    case 'alpine': {
      const branch = alpineBranch(versionId);
      return branch === undefined ? undefined : `Alpine:v${branch}`;
    }
    case 'debian': {
      const release = debianRelease(os);
      return release === undefined ? undefined : `Debian:${release}`;
    }
    case 'ubuntu':
      if (versionId === undefined || !/^\d{2}\.\d{2}$/.test(versionId)) return undefined;
      return `Ubuntu:${versionId}${isUbuntuLts(os, versionId) ? ':LTS' : ''}`;
    case 'almalinux':
      return withMajor('AlmaLinux');
    case 'rocky':
      return withMajor('Rocky Linux');
    case 'rhel':
      return withMajor('Red Hat:enterprise_linux');
    case 'sles':
    case 'sles_sap':
    case 'sled':
    case 'sle-micro':
    case 'sle_hpc':
    case 'sl-micro':
    case 'suse-microos':
      return os.prettyName.startsWith('SUSE ') ? `SUSE:${os.prettyName.slice(5)}` : undefined;
    case 'opensuse-leap':
    case 'opensuse-leap-micro':
      return os.prettyName.startsWith('openSUSE ') ? `openSUSE:${os.prettyName.slice(9)}` : undefined;
    case 'opensuse-tumbleweed':
    case 'opensuse-microos':
      // MicroOS is made of Tumbleweed's packages.
      return 'openSUSE:Tumbleweed';
    case 'photon':
      return versionId === undefined ? undefined : `Photon OS:${versionId}`;
    case 'mariner':
    case 'azurelinux':
      // CBL-Mariner was renamed for its release 3; OSV has both under the new name.
      return withMajor('Azure Linux');
    case 'openeuler': {
      // `24.03 (LTS-SP1)`, `22.03 LTS`; OSV has the long-term releases only.
      const support = /\bLTS(?:-SP\d+)?\b/.exec(os.version ?? os.prettyName)?.[0];
      return versionId === undefined || support === undefined ? undefined : `openEuler:${versionId}-${support}`;
    }
    case 'mageia':
      return withMajor('Mageia');
    case 'alpaquita':
      return versionId === undefined ? undefined : `Alpaquita:${versionId}`;
    case 'bellsoft-hardened-containers':
      return versionId === undefined ? undefined : `BellSoft Hardened Containers:${versionId}`;
    // Rolling ones, which OSV names without a release.
    case 'wolfi':
      return 'Wolfi';
    case 'chainguard':
      return 'Chainguard';
    case 'minimos':
      return 'MinimOS';
    case 'echo':
      return 'Echo';
    case 'cleanstart':
      return 'CleanStart';
    default:
      return undefined;
  }
}

/** Under which name and release the support table has a system. */
export function supportRelease(os: OsIdentity): { id: string; release: string } | undefined {
  const { id, versionId } = os;
  switch (id) {
    case 'alpine':
      return pair(id, alpineBranch(versionId));
    case 'debian':
      return pair(id, debianRelease(os));
    case 'centos':
      return pair(/\bStream\b/.test(`${os.name} ${os.prettyName}`) ? 'centos-stream' : id, majorOf(versionId));
    case 'rhel':
    case 'almalinux':
    case 'rocky':
    case 'ol':
      return pair(id, majorOf(versionId));
    default:
      return pair(id, versionId);
  }
}

function pair(id: string, release: string | undefined): { id: string; release: string } | undefined {
  return release === undefined ? undefined : { id, release };
}

function majorOf(versionId: string | undefined): string | undefined {
  return /^(\d+)(?:\.|$)/.exec(versionId ?? '')?.[1];
}

/** `3.11` of `3.11.5`; undefined for edge, whose version reads `3.23_alpha20250612`. */
function alpineBranch(versionId: string | undefined): string | undefined {
  return /^(\d+\.\d+)(?:\.\d+)*$/.exec(versionId ?? '')?.[1];
}

function debianRelease(os: OsIdentity): string | undefined {
  return majorOf(os.versionId) ?? DEBIAN_CODENAMES.get(os.codename ?? '');
}

/** The pretty name tells (`Ubuntu 22.04.3 LTS`). Without one: every April release of an even year has been LTS since 2006. */
function isUbuntuLts(os: OsIdentity, versionId: string): boolean {
  if (/\bLTS\b/.test(os.prettyName) || /\bLTS\b/.test(os.version ?? '')) return true;
  return os.prettyName === os.name && versionId.endsWith('.04') && Number(versionId.slice(0, 2)) % 2 === 0;
}
