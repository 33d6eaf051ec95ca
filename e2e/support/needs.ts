import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';

/** Whether something that a test cannot make itself is at hand, and if not, why. */
export interface Need {
  present: boolean;
  /** For people; empty when present. */
  reason: string;
}

/** The checkout's root: the nearest folder above this file that has a package-lock.json (bundled or not). */
export const REPOSITORY = findRepository();

/** Folder with the advisory feeds and images, beside the checkout. */
export const SHARED = resolve(REPOSITORY, '../shared');

/** Where a Docker Engine listens unless told otherwise. */
const DEFAULT_SOCKET = '/var/run/docker.sock';

/**
 * Asks for a program on PATH by its name, or for one of these:
 * `docker` (an engine that runs or can be started here, and the docker client), `root`,
 * `shared` (the folder `shared` beside the checkout), `linux`.
 *
 * `describe.skipIf(!needs('rpm').present)(titled('rpm databases', 'rpm'), …)`
 */
export function needs(what: string): Need {
  switch (what) {
    case 'docker':
      return needsDocker();
    case 'root':
      return isRoot() ? here() : missing('not run as root');
    case 'shared':
      return ['feeds', 'images'].every((part) => existsSync(join(SHARED, part))) ? here() : missing(`no folder ${SHARED} with feeds and images`);
    case 'linux':
      return process.platform === 'linux' ? here() : missing(`this is ${process.platform}`);
    default:
      return findProgram(what) ? here() : missing(`no program ${what} on PATH`);
  }
}

/** True when every one of `what` is present. */
export function haveAll(...what: string[]): boolean {
  return what.every((each) => needs(each).present);
}

/** The title with `(skipped: needs X: why)` after it for whatever is missing, so that reports say so. */
export function titled(title: string, ...what: string[]): string {
  const lacking = what.filter((each) => !needs(each).present);
  if (lacking.length === 0) return title;
  const said = lacking.map((each) => `${each}: ${needs(each).reason}`).join('; ');
  return `${title} (skipped: needs ${said})`;
}

function findRepository(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, 'package-lock.json'))) {
    const above = dirname(folder);
    if (above === folder) throw new Error(`${import.meta.dirname} lies in no checkout: there is no package-lock.json above it.`);
    folder = above;
  }
  return folder;
}

/** Full path of a program on PATH (system folders included), undefined when there is none. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin'];
  for (const folder of folders) {
    if (folder === '') continue;
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      if (statSync(path).isFile()) return path;
    } catch {
      // Not in this folder.
    }
  }
  return undefined;
}

/** Sockets where an engine may be running already: the one in DOCKER_HOST, then the default one. */
export function engineSockets(): string[] {
  const host = process.env['DOCKER_HOST'];
  if (host?.startsWith('unix://')) return [host.slice('unix://'.length)];
  return [DEFAULT_SOCKET];
}

function needsDocker(): Need {
  if (!findProgram('docker')) return missing('no docker client on PATH');
  if (engineSockets().some((socket) => existsSync(socket))) return here();
  if (!findProgram('dockerd')) return missing('no engine is running and there is no dockerd on PATH');
  if (!isRoot()) return missing('no engine is running and only root can start one');
  return here();
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

function here(): Need {
  return { present: true, reason: '' };
}

function missing(reason: string): Need {
  return { present: false, reason };
}
