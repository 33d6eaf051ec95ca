import { release, type } from 'node:os';
import { join } from 'node:path';
import { textOrNull } from '../bounded.ts';
import type { FactSource } from './facts.ts';
import { readSmallFile } from './read-file.ts';

/** Operating system: os-release of the host, else what the engine says. */
export const os: FactSource = {
  name: 'operating system',
  async collect({ root, contained, engine }) {
    const told = engine?.host ?? {};
    const kernel = { kernel: release().slice(0, 200) };
    // Docker Desktop's engine is in a virtual machine: its system is not the person's.
    if (told.osName === 'Docker Desktop' && contained) return { ...kernel, ...pick(told) };
    if (root !== undefined && process.platform === 'linux') {
      const text = (await readSmallFile(join(root, 'etc/os-release'))) ?? (await readSmallFile(join(root, 'usr/lib/os-release'))) ?? '';
      const release = parseOsRelease(text);
      return { os: 'linux', osName: textOrNull(release.get('PRETTY_NAME') ?? release.get('NAME'), 200), osVersion: textOrNull(release.get('VERSION_ID'), 100), ...kernel };
    }
    if (contained) return { ...kernel, ...pick(told) };
    const names: Partial<Record<NodeJS.Platform, [string, string]>> = { darwin: ['mac', 'macOS'], win32: ['windows', 'Windows'] };
    const [name, title] = names[process.platform] ?? [process.platform, type()];
    return { os: name, osName: `${title} ${release()}`.slice(0, 200), osVersion: release().slice(0, 100), ...kernel };
  },
};

function pick({ os, osName, osVersion, note }: NonNullable<Parameters<FactSource['collect']>[0]['engine']>['host']) {
  return { os: os ?? null, osName: osName ?? null, osVersion: osVersion ?? null, note: note ?? null };
}

/** Reads os-release. @see https://www.freedesktop.org/software/systemd/man/latest/os-release.html */
export function parseOsRelease(text: string): Map<string, string> {
  const values = new Map<string, string>();
  for (const line of text.split('\n').slice(0, 200)) {
    const [, name, value = ''] = /^([A-Z][A-Z0-9_]*)=(.*)$/.exec(line.trim()) ?? [];
    if (name === undefined) continue;
    const quoted = /^(["'])(.*)\1$/.exec(value);
    values.set(name, quoted ? (quoted[1] === '"' ? quoted[2]!.replace(/\\(["\\$`])/g, '$1') : quoted[2]!) : value);
  }
  return values;
}
