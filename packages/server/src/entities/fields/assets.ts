import { CONTAINER_STATES, SCAN_STATES } from '@plimsoll/model/api';
import type { Field, ScalarField } from '@plimsoll/query';
import sql from 'sql-template-tag';
import { AWAY_AFTER } from '../../ingest/away.ts';
import { object, type JoinedObject } from './objects.ts';
import { vulnerabilitiesOf } from './vulnerabilities.ts';

/** State of the host's sensor, `none` without one. */
export const sensorState = (host: string): string => `coalesce((
  select case when n.revoked_at is not null then 'revoked' when n.last_seen > now() - ${AWAY_AFTER.sql} then 'live' else 'away' end
  from sensors n where n.host_id = ${host} order by (n.revoked_at is null) desc, n.enrolled_at desc limit 1), 'none')`;

const KINDS_OF_SYSTEM = new Map([['linux', 'linux'], ['mac', 'mac'], ['macos', 'mac'], ['darwin', 'mac'], ['windows', 'windows']]);

/** What a host says of itself; `h` is its alias. */
export const hostFields = (h: string): ScalarField[] => [
  { name: 'name', aliases: ['hostname'], type: 'text', sql: `${h}.name`, groupable: true, description: 'Name of the host', example: 'name:web-1' },
  {
    name: 'operatingSystem',
    type: 'text',
    sql: `coalesce(${h}.os_name, ${h}.os)`,
    groupable: true,
    description: 'Operating system with its version; linux, mac and windows find all of the kind',
    example: 'operatingSystem:mac',
    shortcut: (test) => {
      const kind = test.kind === 'word' || test.kind === 'phrase' ? KINDS_OF_SYSTEM.get(test.text.toLowerCase()) : undefined;
      return kind === undefined ? undefined : sql([`(${h}.os = `, ` or lower(${h}.os_name) like `, ')'], kind, `${kind}%`);
    },
  },
  { name: 'os', type: 'keyword', sql: `${h}.os`, groupable: true, description: 'Kind of operating system: linux, mac, windows', example: 'os:linux' },
  { name: 'osVersion', type: 'version', sql: `${h}.os_version`, groupable: true, description: 'Version of the operating system', example: 'osVersion>=12' },
  { name: 'kernel', type: 'version', sql: `${h}.kernel`, groupable: true, description: 'Version of the kernel', example: 'kernel<6.1' },
  { name: 'architecture', aliases: ['arch'], type: 'keyword', sql: `${h}.architecture`, groupable: true, description: 'Processor architecture', example: 'architecture:arm64' },
  { name: 'cpus', aliases: ['cpu'], type: 'number', sql: `${h}.cpus`, description: 'Number of processors', example: 'cpus>=8' },
  { name: 'memory', type: 'number', sql: `${h}.memory`, description: 'Memory in bytes', example: 'memory>16GiB' },
  { name: 'address', aliases: ['addresses', 'ip', 'ipAddress'], type: 'address', sql: `${h}.addresses`, array: true, description: 'One of its addresses, or a network they are in', example: 'address:10.0.0.0/8' },
  { name: 'provider', aliases: ['cloudProvider', 'cloud'], type: 'keyword', sql: `${h}.provider`, groupable: true, description: 'Cloud provider: AWS, Azure, GCP', example: 'provider:(AWS or Azure or GCP)' },
  { name: 'account', aliases: ['accountId', 'subscription', 'project'], type: 'keyword', sql: `${h}.account`, groupable: true, description: 'Cloud account, subscription or project', example: 'account:123456789012' },
  { name: 'region', type: 'keyword', sql: `${h}.region`, groupable: true, description: 'Cloud region', example: 'region:eu-west-1' },
  { name: 'instance', aliases: ['instanceId'], type: 'keyword', sql: `${h}.instance`, description: 'Id of the cloud instance', example: 'instance:i-0abc*' },
  { name: 'instanceType', type: 'keyword', sql: `${h}.instance_type`, groupable: true, description: 'Type of the cloud instance', example: 'instanceType:m5.large' },
  { name: 'lastUser', aliases: ['lastLoggedOnUser'], type: 'keyword', sql: `${h}.last_user`, groupable: true, description: 'User who was last logged in', example: 'lastUser:alice' },
  { name: 'engine', type: 'keyword', sql: `${h}.engine`, groupable: true, description: 'Container engine: docker, containerd', example: 'engine:docker' },
  { name: 'engineVersion', aliases: ['dockerVersion'], type: 'version', sql: `${h}.engine_version`, groupable: true, description: 'Version of the container engine', example: 'engineVersion<27' },
  { name: 'isDockerHost', type: 'boolean', sql: `${h}.is_docker_host`, groupable: true, description: 'Runs a container engine', example: 'isDockerHost:true' },
  { name: 'cluster', type: 'keyword', sql: `${h}.cluster`, groupable: true, description: 'Kubernetes cluster', example: 'cluster:prod' },
  { name: 'node', type: 'keyword', sql: `${h}.node`, groupable: true, description: 'Name of the Kubernetes node', example: 'node:worker-*' },
  { name: 'tag', aliases: ['tags'], type: 'keyword', sql: `${h}.tags`, array: true, groupable: true, description: 'Tag of the host', example: 'tag:production' },
  { name: 'sensor', aliases: ['agent'], type: 'keyword', sql: sensorState(`${h}.id`), values: ['live', 'away', 'none', 'revoked'], groupable: true, description: 'State of its sensor', example: 'sensor:away' },
];

/** Hosts as parts of another row. `from` joins hosts of alias `nh`. */
export const hostOf = (anchor: string, from: string, on: string): JoinedObject =>
  object({ name: 'host', aliases: ['hosts'], description: 'Host it is on', example: 'host:(provider:AWS and tag:production)', main: 'name', anchor, from, on, fields: hostFields('nh') });

/** Where an image comes from. `image`: its number's expression. */
export const repoOf = (image: string): JoinedObject =>
  object({
    name: 'repo',
    aliases: ['repository', 'reference'],
    description: 'Registry, repository and tag that it is known by; conditions in parentheses are about the same one',
    example: 'repo:(registry:"docker.io" and tag:latest)',
    main: 'repository',
    anchor: image,
    from: 'image_references r',
    on: 'r.image_id = @',
    fields: [
      { name: 'registry', type: 'keyword', sql: 'r.registry', groupable: true, description: 'Host name of the registry', example: 'registry:"docker.io"' },
      { name: 'repository', aliases: ['name'], type: 'text', sql: 'r.repository', groupable: true, description: 'Repository', example: 'repository:library/nginx' },
      { name: 'tag', type: 'keyword', sql: 'r.tag', groupable: true, description: 'Tag in the repository', example: 'tag:latest' },
      { name: 'digest', type: 'keyword', sql: 'r.digest', description: 'Digest of the manifest in the repository', example: 'digest:sha256\\:4f53cda1*' },
    ],
  });

export const scanStateField = (expression: string): ScalarField => ({
  name: 'scanState',
  aliases: ['scan'],
  type: 'keyword',
  sql: expression,
  values: SCAN_STATES,
  groupable: true,
  description: 'Whether its content is known: scanned, incomplete, not-judged, analysing, not-scanned, failed',
  example: 'scanState:not-scanned',
});

export const imageFields = (i: string): ScalarField[] => [
  { name: 'id', aliases: ['imageId', 'sha'], type: 'keyword', sql: `${i}.image_id`, description: 'Image ID: digest of the image config', example: 'id:sha256\\:4f53cda1*' },
  { name: 'name', type: 'text', sql: `${i}.name`, groupable: true, description: 'Reference that it is shown by', example: 'name:nginx' },
  { name: 'label', aliases: ['labels'], type: 'label', sql: `${i}.labels`, groupable: true, description: 'Label of the image: a key, or "key=value"', example: 'label:"app=shop"' },
  { name: 'created', aliases: ['createdOn'], type: 'date', sql: `${i}.created`, description: 'When it was built', example: 'created>now-30d' },
  { name: 'size', type: 'number', sql: `${i}.size`, description: 'Size in bytes, uncompressed', example: 'size>1GB' },
  { name: 'architecture', aliases: ['arch'], type: 'keyword', sql: `${i}.architecture`, groupable: true, description: 'Processor architecture', example: 'architecture:arm64' },
  { name: 'operatingSystem', aliases: ['os'], type: 'text', sql: `${i}.os_name`, groupable: true, description: 'Distribution in it, with its version', example: 'operatingSystem:alpine' },
  { name: 'tag', aliases: ['tags'], type: 'keyword', sql: `${i}.tags`, array: true, groupable: true, description: 'Tag given here; the tag in a repository is repo.tag', example: 'tag:production' },
  scanStateField(`${i}.scan_state`),
];

/** Images as parts of another row. `from` joins images of alias `ni`. */
export const imagesOf = (name: 'image' | 'images', anchor: string, from: string, on: string, more: readonly Field[] = [repoOf('ni.id'), vulnerabilitiesOf('ni.sbom_id')]): JoinedObject =>
  object({ name, aliases: [name === 'image' ? 'images' : 'image'], description: 'Image; conditions in parentheses are about the same one', example: `${name}:(name:nginx and created<now-1y)`, main: 'name', anchor, from, on, fields: [...imageFields('ni'), ...more] });

export const containerFields = (c: string): ScalarField[] => [
  { name: 'name', aliases: ['containerName'], type: 'text', sql: `${c}.name`, groupable: true, description: 'Name of the container', example: 'name:shop' },
  { name: 'id', aliases: ['containerId'], type: 'keyword', sql: `${c}.container_id`, description: 'The engine’s container id', example: 'id:4f53cda1*' },
  { name: 'state', type: 'keyword', sql: `${c}.state`, values: CONTAINER_STATES, groupable: true, description: 'What it does', example: 'state:running' },
  { name: 'status', type: 'text', sql: `${c}.status`, groupable: true, description: 'What the engine says of it: exit code, health', example: 'status:unhealthy' },
  { name: 'image', aliases: ['imageName'], type: 'text', sql: `${c}.image_name`, groupable: true, description: 'Reference it was started with', example: 'image:nginx' },
  { name: 'created', aliases: ['createdOn'], type: 'date', sql: `${c}.created`, description: 'When it was made', example: 'created>now-30d' },
  { name: 'started', aliases: ['startedOn'], type: 'date', sql: `${c}.started`, description: 'When it was last started', example: 'started<now-90d' },
  { name: 'privileged', aliases: ['isPrivileged'], type: 'boolean', sql: `${c}.privileged`, groupable: true, description: 'Runs with all privileges of the host', example: 'privileged:true' },
  { name: 'user', type: 'keyword', sql: `${c}.user_name`, groupable: true, description: 'User it runs as', example: 'user:root' },
  { name: 'capability', aliases: ['capabilities'], type: 'keyword', sql: `${c}.capabilities`, array: true, groupable: true, description: 'Capability added with +, dropped with -', example: 'capability:"+SYS_ADMIN"' },
  { name: 'networkMode', aliases: ['network'], type: 'keyword', sql: `${c}.network_mode`, groupable: true, description: 'Network mode', example: 'networkMode:host' },
  { name: 'label', aliases: ['labels'], type: 'label', sql: `${c}.labels`, groupable: true, description: 'Label of the container: a key, or "key=value"', example: 'label:"app=shop"' },
  { name: 'pod', type: 'keyword', sql: `${c}.pod`, groupable: true, description: 'Kubernetes pod', example: 'pod:shop-*' },
  { name: 'namespace', type: 'keyword', sql: `${c}.namespace`, groupable: true, description: 'Kubernetes namespace', example: 'namespace:kube-system' },
  { name: 'tag', aliases: ['tags'], type: 'keyword', sql: `${c}.tags`, array: true, groupable: true, description: 'Tag of the container', example: 'tag:production' },
];

/** Containers as parts of another row. `from` joins containers of alias `nc`. */
export const containersOf = (anchor: string, from: string, on: string, more: readonly Field[] = []): JoinedObject =>
  object({ name: 'containers', aliases: ['container'], description: 'Container; conditions in parentheses are about the same one', example: 'containers:(state:running and privileged:true)', main: 'name', anchor, from, on, fields: [...containerFields('nc'), ...more] });
