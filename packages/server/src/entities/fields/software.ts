import type { Field } from '@plimsoll/query';
import { object, type JoinedObject } from './objects.ts';

/** Fields of a package of alias `p`. */
export const PACKAGE_FIELDS: Field[] = [
  { name: 'name', type: 'text', sql: 'p.name', groupable: true, description: 'Name of the package', example: 'name:log4j-core' },
  { name: 'version', type: 'version', sql: 'p.version', groupable: true, description: 'Version of the package', example: 'version<2.17.1' },
  { name: 'type', aliases: ['ecosystem'], type: 'keyword', sql: 'p.type', groupable: true, description: 'Type, as in its purl: deb, apk, rpm, npm, maven, golang…', example: 'type:npm' },
  { name: 'purl', type: 'keyword', sql: 'p.purl', description: 'Package URL', example: 'purl:pkg\\:npm/lodash@*' },
  { name: 'source', aliases: ['sourceName'], type: 'keyword', sql: 'p.source_name', groupable: true, description: 'Source package it was built from', example: 'source:openssl' },
];

/** Where its values can be looked up. */
export const SOFTWARE_CATALOGUE = {
  name: { from: 'packages p', counted: true },
  version: { from: 'packages p', counted: false },
  type: { from: 'packages p', counted: false },
  purl: { from: 'packages p', counted: false },
  source: { from: 'packages p', counted: true },
};

/** The packages of an SBOM. `joined`: what else `where` needs, on the way from `anchor` to `sbom`. */
export function softwareOf(sbom: string, { where = 'true', joined, anchor }: { where?: string; joined?: string; anchor?: string } = {}): JoinedObject {
  return object({
    name: 'software',
    aliases: ['package', 'softwares'],
    description: 'Installed packages; conditions in parentheses are about the same one',
    example: 'software:(name:log4j-core and version<2.17.1)',
    main: 'name',
    anchor: anchor ?? sbom,
    from: `${joined === undefined ? '' : `${joined} cross join `}sbom_packages sp`,
    joins: { p: 'left join packages p on p.id = sp.package_id' },
    on: `sp.sbom_id = ${anchor === undefined ? '@' : sbom} and ${where}`,
    catalogue: SOFTWARE_CATALOGUE,
    fields: [...PACKAGE_FIELDS, { name: 'layer', type: 'number', sql: 'sp.layer', description: 'Index of the layer that brought it', example: 'layer:0' }],
  });
}
