import type { CatalogedPackage } from '@plimsoll/model';
import type { Cataloger } from './cataloger.ts';
import { isRecord, parseJson, toPackage } from './names.ts';

/**
 * PHP packages from `vendor/composer/installed.json`: a list in Composer 1, `{packages: […]}` in Composer 2.
 * What Composer marks as development packages is listed as well: the file tells what is installed.
 */
export const composer: Cataloger = {
  name: 'composer',
  selects: { basenames: ['installed.json'] },
  // The vendor folder may have another name; the folder `composer` in it may not.
  accepts: (path) => path.endsWith('/composer/installed.json') || path === 'composer/installed.json',
  maxSize: 32 << 20,
  catalogue(file, context) {
    const document = parseJson(file.content.all());
    const listed = isRecord(document) ? document['packages'] : document;
    if (!Array.isArray(listed)) {
      context.warn('composer-installed-unreadable', 'installed.json is not a list of packages, nor has it one; its packages are left out');
      return undefined;
    }
    const packages: CatalogedPackage[] = [];
    for (const one of listed as unknown[]) {
      if (!isRecord(one) || typeof one['name'] !== 'string' || typeof one['version'] !== 'string') continue;
      const slash = one['name'].indexOf('/');
      const license = one['license'];
      const found = toPackage(
        {
          type: 'composer',
          name: one['name'],
          // Tags are often "v5.4.1"; Composer and its advisories compare 5.4.1. Branches ("dev-main") stay.
          version: one['version'].replace(/^v(?=\d)/i, ''),
          ...(slash > 0 && { purlNamespace: one['name'].slice(0, slash), purlName: one['name'].slice(slash + 1) }),
          licenses: (Array.isArray(license) ? license : [license]).filter((word) => typeof word === 'string'),
        },
        context,
      );
      if (found) packages.push(found);
    }
    return { packages };
  },
};
