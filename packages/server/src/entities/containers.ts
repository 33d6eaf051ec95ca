import type { EntityOf } from './entity.ts';
import { containerFields, hostOf, repoOf, scanStateField } from './fields/assets.ts';
import { gone, SEVERITY_COUNTS, severityCounts, severityValues } from './fields/counts.ts';
import { object } from './fields/objects.ts';
import { softwareOf } from './fields/software.ts';
import { vulnerabilitiesOf } from './fields/vulnerabilities.ts';
import { visibility } from './scope.ts';

const SEVERITY_THROUGH = { anchor: 'c.image_id', from: 'images fi join sboms fs on fs.id = fi.sbom_id', on: 'fi.id = @', value: `unnest(${severityValues('fs')})` };
const SCAN_STATE = "coalesce(i.scan_state, 'not-scanned')";

export const containers: EntityOf = ({ scoped }) => {
  const see = visibility(scoped);
  return {
    name: 'containers',
    table: {
      entity: 'containers',
      freeText: ['name', 'image', 'id', 'pod'],
      fields: [
        ...containerFields('c'),
        { name: 'imageId', type: 'keyword', sql: 'i.image_id', description: 'Image ID of its image', example: 'imageId:sha256\\:4f53cda1*' },
        repoOf('c.image_id'),
        // Who sees a container by its own tag is told its host's name, and nothing else of a host that he does not see.
        hostOf('c.host_id', 'hosts nh', `nh.id = @ and ${see.host('nh.id')}`),
        { name: 'restarts', aliases: ['restartCount'], type: 'number', sql: 'c.restarts', description: 'How often the engine started it again', example: 'restarts>5' },
        { name: 'exitCode', type: 'number', sql: 'c.exit_code', groupable: true, description: 'Code it ended with', example: 'exitCode:137' },
        { name: 'finished', type: 'date', sql: 'c.finished', description: 'When it last ended', example: 'finished>now-1h' },
        { name: 'port', aliases: ['ports'], type: 'keyword', sql: '(array(select jsonb_array_elements_text(c.ports)))', array: true, description: 'Port, as 0.0.0.0:8080->80/tcp', example: 'port:*80/tcp' },
        object({
          name: 'mount',
          aliases: ['mounts', 'volume'],
          description: 'Folder or volume mounted into it',
          example: 'mount:(source:/var/run/docker.sock and mode:rw)',
          main: 'source',
          anchor: 'c.mounts',
          from: "jsonb_to_recordset(@) as mo (source text, destination text, mode text)",
          on: 'true',
          fields: [
            { name: 'source', type: 'keyword', sql: 'mo.source', groupable: true, description: 'Where it comes from', example: 'source:/var/run/docker.sock' },
            { name: 'destination', type: 'keyword', sql: 'mo.destination', groupable: true, description: 'Where it is in the container', example: 'destination:/data' },
            { name: 'mode', type: 'keyword', sql: 'mo.mode', groupable: true, description: 'How it is mounted', example: 'mode:rw' },
          ],
        }),
        { name: 'command', type: 'text', sql: "array_to_string(c.command, ' ')", description: 'What it was started with', example: 'command:"java -jar"' },
        { name: 'node', type: 'keyword', sql: 'c.node', groupable: true, description: 'Kubernetes node', example: 'node:worker-1' },
        { name: 'operatingSystem', aliases: ['os'], type: 'text', sql: 'i.os_name', groupable: true, description: 'Distribution in its image, with its version', example: 'operatingSystem:alpine' },
        scanStateField(SCAN_STATE),
        ...SEVERITY_COUNTS,
        { name: 'lastScanned', type: 'date', sql: 's.scanned_at', description: 'When its image’s content was read', example: 'lastScanned:[now-7d .. now]' },
        { name: 'firstSeen', type: 'date', sql: 'c.first_seen', description: 'When it was first seen', example: 'firstSeen>now-7d' },
        { name: 'lastSeen', type: 'date', sql: 'c.last_seen', description: 'When it was last seen', example: 'lastSeen<now-1d' },
        gone('c.gone_at'),
        softwareOf('i.sbom_id'),
        vulnerabilitiesOf('i.sbom_id', { counters: 's' }),
      ],
    },
    from: 'containers c left join images i on i.id = c.image_id left join sboms s on s.id = i.sbom_id left join hosts h on h.id = c.host_id',
    key: 'c.id',
    keyType: 'int',
    id: 'c.container_id',
    present: 'c.gone_at is null',
    visible: see.container('c.id'),
    columns: `c.container_id as id, c.name, c.state, c.status, i.image_id as "imageId", c.image_name as image, c.host_id as "hostId", h.name as host,
      c.created, c.started, c.ports, c.user_name as "user", c.privileged, c.restarts, c.namespace, c.pod, ${severityCounts('s')} as vulnerabilities,
      ${SCAN_STATE} as "scanState", c.tags, c.first_seen as "firstSeen", c.last_seen as "lastSeen"`,
    sort: '-created',
    facets: [
      { name: 'state', title: 'State', field: 'state', few: true },
      { name: 'severity', title: 'Severity', field: 'vulnerabilities.severity', through: SEVERITY_THROUGH },
      { name: 'host', title: 'Host', field: 'host.name', through: { anchor: 'c.host_id', from: 'hosts fh', on: `fh.id = @ and ${see.host('fh.id')}`, value: 'fh.name' } },
      { name: 'image', title: 'Image', field: 'image' },
      { name: 'registry', title: 'Registry', field: 'repo.registry' },
      { name: 'label', title: 'Label', field: 'label' },
      { name: 'tag', title: 'Tag', field: 'tag', few: true },
      { name: 'namespace', title: 'Namespace', field: 'namespace', few: true },
      { name: 'privileged', title: 'Privileged', field: 'privileged', few: true },
      { name: 'scanState', title: 'Scan', field: 'scanState', few: true },
    ],
    since: 'c.first_seen',
    until: 'c.gone_at',
    find: { title: 'c.name', detail: "concat_ws(', ', c.image_name, c.state)", fields: ['c.name'], ids: ['c.container_id'], path: (id) => `/containers/${encodeURIComponent(id)}` },
  };
};
