import type { EntityOf } from './entity.ts';
import { containersOf, hostOf, imagesOf, repoOf } from './fields/assets.ts';
import { object } from './fields/objects.ts';
import { PACKAGE_FIELDS, SOFTWARE_CATALOGUE } from './fields/software.ts';
import { vulnerabilityFields } from './fields/vulnerabilities.ts';
import { visibility } from './scope.ts';

/** An open finding on something that exists, and that the caller sees. */
const OPEN = 'of.vulnerability_id = v.id and of.fixed_at is null and of.sbom_id in (select sbom_id from present_sboms)';
const LIVE_PRESENT = `exists (select from findings of where ${OPEN})`;

export const vulnerabilities: EntityOf = ({ scoped, figures }) => {
  const see = visibility(scoped);
  const finding = (v: string): string => `f.vulnerability_id = ${v} and f.fixed_at is null`;
  const imageOn = (v: string): string => `${finding(v)} and ni.gone_at is null and ${see.image('ni.id')}`;
  const hostOn = (v: string): string => `${finding(v)} and nh.gone_at is null and ${see.host('nh.id')}`;
  const present = figures ? '(vf.vulnerability_id is not null)' : LIVE_PRESENT;
  const fixable = figures ? 'coalesce(vf.fixable, false)' : `exists (select from findings of where ${OPEN} and of.fixed_version is not null)`;
  const images = figures ? 'coalesce(vf.images, 0)' : `(select count(distinct ni.id) from findings f join images ni on ni.sbom_id = f.sbom_id where ${imageOn('v.id')})`;
  const hosts = figures ? 'coalesce(vf.hosts, 0)' : `(select count(distinct nh.id) from findings f join hosts nh on nh.sbom_id = f.sbom_id where ${hostOn('v.id')})`;
  const containers = `(select count(*) from containers x where x.gone_at is null and x.state = 'running' and ${see.container('x.id')}
    and x.image_id in (select ni.id from findings f join images ni on ni.sbom_id = f.sbom_id where ${finding('v.id')}))`;
  const packages = figures ? "coalesce(vf.packages, '{}')" : `array(select distinct p.name from findings f join packages p on p.id = f.package_id
        where ${finding('v.id')} and f.sbom_id in (select sbom_id from present_sboms) order by 1 limit 5)`;
  return {
    name: 'vulnerabilities',
    table: {
      entity: 'vulnerabilities',
      freeText: ['id', 'alias', 'package.name'],
      fields: [
        ...vulnerabilityFields('v.id'),
        { name: 'severity', aliases: ['level'], type: 'severity', sql: 'v.severity', groupable: true, description: 'The worst it has on anything here, from 1, minimal, to 5, urgent', example: 'severity:5' },
        { name: 'fixable', aliases: ['hasFix'], type: 'boolean', sql: fixable, groupable: true, description: 'A fixed version is known for one of the findings', example: 'fixable:true' },
        { name: 'firstSeen', type: 'date', sql: 'v.first_seen', description: 'When it was first found here', example: 'firstSeen>now-7d' },
        { name: 'imageCount', type: 'number', sql: images, description: 'Number of images that have it', example: 'imageCount>10' },
        { name: 'hostCount', type: 'number', sql: hosts, description: 'Number of hosts that have it themselves', example: 'hostCount>0' },
        { name: 'running', type: 'number', sql: containers, description: 'Number of running containers from images that have it', example: 'running>0' },
        { name: 'gone', type: 'boolean', sql: `(not ${present})`, sortable: false, description: 'Nothing here has it any more. Rows that are gone are left out unless the query names this field', example: 'gone:true' },
        object({
          name: 'package',
          aliases: ['software', 'packages'],
          description: 'Package that has it',
          example: 'package:(name:openssl and type:deb)',
          main: 'name',
          anchor: 'v.id',
          from: 'findings f join packages p on p.id = f.package_id',
          // What has a package is found by all its findings: too many to count while somebody types.
          catalogue: Object.fromEntries(Object.entries(SOFTWARE_CATALOGUE).map(([name, { from }]) => [name, { from, counted: false }])),
          on: `${finding('@')} and f.sbom_id in (select sbom_id from present_sboms)`,
          fields: [...PACKAGE_FIELDS, { name: 'fixedVersion', type: 'version', sql: 'f.fixed_version', description: 'Lowest version without it', example: 'fixedVersion:*' }],
        }),
        imagesOf('image', 'v.id', 'findings f join images ni on ni.sbom_id = f.sbom_id', imageOn('@'), [repoOf('ni.id')]),
        hostOf('v.id', 'findings f join hosts nh on nh.sbom_id = f.sbom_id', hostOn('@')),
        containersOf('v.id', 'findings f join images ni on ni.sbom_id = f.sbom_id join containers nc on nc.image_id = ni.id', `${finding('@')} and nc.gone_at is null and ${see.container('nc.id')}`),
      ],
    },
    from: figures ? 'vulnerabilities v left join vulnerability_figures vf on vf.vulnerability_id = v.id' : 'vulnerabilities v',
    key: 'v.id',
    keyType: 'int',
    id: 'v.name',
    present,
    visible: scoped ? `exists (select from findings sf where sf.vulnerability_id = v.id and ${see.sbom('sf.sbom_id')})` : 'true',
    columns: `v.name as id, v.aliases, v.severity, v.cvss, v.epss, v.epss_percentile as "epssPercentile", v.kev_added::text as kev, v.ransomware,
      ${packages} as packages,
      ${fixable} as fixable,
      ${images} as images, ${containers} as containers, ${hosts} as hosts, v.published, v.first_seen as "firstSeen",
      case when ${present} then now() else coalesce((select max(f.fixed_at) from findings f where f.vulnerability_id = v.id and ${see.sbom('f.sbom_id')}), v.first_seen) end as "lastSeen"`,
    sort: '-severity',
    facets: [
      { name: 'severity', title: 'Severity', field: 'severity', few: true },
      { name: 'fixable', title: 'Fix known', field: 'fixable', few: true },
      { name: 'kev', title: 'Known exploited', field: 'kev', few: true },
      { name: 'ransomware', title: 'Used by ransomware', field: 'ransomware', few: true },
      { name: 'cwe', title: 'Weakness', field: 'cwe' },
    ],
    since: 'v.first_seen',
    until: `case when not ${present} then (select max(f.fixed_at) from findings f where f.vulnerability_id = v.id and ${see.sbom('f.sbom_id')}) end`,
    find: { title: 'v.name', detail: "concat_ws(', ', 'severity ' || v.severity, nullif(array_to_string(v.aliases[1:3], ', '), ''))", fields: ['v.name', "array_to_string(v.aliases, ' ')"], path: (id) => `/vulnerabilities/${encodeURIComponent(id)}` },
  };
};
