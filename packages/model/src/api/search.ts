import { z } from 'zod';
import { count, severityCounts, time, uuid } from './common.ts';

/** What can be searched. Each has a table of fields, rows, facets, completion, export and figures. */
export const ENTITIES = ['hosts', 'images', 'containers', 'registries', 'packages', 'vulnerabilities', 'events'] as const;
export const entityName = z.enum(ENTITIES).meta({ id: 'EntityName' });
export type EntityName = z.infer<typeof entityName>;

/**
 * `not-scanned` waits; `analysing` has a sensor at it; `failed` says why in `reason`; `incomplete` could not be
 * read whole; `not-judged` was read, but no feed has advisories for any package in it.
 */
export const SCAN_STATES = ['scanned', 'incomplete', 'not-judged', 'analysing', 'not-scanned', 'failed'] as const;
export const scanState = z.enum(SCAN_STATES).meta({ id: 'ScanState' });
export type ScanState = z.infer<typeof scanState>;

const tag = z.string();
const tags = z.array(tag);

export const hostRow = z.object({
  id: uuid,
  name: z.string(),
  os: z.string().nullable().describe('Pretty name: Debian GNU/Linux 12 (bookworm)'),
  kernel: z.string().nullable(),
  architecture: z.string().nullable(),
  cpus: z.int().nullable(),
  memory: z.number().nullable().describe('Bytes.'),
  addresses: z.array(z.string()),
  provider: z.string().nullable().describe('AWS, Azure, GCP'),
  region: z.string().nullable(),
  engine: z.string().nullable().describe('docker, containerd'),
  engineVersion: z.string().nullable(),
  isDockerHost: z.boolean(),
  sensor: z.enum(['live', 'away', 'none', 'revoked']),
  sensorSeen: time.nullable(),
  containers: count,
  running: count,
  images: count,
  vulnerabilities: severityCounts.nullable().describe("The host's own."),
  scanState,
  tags,
  firstSeen: time,
  lastSeen: time,
}).meta({ id: 'HostRow' });
export type HostRow = z.infer<typeof hostRow>;

export const imageReference = z.object({
  registry: z.string(),
  repository: z.string(),
  tag: z.string().nullable(),
  digest: z.string().nullable(),
});
export type ImageReference = z.infer<typeof imageReference>;

export const imageRow = z.object({
  id: z.string().describe('Image ID: digest of the image config.'),
  name: z.string().describe('The reference to show: repository:tag, or the short image ID.'),
  references: z.array(imageReference),
  os: z.string().nullable(),
  architecture: z.string().nullable(),
  created: time.nullable(),
  size: z.number().nullable().describe('Bytes, uncompressed.'),
  packages: count.nullable(),
  containers: count.describe('Containers from it that exist.'),
  running: count,
  hosts: count.describe('Hosts that hold it.'),
  containerHosts: count.describe('Hosts on which containers from it exist.'),
  vulnerabilities: severityCounts.nullable(),
  scanState,
  reason: z.string().nullable().describe('Why it is not scanned, or what is missing.'),
  lastScanned: time.nullable(),
  tags,
  firstSeen: time,
  lastSeen: time,
}).meta({ id: 'ImageRow' });
export type ImageRow = z.infer<typeof imageRow>;

export const CONTAINER_STATES = ['running', 'paused', 'restarting', 'created', 'exited', 'dead', 'removing', 'unknown'] as const;

export const containerRow = z.object({
  id: z.string().describe('The engine’s container id.'),
  name: z.string(),
  state: z.enum(CONTAINER_STATES),
  status: z.string().nullable().describe('exit code, health: for people'),
  imageId: z.string().nullable(),
  image: z.string().describe('Reference the container was started with.'),
  hostId: uuid,
  host: z.string(),
  created: time.nullable(),
  started: time.nullable(),
  ports: z.array(z.string()).describe('0.0.0.0:8080->80/tcp'),
  user: z.string().nullable(),
  privileged: z.boolean(),
  restarts: count,
  namespace: z.string().nullable(),
  pod: z.string().nullable(),
  vulnerabilities: severityCounts.nullable(),
  scanState,
  tags,
  firstSeen: time,
  lastSeen: time,
}).meta({ id: 'ContainerRow' });
export type ContainerRow = z.infer<typeof containerRow>;

export const registryRow = z.object({
  id: z.string().describe('Host name, with port where there is one: docker.io'),
  name: z.string(),
  repositories: count,
  images: count,
  scanned: count,
  running: count.describe('Images with running containers.'),
  vulnerabilities: severityCounts.nullable(),
  firstSeen: time,
  lastSeen: time,
}).meta({ id: 'RegistryRow' });
export type RegistryRow = z.infer<typeof registryRow>;

export const packageRow = z.object({
  id: z.int(),
  name: z.string(),
  version: z.string(),
  type: z.string(),
  purl: z.string(),
  source: z.string().nullable(),
  images: count,
  hosts: count,
  vulnerabilities: severityCounts.nullable(),
}).meta({ id: 'PackageRow' });
export type PackageRow = z.infer<typeof packageRow>;

export const vulnerabilityRow = z.object({
  id: z.string().describe('CVE, or the advisory’s id where there is none.'),
  aliases: z.array(z.string()),
  severity: z.int().min(1).max(5).describe('The worst it has on anything here.'),
  cvss: z.number().nullable(),
  epss: z.number().nullable(),
  epssPercentile: z.number().nullable(),
  kev: z.string().nullable().describe('Day it was added to the catalogue of known exploited vulnerabilities.'),
  ransomware: z.boolean(),
  packages: z.array(z.string()).describe('Names of the affected packages, at most five.'),
  fixable: z.boolean().describe('A fixed version is known for one of the findings.'),
  images: count,
  containers: count.describe('Running containers from affected images.'),
  hosts: count.describe('Hosts that have it themselves.'),
  published: time.nullable(),
  firstSeen: time,
  lastSeen: time,
}).meta({ id: 'VulnerabilityRow' });
export type VulnerabilityRow = z.infer<typeof vulnerabilityRow>;

export const eventRow = z.object({
  id: z.string(),
  time,
  kind: z.string().describe('container-started, container-died, image-pulled, sensor-away…'),
  severity: z.int().min(1).max(5),
  message: z.string(),
  hostId: uuid.nullable(),
  host: z.string().nullable(),
  containerId: z.string().nullable(),
  container: z.string().nullable(),
  imageId: z.string().nullable(),
  image: z.string().nullable(),
  detail: z.record(z.string(), z.unknown()),
}).meta({ id: 'EventRow' });
export type EventRow = z.infer<typeof eventRow>;

/** The row of each entity. */
export const ROWS = {
  hosts: hostRow,
  images: imageRow,
  containers: containerRow,
  registries: registryRow,
  packages: packageRow,
  vulnerabilities: vulnerabilityRow,
  events: eventRow,
} as const satisfies Record<EntityName, z.ZodType>;
export interface RowOf {
  hosts: HostRow;
  images: ImageRow;
  containers: ContainerRow;
  registries: RegistryRow;
  packages: PackageRow;
  vulnerabilities: VulnerabilityRow;
  events: EventRow;
}

const queryText = z.string().max(4000).default('').describe('Query language; empty matches all.');

export const searchQuery = z.object({
  query: queryText,
  sort: z.string().max(100).exactOptional().describe('Field, with a leading - for descending.'),
  offset: z.coerce.number().int().min(0).max(10_000_000).default(0),
  limit: z.coerce.number().int().min(1).max(500).default(50),
});
export const facetsQuery = z.object({
  query: queryText,
  facets: z.string().max(1000).exactOptional().describe('Names, comma-separated; all when absent.'),
  limit: z.coerce.number().int().min(1).max(200).default(10).describe('Values per facet.'),
});
export const completeQuery = z.object({
  query: queryText,
  cursor: z.coerce.number().int().min(0).exactOptional().describe('Offset in UTF-16 units; the end when absent.'),
  limit: z.coerce.number().int().min(1).max(100).default(12),
});
export const exportQuery = z.object({
  query: queryText,
  sort: z.string().max(100).exactOptional(),
  format: z.enum(['csv', 'json']).default('csv'),
});
export const aggregateQuery = z.object({
  query: queryText,
  by: z.string().max(100).exactOptional().describe('Field to group by; one group when absent.'),
  over: z.coerce.number().int().min(1).max(730).exactOptional().describe('Days back: one point a day of what existed then.'),
  limit: z.coerce.number().int().min(1).max(100).default(10).describe('Groups; the rest is summed in `other`.'),
});

export const facet = z.object({
  name: z.string(),
  title: z.string(),
  field: z.string().describe('Field of the query language.'),
  values: z.array(z.object({
    value: z.string(),
    label: z.string(),
    count,
    query: z.string().describe('The term that selects it: state:running'),
    selected: z.boolean().describe('The query has this very term.'),
  })),
  more: z.boolean(),
}).meta({ id: 'Facet' });
export type Facet = z.infer<typeof facet>;
export const facetsResult = z.object({ facets: z.array(facet) });

export const suggestion = z.object({
  text: z.string().describe('Replaces the characters from..to of the query.'),
  label: z.string(),
  kind: z.enum(['field', 'value', 'operator', 'keyword']),
  count: count.nullable(),
  detail: z.string().nullable(),
}).meta({ id: 'Suggestion' });
export type Suggestion = z.infer<typeof suggestion>;
export const completeResult = z.object({ from: count, to: count, suggestions: z.array(suggestion) });
export type CompleteResult = z.infer<typeof completeResult>;

export const fieldInfo = z.object({
  name: z.string(),
  type: z.enum(['text', 'keyword', 'number', 'date', 'boolean', 'version', 'label', 'severity', 'object', 'address']),
  description: z.string(),
  example: z.string().nullable(),
  values: z.array(z.string()).nullable().describe('The values there can be, where they are few and fixed.'),
  sortable: z.boolean(),
  groupable: z.boolean(),
}).meta({ id: 'FieldInfo' });
export type FieldInfo = z.infer<typeof fieldInfo>;
export const fieldsResult = z.object({ fields: z.array(fieldInfo) });

export const aggregateResult = z.object({
  total: count,
  groups: z.array(z.object({ value: z.string().nullable(), label: z.string(), count, query: z.string() })),
  other: count,
  points: z.array(z.object({ day: z.string(), count, groups: z.record(z.string(), count) })),
});
export type AggregateResult = z.infer<typeof aggregateResult>;

export function pageOf<Row extends z.ZodType>(row: Row) {
  return z.object({ rows: z.array(row), total: count, sort: z.string().describe('The order that was used.') });
}
export interface PageOf<Row> {
  rows: Row[];
  total: number;
  sort: string;
}
