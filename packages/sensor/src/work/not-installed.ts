import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readSmallFile } from '../facts/read-file.ts';

/**
 * Folders of a host, below its root, that hold no installed software: what comes and goes, caches, logs, data of
 * databases, and what belongs to containers and virtual machines, which are looked at for themselves.
 * The scanner leaves out /proc, /sys, /dev, /run and file systems mounted below by itself.
 */
const SYSTEM = [
  'tmp', 'var/tmp', 'var/cache', 'var/log', 'var/spool', 'var/crash', 'var/backups', 'lost+found',
  'var/lib/docker', 'var/lib/containerd', 'var/lib/containers', 'var/lib/kubelet', 'var/lib/rancher', 'var/lib/cni', 'var/lib/lxc', 'var/lib/lxd', 'var/lib/incus', 'var/lib/libvirt', 'var/lib/machines',
  'var/lib/apt/lists', 'var/lib/plimsoll', 'var/lib/plimsoll-sensor', 'var/lib/postgresql', 'var/lib/mysql', 'var/lib/mongodb', 'var/lib/elasticsearch', 'var/lib/etcd', 'var/lib/prometheus',
];

/** The same below each home: what package managers fetched, which is not yet, or elsewhere, installed. */
const HOME = [
  '.cache', '.npm', '.yarn/berry/cache', '.local/share/pnpm/store', '.local/share/Trash', '.m2/repository', '.gradle/caches', '.gradle/wrapper/dists', '.ivy2/cache', '.sbt/boot', '.nuget/packages',
  'go/pkg/mod', 'go/pkg/sumdb', '.cargo/registry', '.cargo/git', '.pub-cache', '.composer/cache', '.bundle/cache', '.conan/data', '.conan2/p', '.local/share/docker', '.local/share/containers', 'Library/Caches',
];

const MAX_HOMES = 5000;

/** Folders to leave out when a host's installed software is listed, relative to its root. */
export async function notInstalled(root: string): Promise<string[]> {
  return [...SYSTEM, ...(await homes(root)).flatMap((home) => HOME.map((folder) => `${home}/${folder}`))];
}

/** Homes of the users in passwd(5), and what is in /home: users of a directory service stand in no file. */
async function homes(root: string): Promise<string[]> {
  const users = (await readSmallFile(join(root, 'etc/passwd'), 1 << 20)) ?? '';
  const named = users.split('\n').map((line) => line.split(':')[5] ?? '');
  const found = await readdir(join(root, 'home')).catch(() => []);
  const all = [...named, ...found.map((name) => `home/${name}`)].map((home) => home.replace(/^\/+|\/+$/g, ''));
  // A service may have the root itself as its home.
  return ['root', ...new Set(all)].filter((home) => home !== '' && !home.split('/').includes('..')).slice(0, MAX_HOMES);
}
