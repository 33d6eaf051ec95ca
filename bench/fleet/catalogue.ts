import { Random, Zipf } from './random.ts';

/** A pool of packages and the vulnerabilities they have, as shared by a whole fleet. */

export interface FleetPackage {
  id: number;
  type: string;
  name: string;
  version: string;
  purl: string;
  source: string | null;
  vulnerabilities: readonly Flaw[];
}

export interface FleetVulnerability {
  id: number;
  name: string;
  aliases: string[];
  severity: number;
  cvss: number;
  epss: number;
  kev: boolean;
  ransomware: boolean;
  cwe: string;
  /** Days before now. */
  published: number;
}

interface Flaw {
  vulnerability: FleetVulnerability;
  fixed: string | null;
}

export interface Distribution {
  id: string;
  name: string;
  version: string;
  ecosystem: string;
  type: string;
  /** Names of the packages that every image of it has, then the rest. */
  names: readonly string[];
}

const KNOWN: Record<string, readonly string[]> = {
  os: ['openssl', 'libc6', 'zlib', 'bash', 'curl', 'busybox', 'glibc', 'systemd', 'perl', 'tar', 'coreutils', 'libxml2', 'sqlite', 'expat', 'gnupg', 'krb5', 'ncurses', 'pcre2', 'util-linux', 'xz-utils'],
  npm: ['lodash', 'express', 'axios', 'semver', 'minimist', 'ws', 'tar', 'debug', 'qs', 'ansi-regex', 'json5', 'undici', 'react', 'webpack', 'braces'],
  maven: ['org.apache.logging.log4j:log4j-core', 'org.springframework:spring-core', 'com.fasterxml.jackson.core:jackson-databind', 'io.netty:netty-codec-http', 'commons-text:commons-text', 'org.yaml:snakeyaml'],
  pypi: ['requests', 'urllib3', 'jinja2', 'django', 'pillow', 'cryptography', 'certifi', 'numpy', 'setuptools', 'idna'],
  golang: ['stdlib', 'golang.org/x/net', 'golang.org/x/crypto', 'google.golang.org/grpc', 'github.com/docker/docker', 'github.com/gin-gonic/gin'],
};
const SYLLABLES = ['ba', 'co', 'da', 'fi', 'go', 'ka', 'li', 'mo', 'na', 'pe', 'qu', 'ro', 'se', 'ti', 'vu', 'xo', 'ya', 'ze'];
const SUFFIXES = ['', '-utils', '-core', '-common', '-client', '-parser', '-dev', '2', '-io', '-http'];
const CWES = ['CWE-79', 'CWE-89', 'CWE-416', 'CWE-787', 'CWE-125', 'CWE-20', 'CWE-502', 'CWE-22', 'CWE-400', 'CWE-190'];

function names(random: Random, kind: keyof typeof KNOWN, size: number): string[] {
  const all = new Set<string>(KNOWN[kind]!.slice(0, size));
  while (all.size < size) {
    const word = random.pick(SYLLABLES) + random.pick(SYLLABLES) + random.pick(SYLLABLES) + random.pick(SUFFIXES);
    const name = kind === 'os' ? `lib${word}` : kind === 'maven' ? `org.${random.pick(SYLLABLES)}${random.pick(SYLLABLES)}:${word}` : kind === 'golang' ? `github.com/${random.pick(SYLLABLES)}${random.pick(SYLLABLES)}/${word}` : word;
    all.add(name);
  }
  return [...all];
}

/** Versions of a package that are in use somewhere, oldest first. */
const VERSIONS = 6;

export class Catalogue {
  readonly packages: FleetPackage[] = [];
  readonly vulnerabilities: FleetVulnerability[] = [];
  readonly distributions: readonly Distribution[];
  readonly languages: Readonly<Record<string, readonly string[]>>;
  private readonly random: Random;
  private readonly byKey = new Map<string, FleetPackage>();
  private readonly flaws = new Map<string, { vulnerability: FleetVulnerability; fixedIn: number | null }[]>();
  private readonly density: number;
  private readonly ranks = new Map<number, Zipf>();

  /** `scale`: 1 for the whole fleet. `density`: vulnerabilities of a package, on average. */
  constructor(seed: number, { scale, density }: { scale: number; density: number }) {
    this.random = new Random(seed);
    this.density = density;
    const size = (whole: number): number => Math.max(40, Math.round(whole * Math.sqrt(scale)));
    const distribution = (id: string, name: string, version: string, ecosystem: string, type: string): Distribution => ({ id, name, version, ecosystem, type, names: names(this.random, 'os', size(900)) });
    this.distributions = [
      distribution('debian', 'Debian GNU/Linux 12 (bookworm)', '12', 'Debian:12', 'deb'),
      distribution('alpine', 'Alpine Linux v3.19', '3.19.1', 'Alpine:v3.19', 'apk'),
      distribution('ubuntu', 'Ubuntu 22.04.4 LTS', '22.04', 'Ubuntu:22.04:LTS', 'deb'),
      distribution('debian', 'Debian GNU/Linux 11 (bullseye)', '11', 'Debian:11', 'deb'),
      distribution('rhel', 'Red Hat Enterprise Linux 9.4 (Plow)', '9.4', 'Red Hat:enterprise_linux:9::baseos', 'rpm'),
      distribution('alpine', 'Alpine Linux v3.18', '3.18.6', 'Alpine:v3.18', 'apk'),
    ];
    this.languages = { npm: names(this.random, 'npm', size(9000)), maven: names(this.random, 'maven', size(4000)), pypi: names(this.random, 'pypi', size(3000)), golang: names(this.random, 'golang', size(3000)) };
  }

  rank(size: number): Zipf {
    let zipf = this.ranks.get(size);
    if (!zipf) this.ranks.set(size, (zipf = new Zipf(size, 0.9)));
    return zipf;
  }

  /** The package of that name in its n-th version, oldest first. `release`: of the distribution, whose builds are its own. */
  package(type: string, name: string, age: number, release = ''): FleetPackage {
    const step = Math.min(VERSIONS - 1, Math.max(0, age));
    const key = `${type} ${release} ${name} ${step}`;
    let found = this.byKey.get(key);
    if (!found) {
      const version = versionOf(type, name, step);
      const flaws = this.flawsOf(type, name, release).filter(({ fixedIn }) => fixedIn === null || step < fixedIn);
      found = {
        id: this.packages.length + 1, type, name, version,
        purl: `pkg:${type}/${type === 'maven' ? name.replace(':', '/') : name}@${version}${release ? `?distro=${release.toLowerCase().replace(/[^a-z0-9.]+/g, '-')}` : ''}`,
        source: release ? name.replace(/-(utils|core|common|client|dev)$/, '') : null,
        vulnerabilities: flaws.map(({ vulnerability, fixedIn }) => ({ vulnerability, fixed: fixedIn === null ? null : versionOf(type, name, fixedIn) })),
      };
      this.packages.push(found);
      this.byKey.set(key, found);
    }
    return found;
  }

  /** The same in every version until it is fixed; a distribution's releases have most of them in common. */
  private flawsOf(type: string, name: string, release: string) {
    const key = `${type} ${release} ${name}`;
    let flaws = this.flaws.get(key);
    if (!flaws) {
      // Few packages have many, most have none.
      const many = this.random.chance(0.35) ? Math.ceil(-Math.log(1 - this.random.next()) * (this.density / 0.35)) : 0;
      flaws = Array.from({ length: Math.min(many, 60) }, () => ({
        vulnerability: this.random.chance(0.2) && this.vulnerabilities.length > 100 ? this.random.pick(this.vulnerabilities) : this.addVulnerability(),
        fixedIn: this.random.chance(0.65) ? 2 + this.random.below(VERSIONS - 1) : null,
      }));
      const seen = new Set<number>();
      flaws = flaws.filter(({ vulnerability }) => !seen.has(vulnerability.id) && seen.add(vulnerability.id));
      this.flaws.set(key, flaws);
    }
    return flaws;
  }

  private addVulnerability(): FleetVulnerability {
    const { random } = this;
    const id = this.vulnerabilities.length + 1;
    const severity = Number(random.weighted({ s1: 6, s2: 34, s3: 34, s4: 20, s5: 6 }).slice(1));
    const kev = random.chance(severity >= 4 ? 0.03 : 0.002);
    const published = id === 1 ? 1400 : Math.floor(random.next() ** 2 * 2500);
    const vulnerability: FleetVulnerability = {
      id,
      name: id === 1 ? 'CVE-2021-44228' : `CVE-${2026 - Math.floor(published / 365)}-${20000 + id}`,
      aliases: random.chance(0.4) ? [`GHSA-${random.hex(4)}-${random.hex(4)}-${random.hex(4)}`] : [],
      severity,
      cvss: Math.min(10, Math.round((severity * 1.8 + random.next() * 1.5) * 10) / 10),
      epss: Math.round(random.next() ** 6 * 1e5) / 1e5,
      kev,
      ransomware: kev && random.chance(0.3),
      cwe: random.pick(CWES),
      published,
    };
    this.vulnerabilities.push(vulnerability);
    return vulnerability;
  }
}

function versionOf(type: string, name: string, step: number): string {
  const major = 1 + (name.length % 5);
  const minor = 2 * (name.charCodeAt(0) % 9) + Math.floor(step / 2);
  const plain = `${major}.${minor}.${step * 3}`;
  return type === 'deb' ? `${plain}-1+deb12u${step}` : type === 'apk' ? `${plain}-r${step}` : type === 'rpm' ? `${plain}-${step}.el9` : type === 'golang' ? `v${plain}` : plain;
}
