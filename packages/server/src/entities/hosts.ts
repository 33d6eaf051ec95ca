import type { EntityOf } from './entity.ts';
import { containersOf, hostFields, imagesOf, scanStateField, sensorState } from './fields/assets.ts';
import { gone, SEVERITY_COUNTS, severityCounts, severityValues } from './fields/counts.ts';
import { softwareOf } from './fields/software.ts';
import { vulnerabilitiesOf } from './fields/vulnerabilities.ts';
import { visibility } from './scope.ts';

export const hosts: EntityOf = ({ scoped }) => {
  const see = visibility(scoped);
  const containers = (where = 'true'): string => `(select count(*) from containers x where x.host_id = h.id and x.gone_at is null and ${where})`;
  // Images on a host that is seen are seen.
  const images = '(select count(*) from image_hosts x where x.host_id = h.id and x.gone_at is null)';
  return {
    name: 'hosts',
    table: {
      entity: 'hosts',
      freeText: ['name', 'operatingSystem', 'address', 'instance', 'tag'],
      fields: [
        ...hostFields('h'),
        { name: 'id', aliases: ['hostId'], type: 'keyword', sql: 'h.id::text', description: 'Id of the host here', example: 'id:7c9e6679-7425-40de-944b-e07fc1f90ae7' },
        { name: 'machineId', type: 'keyword', sql: 'h.machine_id', description: 'Id of the machine', example: 'machineId:b08dfa6083e7567a1921a715000001fb' },
        scanStateField('h.scan_state'),
        { name: 'containerCount', type: 'number', sql: containers(), description: 'Number of containers on it', example: 'containerCount>100' },
        { name: 'running', type: 'number', sql: containers("x.state = 'running'"), description: 'Number of running containers on it', example: 'running>0' },
        { name: 'imageCount', type: 'number', sql: images, description: 'Number of images on it', example: 'imageCount>50' },
        ...SEVERITY_COUNTS,
        { name: 'lastScanned', type: 'date', sql: 's.scanned_at', description: 'When its packages were last read', example: 'lastScanned:[now-7d .. now]' },
        { name: 'booted', aliases: ['lastBoot'], type: 'date', sql: 'h.booted_at', description: 'When it was started', example: 'booted<now-1y' },
        { name: 'firstSeen', type: 'date', sql: 'h.first_seen', description: 'When it was first seen', example: 'firstSeen>now-7d' },
        { name: 'lastSeen', type: 'date', sql: 'h.last_seen', description: 'When it was last seen', example: 'lastSeen<now-1d' },
        gone('h.gone_at'),
        softwareOf('h.sbom_id'),
        vulnerabilitiesOf('h.sbom_id', { counters: 's' }),
        containersOf('h.id', 'containers nc left join images nci on nci.id = nc.image_id', 'nc.host_id = @ and nc.gone_at is null', [vulnerabilitiesOf('nci.sbom_id')]),
        imagesOf('images', 'h.id', 'image_hosts nih join images ni on ni.id = nih.image_id', 'nih.host_id = @ and nih.gone_at is null'),
      ],
    },
    from: 'hosts h left join sboms s on s.id = h.sbom_id',
    key: 'h.id',
    keyType: 'uuid',
    id: 'h.id::text',
    present: 'h.gone_at is null',
    visible: see.host('h.id'),
    columns: `h.id, h.name, h.os_name as os, h.kernel, h.architecture, h.cpus, h.memory, h.addresses, h.provider, h.region, h.engine,
      h.engine_version as "engineVersion", h.is_docker_host as "isDockerHost", ${sensorState('h.id')} as sensor,
      (select max(n.last_seen) from sensors n where n.host_id = h.id) as "sensorSeen",
      ${containers()} as containers, ${containers("x.state = 'running'")} as running, ${images} as images,
      ${severityCounts('s')} as vulnerabilities, h.scan_state as "scanState", h.tags, h.first_seen as "firstSeen", h.last_seen as "lastSeen"`,
    sort: 'name',
    facets: [
      { name: 'sensor', title: 'Sensor', field: 'sensor', few: true },
      { name: 'os', title: 'Operating system', field: 'operatingSystem', few: true },
      { name: 'provider', title: 'Cloud provider', field: 'provider', few: true },
      { name: 'region', title: 'Region', field: 'region' },
      { name: 'engine', title: 'Engine', field: 'engine', few: true },
      { name: 'tag', title: 'Tag', field: 'tag', few: true },
      { name: 'severity', title: 'Own vulnerabilities', field: 'vulnerabilities.severity', values: severityValues('s'), few: true },
      { name: 'scanState', title: 'Scan', field: 'scanState', few: true },
      { name: 'architecture', title: 'Architecture', field: 'architecture', few: true },
      { name: 'cluster', title: 'Cluster', field: 'cluster' },
    ],
    since: 'h.first_seen',
    until: 'h.gone_at',
    find: { title: 'h.name', detail: "concat_ws(', ', h.os_name, h.provider, h.region)", fields: ['h.name', "array_to_string(h.addresses, ' ')"], path: (id) => `/hosts/${id}` },
  };
};
