import type { ImageSpec } from '../e2e/support/images.ts';
import { dir, file, type TarEntry } from '../e2e/support/tar.ts';

const PACKAGES = 600;
const FILES_PER_PACKAGE = 100;

/**
 * One layer of 60,000 files of 100 to 1,700 bytes: 600 npm packages of 100 files each, and the OS
 * files that say it is Debian 12. The bytes are the same on every machine.
 */
export function smallFilesImage(): ImageSpec {
  const entries: TarEntry[] = [
    dir('etc'),
    file('etc/os-release', 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\nVERSION_ID="12"\nID=debian\n'),
    // Some scanners know Debian by this file alone.
    file('etc/debian_version', '12.5\n'),
    dir('var/lib/dpkg'),
    file('var/lib/dpkg/status', dpkgStatus()),
  ];
  for (let p = 0; p < PACKAGES; p++) {
    const name = `example-${String(p)}`;
    const root = `app/node_modules/${name}`;
    entries.push(dir(root), dir(`${root}/lib`));
    entries.push(file(`${root}/package.json`, JSON.stringify({ name, version: `1.${String(p % 40)}.0`, license: 'MIT', main: 'lib/0.js' }, null, 2)));
    for (let f = 0; f < FILES_PER_PACKAGE - 1; f++) {
      const ending = f % 5 === 0 ? 'ts' : f % 7 === 0 ? 'json' : 'js';
      entries.push(file(`${root}/lib/${String(f)}.${ending}`, filler(p * FILES_PER_PACKAGE + f)));
    }
  }
  return { tag: 'bench/small-files:latest', layers: [{ entries, createdBy: 'COPY . /' }] };
}

/** Text that compresses about as source does, of a length that varies from file to file. */
function filler(seed: number): string {
  const lines: string[] = [];
  const count = 2 + (seed * 7919) % 31;
  for (let i = 0; i < count; i++) lines.push(`export const value${String(i)} = compute(${String((seed * 31 + i * 17) % 9973)}, "${((seed + i) * 2654435761 % 2 ** 32).toString(36)}");`);
  return lines.join('\n') + '\n';
}

function dpkgStatus(): string {
  return ['libc6 2.36-9', 'zlib1g 1:1.2.13.dfsg-1', 'base-files 12.4']
    .map((each) => {
      const [name, version] = each.split(' ') as [string, string];
      return `Package: ${name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: ${version}\nMaintainer: Debian\nDescription: ${name}\n`;
    })
    .join('\n');
}
