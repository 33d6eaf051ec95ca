import type { CatalogedPackage } from '@plimsoll/model';
import type { Cataloger, OwnedFiles } from './cataloger.ts';
import { evidencePath, toOsPackage } from './os-package.ts';

/** Alpine has some 60,000 packages. */
const MAX_PACKAGES = 100_000;

/**
 * Alpine's package database: stanzas of `X:value` lines, an empty line after each. Files follow their
 * folder: `F:usr/bin`, then `R:name` for each file.
 * @see https://wiki.alpinelinux.org/wiki/Apk_spec#Installed_Database_V2
 */
export const apk: Cataloger = {
  name: 'apk',
  // apk-tools 3 keeps it below usr/lib, and so does every distribution with a merged /usr.
  selects: { paths: ['lib/apk/db/installed', 'usr/lib/apk/db/installed'] },
  maxSize: 128 << 20,
  catalogue(file, context) {
    const text = file.content.all().toString('utf8');
    const packages: CatalogedPackage[] = [];
    const owns: OwnedFiles[] = [];
    let broken = 0;
    let name = '';
    let version = '';
    let arch = '';
    let origin = '';
    let license = '';
    let folder = '';
    let lines = 0;
    let paths: string[] = [];
    const finish = () => {
      if (lines === 0) return;
      if (name === '' || version === '') {
        broken++;
      } else {
        const source = { name: origin || name, version };
        const pkg = toOsPackage({ type: 'apk', name, version, arch, source, license }, context);
        if (pkg) packages.push(pkg);
        if (pkg && paths.length > 0) owns.push({ package: name, paths });
      }
      name = version = arch = origin = license = folder = '';
      lines = 0;
      paths = [];
    };
    for (let start = 0; start < text.length; ) {
      let end = text.indexOf('\n', start);
      if (end < 0) end = text.length;
      if (end === start) {
        finish();
        if (packages.length >= MAX_PACKAGES) {
          context.warn('too-many-packages', `it lists more than ${MAX_PACKAGES} packages; the rest is left out`);
          break;
        }
      } else {
        lines++;
        if (text.charCodeAt(start + 1) === 0x3a) {
          const from = start + 2;
          switch (text[start]) {
            case 'P':
              name = text.slice(from, end);
              break;
            case 'V':
              version = text.slice(from, end);
              break;
            case 'A':
              arch = text.slice(from, end);
              break;
            case 'o':
              origin = text.slice(from, end);
              break;
            case 'L':
              license = text.slice(from, end);
              break;
            case 'F':
              folder = end === from ? '' : `${text.slice(from, end)}/`;
              break;
            case 'R': {
              const path = evidencePath(folder, text.slice(from, end));
              if (path !== undefined) paths.push(path);
              break;
            }
          }
        }
      }
      start = end + 1;
    }
    finish();
    if (broken > 0) {
      context.warn(
        'apk-installed-corrupt',
        `${broken} of its entries have no package name or no version and are left out; rebuild the image`,
      );
    } else if (!text.endsWith('\n')) {
      context.warn('apk-installed-corrupt', 'it ends in the middle of a line, so its last packages may be missing; rebuild the image');
    }
    return { packages, owns };
  },
};
