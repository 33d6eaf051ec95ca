/** Real Debian root file systems by debootstrap, from the mirror that this machine is set up with. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DockerEngine } from './engine.ts';
import { findProgram, needs, type Need } from './needs.ts';
import { mustRun } from './run.ts';

export interface DebianOptions {
  /** Default `bookworm`. */
  release?: string;
  /** Packages beside the smallest set, with their dependencies and without their recommendations. */
  include?: string[];
  /** Take the security and updates pockets too. Default false: versions as released, which have findings. */
  security?: boolean;
  /** Where finished root file systems are kept between runs. Default: a folder in the system's temporary one. */
  cacheDir?: string;
}

/** One archive line of apt's configuration. */
export interface AptSource {
  uri: string;
  suites: string[];
  components: string[];
}

/** What `debianRootfs` needs: root, debootstrap and a Debian mirror in apt's configuration. */
export function needsDebian(): Need {
  for (const what of ['root', 'debootstrap']) {
    const need = needs(what);
    if (!need.present) return need;
  }
  return debianMirror() ? { present: true, reason: '' } : { present: false, reason: 'no Debian mirror in /etc/apt' };
}

/**
 * A tar of a Debian root file system, made once for the same options and kept. Packages come from
 * the main pocket alone unless `security` is set.
 * @returns the path of an uncompressed tar; it is the cache's own file, so copy it before changing it.
 */
export async function debianRootfs(options: DebianOptions = {}): Promise<string> {
  const release = options.release ?? 'bookworm';
  const include = [...(options.include ?? [])].sort();
  const security = options.security ?? false;
  const cacheDir = options.cacheDir ?? join(tmpdir(), 'plimsoll-debian');
  const key = createHash('sha256').update(JSON.stringify([1, release, include, security])).digest('hex').slice(0, 16);
  const path = join(cacheDir, `${release}-${key}.tar`);
  if (existsSync(path)) return path;

  const mirror = debianMirror();
  if (!mirror) throw new Error('No Debian mirror in /etc/apt/sources.list or sources.list.d.');
  mkdirSync(cacheDir, { recursive: true });
  const work = mkdtempSync(join(cacheDir, 'making-'));
  try {
    const root = join(work, 'root');
    const debootstrap = findProgram('debootstrap') ?? 'debootstrap';
    await mustRun(debootstrap, ['--variant=minbase', release, root, mirror.uri]);
    const sources = [`deb ${mirror.uri} ${release} main`];
    if (security) sources.push(`deb ${mirror.uri} ${release}-updates main`, ...securityLines(release));
    writeFileSync(join(root, 'etc/apt/sources.list'), sources.join('\n') + '\n');
    if (include.length > 0 || security) await install(root, include);
    await mustRun('chroot', [root, 'apt-get', 'clean']);
    rmSync(join(root, 'var/lib/apt/lists'), { recursive: true, force: true });
    const made = join(work, 'rootfs.tar');
    await mustRun('tar', ['--numeric-owner', '--one-file-system', '--sort=name', '--exclude=./dev/*', '-C', root, '-cf', made, '.']);
    // Atomic: another run that makes the same one leaves or takes a whole file.
    renameSync(made, path);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return path;
}

/** Makes an image of it in an engine, as `docker import` does, and gives its tag. */
export async function debianImage(engine: DockerEngine, tag: string, options: DebianOptions = {}): Promise<string> {
  const rootfs = await debianRootfs(options);
  await engine.docker(['import', '--message', `debootstrap ${options.release ?? 'bookworm'}`, rootfs, tag]);
  return tag;
}

async function install(root: string, include: string[]): Promise<void> {
  // Maintainer scripts must not start services: invoke-rc.d(8) asks this file.
  const policy = join(root, 'usr/sbin/policy-rc.d');
  writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  const env = { DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' };
  await mustRun('chroot', [root, 'apt-get', '-q', 'update'], { env });
  await mustRun('chroot', [root, 'apt-get', '-qy', 'upgrade'], { env });
  if (include.length > 0) {
    await mustRun('chroot', [root, 'apt-get', '-qy', 'install', '--no-install-recommends', ...include], { env });
  }
  rmSync(policy);
}

/** The mirror of this machine that has whole releases, not the security one. */
export function debianMirror(): AptSource | undefined {
  return aptSources().find((source) => source.components.includes('main') && source.suites.some((suite) => /^[a-z]+$/.test(suite)));
}

function securityLines(release: string): string[] {
  return aptSources()
    .filter((source) => source.suites.some((suite) => suite.endsWith('-security')))
    .map((source) => `deb ${source.uri} ${release}-security main`);
}

/** Apt's archives, in both of its forms. @see sources.list(5) */
export function aptSources(etc = '/etc/apt'): AptSource[] {
  const files = [join(etc, 'sources.list')];
  const folder = join(etc, 'sources.list.d');
  if (existsSync(folder)) files.push(...readdirSync(folder).sort().map((name) => join(folder, name)));
  const out: AptSource[] = [];
  for (const path of files) {
    if (!existsSync(path)) continue;
    const text = readFileSync(path, 'utf8');
    if (path.endsWith('.sources')) out.push(...deb822Sources(text));
    else if (path.endsWith('.list')) out.push(...oneLineSources(text));
  }
  return out;
}

function oneLineSources(text: string): AptSource[] {
  const out: AptSource[] = [];
  for (const line of text.split('\n')) {
    const words = line.replace(/#.*/, '').replace(/\[[^\]]*\]/, '').trim().split(/\s+/);
    const [type, uri, suite, ...components] = words;
    if (type === 'deb' && uri !== undefined && suite !== undefined) out.push({ uri, suites: [suite], components });
  }
  return out;
}

function deb822Sources(text: string): AptSource[] {
  const out: AptSource[] = [];
  const uncommented = text.split('\n').filter((line) => !line.startsWith('#')).join('\n');
  for (const stanza of uncommented.split(/\n\s*\n/)) {
    const fields = new Map<string, string[]>();
    for (const line of stanza.split('\n')) {
      const colon = line.indexOf(':');
      if (colon > 0 && !line.startsWith(' ')) fields.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim().split(/\s+/));
    }
    if (!fields.get('types')?.includes('deb') || fields.get('enabled')?.[0] === 'no') continue;
    for (const uri of fields.get('uris') ?? []) {
      out.push({ uri, suites: fields.get('suites') ?? [], components: fields.get('components') ?? [] });
    }
  }
  return out;
}
