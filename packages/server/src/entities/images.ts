import type { EntityOf } from './entity.ts';
import { containersOf, hostOf, imageFields, repoOf } from './fields/assets.ts';
import { gone, SEVERITY_COUNTS, severityCounts, severityValues } from './fields/counts.ts';
import { object } from './fields/objects.ts';
import { softwareOf } from './fields/software.ts';
import { vulnerabilitiesOf } from './fields/vulnerabilities.ts';
import { visibility } from './scope.ts';

export const images: EntityOf = ({ scoped }) => {
  const see = visibility(scoped);
  const containers = (what: string, where = 'true'): string =>
    `(select count(${what}) from containers x where x.image_id = i.id and x.gone_at is null and ${see.container('x.id')} and ${where})`;
  const hostCount = `(select count(*) from image_hosts x where x.image_id = i.id and x.gone_at is null and ${see.host('x.host_id')})`;
  return {
    name: 'images',
    table: {
      entity: 'images',
      freeText: ['name', 'id', 'repo.repository', 'tag'],
      fields: [
        ...imageFields('i'),
        repoOf('i.id'),
        { name: 'containerCount', type: 'number', sql: containers('*'), description: 'Number of containers from it', example: 'containerCount:0' },
        { name: 'running', type: 'number', sql: containers('*', "x.state = 'running'"), description: 'Number of running containers from it', example: 'running>0' },
        { name: 'inUse', type: 'boolean', sql: `exists (select from containers x where x.image_id = i.id and x.gone_at is null and x.state = 'running' and ${see.container('x.id')})`, groupable: true, description: 'A container from it runs', example: 'inUse:true' },
        { name: 'hostCount', type: 'number', sql: hostCount, description: 'Number of hosts that hold it', example: 'hostCount>10' },
        { name: 'packages', aliases: ['packageCount'], type: 'number', sql: 's.packages', description: 'Number of packages in it', example: 'packages>500' },
        { name: 'secrets', type: 'number', sql: 's.secrets', description: 'Number of secrets found in it', example: 'secrets>0' },
        { name: 'posture', type: 'number', sql: 's.posture', description: 'Number of findings on how it is built', example: 'posture>0' },
        ...SEVERITY_COUNTS,
        { name: 'reason', type: 'text', sql: 'i.scan_reason', groupable: true, description: 'Why it is not scanned, or what is missing', example: 'reason:timeout' },
        { name: 'lastScanned', type: 'date', sql: 's.scanned_at', description: 'When its content was read', example: 'lastScanned:[now-7d .. now]' },
        { name: 'firstSeen', type: 'date', sql: 'i.first_seen', description: 'When it was first seen', example: 'firstSeen>now-7d' },
        { name: 'lastSeen', type: 'date', sql: 'i.last_seen', description: 'When it was last seen', example: 'lastSeen<now-1d' },
        gone('i.gone_at'),
        softwareOf('i.sbom_id'),
        vulnerabilitiesOf('i.sbom_id', { counters: 's' }),
        containersOf('i.id', 'containers nc', `nc.image_id = @ and nc.gone_at is null and ${see.container('nc.id')}`),
        hostOf('i.id', 'image_hosts nih join hosts nh on nh.id = nih.host_id', `nih.image_id = @ and nih.gone_at is null and ${see.host('nh.id')}`),
        object({
          name: 'layers',
          aliases: ['layer'],
          description: 'One of its layers',
          example: 'layers:(diffId:sha256\\:4f53cda1* and position:0)',
          main: 'diffId',
          anchor: 'i.id',
          from: 'image_layers l',
          on: 'l.image_id = @',
          fields: [
            { name: 'diffId', type: 'keyword', sql: 'l.diff_id', description: 'Digest of its uncompressed content', example: 'diffId:sha256\\:4f53cda1*' },
            { name: 'digest', type: 'keyword', sql: 'l.digest', description: 'Digest in the registry', example: 'digest:sha256\\:4f53cda1*' },
            { name: 'position', type: 'number', sql: 'l.position', description: 'Index from the base, from 0', example: 'position:0' },
          ],
        }),
      ],
    },
    from: 'images i left join sboms s on s.id = i.sbom_id',
    key: 'i.id',
    keyType: 'int',
    id: 'i.image_id',
    present: 'i.gone_at is null',
    visible: see.image('i.id'),
    columns: `i.image_id as id, i.name,
      coalesce((select jsonb_agg(jsonb_build_object('registry', x.registry, 'repository', x.repository, 'tag', x.tag, 'digest', x.digest) order by x.registry, x.repository, x.tag, x.digest)
        from image_references x where x.image_id = i.id), '[]') as "references",
      i.os_name as os, i.architecture, i.created, i.size, s.packages, ${containers('*')} as containers, ${containers('*', "x.state = 'running'")} as running,
      ${hostCount} as hosts, ${containers('distinct x.host_id')} as "containerHosts", ${severityCounts('s')} as vulnerabilities,
      i.scan_state as "scanState", i.scan_reason as reason, s.scanned_at as "lastScanned", i.tags, i.first_seen as "firstSeen", i.last_seen as "lastSeen"`,
    sort: '-created',
    facets: [
      { name: 'severity', title: 'Severity', field: 'vulnerabilities.severity', values: severityValues('s'), few: true },
      { name: 'registry', title: 'Registry', field: 'repo.registry' },
      { name: 'repository', title: 'Repository', field: 'repo.repository' },
      { name: 'os', title: 'Operating system', field: 'operatingSystem', few: true },
      { name: 'inUse', title: 'Running', field: 'inUse', few: true },
      { name: 'scanState', title: 'Scan', field: 'scanState', few: true },
      { name: 'tag', title: 'Tag', field: 'tag', few: true },
      { name: 'label', title: 'Label', field: 'label' },
      { name: 'host', title: 'Host', field: 'host.name' },
      { name: 'architecture', title: 'Architecture', field: 'architecture', few: true },
    ],
    since: 'i.first_seen',
    until: 'i.gone_at',
    find: { title: 'i.name', detail: "substr(i.image_id, 1, 19)", fields: ['i.name'], ids: ['i.image_id'], path: (id) => `/images/${encodeURIComponent(id)}` },
  };
};
