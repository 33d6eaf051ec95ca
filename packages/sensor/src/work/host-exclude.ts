import { resolve } from 'node:path';
import { readSmallFile } from '../facts/read-file.ts';
import { notInstalled } from './not-installed.ts';

/** File systems that lie on other machines, or are made as they are asked: walking them may take for ever. */
const NOT_LOCAL = /^(?:nfs\d?|cifs|smb\d?|smbfs|afs|ceph|glusterfs|lustre|9p|virtiofs|autofs|fuse(?:\..*)?|overlay|proc|sysfs|tmpfs|devtmpfs|cgroup2?)$/;

/**
 * Folders below the host's root that are none of its own or hold nothing installed, relative to it.
 * @param hostFolders as the host names them: where engines keep images and containers
 * @param ownFolders as this process names them: the sensor's own, and what a person leaves out
 */
export async function foldersToLeaveOut(root: string, hostFolders: readonly string[], ownFolders: readonly string[] = []): Promise<string[]> {
  const mounts = parseMounts((await readSmallFile('/proc/self/mounts', 1 << 20)) ?? '');
  const below = mounts.filter(({ type }) => NOT_LOCAL.test(type)).map(({ path }) => relative(root, path));
  const engines = hostFolders.map((folder) => relative('/', folder));
  const own = ownFolders.map((folder) => relative(root, resolve(folder)));
  const all = [...(await notInstalled(root)), ...below, ...engines, ...own];
  return [...new Set(all.filter((path) => path !== undefined && path !== ''))] as string[];
}

/** Reads the table of mounts (fstab(5)): spaces in paths are written as octal escapes. */
export function parseMounts(text: string): { path: string; type: string }[] {
  return text.split('\n').flatMap((line) => {
    const [, path, type] = line.split(' ');
    return path && type ? [{ path: path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8))), type }] : [];
  });
}

/** The path below the root, without a leading slash; undefined when it lies elsewhere. */
function relative(root: string, path: string): string | undefined {
  const base = root.endsWith('/') ? root : `${root}/`;
  return path.startsWith(base) ? path.slice(base.length).replace(/\/+$/, '') : undefined;
}
