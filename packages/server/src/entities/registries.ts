import type { EntityOf } from './entity.ts';
import { hostOf, imagesOf } from './fields/assets.ts';
import { gone, judged } from './fields/counts.ts';
import { softwareOf } from './fields/software.ts';
import { vulnerabilitiesOf } from './fields/vulnerabilities.ts';
import { visibility } from './scope.ts';

/** One row for each registry that a visible image comes from. */
export const registries: EntityOf = ({ scoped }) => {
  const see = visibility(scoped);
  const ofIt = `r.registry = g.name and i.gone_at is null and ${see.image('i.id')}`;
  const images = `(select count(distinct i.id) from image_references r join images i on i.id = r.image_id where ${ofIt})`;
  const repositories = `(select count(distinct r.repository) from image_references r join images i on i.id = r.image_id where ${ofIt})`;
  const total = (column: string): string => `coalesce(sum(${column}), 0)::int`;
  const nested = `r.registry = @ and ni.gone_at is null and ${see.image('ni.id')}`;
  const joined = 'image_references r join images ni on ni.id = r.image_id';
  return {
    name: 'registries',
    table: {
      entity: 'registries',
      freeText: ['name'],
      fields: [
        { name: 'name', aliases: ['id', 'registry'], type: 'keyword', sql: 'g.name', groupable: true, description: 'Host name, with port where there is one', example: 'name:"docker.io"' },
        { name: 'imageCount', type: 'number', sql: images, description: 'Number of images from it', example: 'imageCount>10' },
        { name: 'repositories', type: 'number', sql: repositories, description: 'Number of repositories that images come from', example: 'repositories>5' },
        { name: 'firstSeen', type: 'date', sql: 'g.first_seen', description: 'When an image from it was first seen', example: 'firstSeen>now-7d' },
        { name: 'lastSeen', type: 'date', sql: 'g.last_seen', description: 'When an image from it was last seen', example: 'lastSeen<now-30d' },
        gone('g.gone_at'),
        imagesOf('images', 'g.name', joined, nested, []),
        softwareOf('ni.sbom_id', { where: nested, joined, anchor: 'g.name' }),
        vulnerabilitiesOf('ni.sbom_id', { where: nested, joined, anchor: 'g.name' }),
        hostOf('g.name', 'image_references r join image_hosts nih on nih.image_id = r.image_id join hosts nh on nh.id = nih.host_id', `r.registry = @ and nih.gone_at is null and ${see.host('nh.id')}`),
      ],
    },
    from: `(select r.registry as name, min(i.first_seen) as first_seen, max(i.last_seen) as last_seen,
        case when bool_or(i.gone_at is null) then null else max(i.gone_at) end as gone_at
      from image_references r join images i on i.id = r.image_id where ${see.image('i.id')} group by r.registry) g`,
    key: 'g.name',
    keyType: 'text',
    id: 'g.name',
    present: 'g.gone_at is null',
    visible: 'true',
    columns: `g.name as id, g.name, ${repositories} as repositories, g.first_seen as "firstSeen", g.last_seen as "lastSeen",
      (select jsonb_build_object('images', count(*), 'scanned', count(s.id),
        'running', count(*) filter (where exists (select from containers x where x.image_id = i.id and x.gone_at is null and x.state = 'running' and ${see.container('x.id')})),
        'vulnerabilities', case when bool_or(${judged('s')}) then jsonb_build_object('1', ${total('s.s1')}, '2', ${total('s.s2')}, '3', ${total('s.s3')},
          '4', ${total('s.s4')}, '5', ${total('s.s5')}, 'fixable', ${total('s.fixable')}, 'kev', ${total('s.kev')}) end)
        from images i left join sboms s on s.id = i.sbom_id
        where i.gone_at is null and ${see.image('i.id')} and i.id in (select r.image_id from image_references r where r.registry = g.name)) as spread`,
    sort: 'name',
    facets: [{ name: 'host', title: 'Host', field: 'host.name' }],
    since: 'g.first_seen',
    until: 'g.gone_at',
  };
};
