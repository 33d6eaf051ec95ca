import type { EntityOf } from './entity.ts';
import { hostOf, imagesOf, repoOf } from './fields/assets.ts';
import { judged, severityValues } from './fields/counts.ts';
import { PACKAGE_FIELDS } from './fields/software.ts';
import { object } from './fields/objects.ts';
import { byCounters, FINDING_JOINS, vulnerabilitiesOf } from './fields/vulnerabilities.ts';
import { visibility } from './scope.ts';

const LIVE_PRESENT = 'exists (select from sbom_packages ps where ps.package_id = p.id and ps.sbom_id in (select sbom_id from present_sboms))';
const WORST = (level: number): string => `count(distinct x.vulnerability_id) filter (where x.severity = ${level})`;

/** Open findings by severity, each vulnerability once; null where nothing was looked at. */
const COUNTED = `(select case when bool_or(${judged('s')}) then (
        select jsonb_build_object('1', ${WORST(1)}, '2', ${WORST(2)}, '3', ${WORST(3)}, '4', ${WORST(4)}, '5', ${WORST(5)},
          'fixable', count(distinct x.vulnerability_id) filter (where x.fixed_version is not null),
          'kev', count(distinct x.vulnerability_id) filter (where v.kev_added is not null))
        from findings x join vulnerabilities v on v.id = x.vulnerability_id
        where x.package_id = p.id and x.fixed_at is null and x.sbom_id in (select sbom_id from present_sboms)) end
      from sbom_packages sp join sboms s on s.id = sp.sbom_id
      where sp.package_id = p.id and sp.sbom_id in (select sbom_id from present_sboms))`;
const KEPT = `case when pf.judged then jsonb_build_object('1', pf.s1, '2', pf.s2, '3', pf.s3, '4', pf.s4, '5', pf.s5, 'fixable', pf.fixable, 'kev', pf.kev) end`;

export const packages: EntityOf = ({ scoped, figures }) => {
  const see = visibility(scoped);
  const on = (p: string): string => `sp.package_id = ${p} and ni.gone_at is null and ${see.image('ni.id')}`;
  const present = figures ? '(pf.package_id is not null)' : LIVE_PRESENT;
  const images = figures ? 'coalesce(pf.images, 0)' : `(select count(*) from sbom_packages sp join images ni on ni.sbom_id = sp.sbom_id where ${on('p.id')})`;
  const hostsOn = (p: string): string => `sp.package_id = ${p} and nh.gone_at is null and ${see.host('nh.id')}`;
  const hosts = figures ? 'coalesce(pf.hosts, 0)' : `(select count(*) from sbom_packages sp join hosts nh on nh.sbom_id = sp.sbom_id where ${hostsOn('p.id')})`;
  return {
    name: 'packages',
    table: {
      entity: 'packages',
      freeText: ['name', 'source'],
      fields: [
        ...PACKAGE_FIELDS,
        { name: 'imageCount', type: 'number', sql: images, description: 'Number of images that have it', example: 'imageCount>10' },
        { name: 'hostCount', type: 'number', sql: hosts, description: 'Number of hosts that have it themselves', example: 'hostCount>0' },
        { name: 'gone', type: 'boolean', sql: `(not ${present})`, sortable: false, description: 'Is on no image or host any more. Rows that are gone are left out unless the query names this field', example: 'gone:true' },
        withinPackage(figures),
        imagesOf('images', 'p.id', 'sbom_packages sp join images ni on ni.sbom_id = sp.sbom_id', on('@'), [repoOf('ni.id')]),
        hostOf('p.id', 'sbom_packages sp join hosts nh on nh.sbom_id = sp.sbom_id', hostsOn('@')),
      ],
    },
    from: figures ? 'packages p left join package_figures pf on pf.package_id = p.id' : 'packages p',
    key: 'p.id',
    keyType: 'int',
    vast: true,
    id: 'p.id::text',
    present,
    visible: scoped ? `exists (select from sbom_packages ps where ps.package_id = p.id and ${see.sbom('ps.sbom_id')})` : 'true',
    columns: `p.id, p.name, p.version, p.type, p.purl, p.source_name as source, ${images} as images, ${hosts} as hosts,
      ${figures ? KEPT : COUNTED} as vulnerabilities`,
    sort: 'name',
    facets: [
      { name: 'type', title: 'Type', field: 'type', few: true },
      { name: 'severity', title: 'Severity', field: 'vulnerabilities.severity', ...(figures && { values: severityValues('pf'), few: true as const }) },
    ],
    since: "'-infinity'::timestamptz",
    until: 'null::timestamptz',
    find: { title: "p.name || ' ' || p.version", detail: 'p.type', fields: ['p.name'], path: (_, title) => `/packages?query=${encodeURIComponent(`name:\`${title.slice(0, title.lastIndexOf(' '))}\``)}` },
  };
};

/** The open findings that the package causes where it is. */
function withinPackage(figures: boolean) {
  const { name, aliases, description, fields, catalogue } = vulnerabilitiesOf('');
  return object({
    name,
    ...(aliases && { aliases }),
    description,
    example: 'vulnerabilities:(severity:5 and fixable:true)',
    main: 'id',
    from: 'findings f',
    joins: FINDING_JOINS,
    anchor: 'p.id',
    on: 'f.package_id = @ and f.fixed_at is null and f.sbom_id in (select sbom_id from present_sboms)',
    fields,
    catalogue,
    ...(figures && { instead: byCounters('pf') }),
  });
}
