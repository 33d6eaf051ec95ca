import { z } from 'zod';
import { count, time, uuid } from './common.ts';
import { CONTAINER_STATES } from './search.ts';

/**
 * What a sensor and the server say to each other.
 *
 * A sensor numbers its messages from 1 within an epoch, which is a random name made with its spool.
 * The server answers after commit with the highest number it has; the sensor then forgets up to there.
 * A message at or below that number was taken before and is skipped: nothing is lost, nothing doubled.
 */

const text = (limit: number) => z.string().max(limit);
const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const labels = z.record(text(512), text(8192)).describe('At most 500.');

export const enrol = z.object({
  token: text(200),
  /** Stable for the machine: /etc/machine-id, or what stands for it. */
  machineId: z.string().min(8).max(128),
  name: z.string().min(1).max(253),
  version: text(50),
});
export const enrolled = z.object({ sensorId: uuid, hostId: uuid, credential: z.string(), renewAfter: time });
export type Enrolled = z.infer<typeof enrolled>;
export const renewed = z.object({ credential: z.string(), renewAfter: time });

export const hostFacts = z.object({
  name: text(253),
  machineId: text(128),
  os: text(100).nullable().describe('linux, mac, windows'),
  osName: text(200).nullable().describe('Debian GNU/Linux 12 (bookworm)'),
  osVersion: text(100).nullable(),
  kernel: text(200).nullable(),
  architecture: text(50).nullable(),
  cpus: z.int().min(0).nullable(),
  memory: z.number().min(0).nullable(),
  addresses: z.array(text(64)).max(256),
  provider: z.enum(['AWS', 'Azure', 'GCP']).nullable(),
  account: text(200).nullable(),
  region: text(100).nullable(),
  instance: text(200).nullable(),
  instanceType: text(100).nullable(),
  lastUser: text(100).nullable(),
  bootedAt: time.nullable(),
  engine: z.enum(['docker', 'containerd']).nullable(),
  engineVersion: text(100).nullable(),
  isDockerHost: z.boolean(),
  cluster: text(253).nullable(),
  node: text(253).nullable(),
  tags: z.array(text(60)).max(50).describe('Given to the sensor by --tag.'),
  note: text(500).nullable(),
});
export type HostFacts = z.infer<typeof hostFacts>;

export const imageFacts = z.object({
  imageId: digest,
  references: z.array(text(512)).max(200).describe('Tags: docker.io/library/nginx:1.27 as the engine has them.'),
  digests: z.array(text(512)).max(200).describe('repository@sha256:…'),
  created: time.nullable(),
  size: z.number().min(0).nullable(),
  labels,
});
export type ImageFacts = z.infer<typeof imageFacts>;

export const containerFacts = z.object({
  containerId: z.string().regex(/^[0-9a-f]{12,64}$/),
  name: text(512),
  imageId: digest.nullable(),
  image: text(512),
  state: z.enum(CONTAINER_STATES),
  status: text(200).nullable(),
  created: time.nullable(),
  started: time.nullable(),
  finished: time.nullable(),
  exitCode: z.int().nullable(),
  pid: z.int().nullable(),
  restarts: count,
  ports: z.array(text(100)).max(1000),
  mounts: z.array(z.object({ source: text(4096), destination: text(4096), mode: text(50) })).max(1000),
  user: text(256).nullable(),
  privileged: z.boolean(),
  capabilities: z.array(text(50)).max(100),
  networkMode: text(200).nullable(),
  command: z.array(text(4096)).max(500),
  labels,
  pod: text(253).nullable(),
  namespace: text(253).nullable(),
  node: text(253).nullable(),
});
export type ContainerFacts = z.infer<typeof containerFacts>;

export const activity = z.object({
  time,
  kind: z.string().regex(/^[a-z][a-z-]{1,60}$/).describe('container-started, container-died, container-oom, image-pulled…'),
  severity: z.int().min(1).max(5),
  message: text(1000),
  containerId: text(64).nullable(),
  imageId: text(100).nullable(),
  detail: z.record(text(100), z.unknown()),
});
export type Activity = z.infer<typeof activity>;

/**
 * An SBOM as it travels: base64 of the gzipped JSON of the model's `Sbom`.
 * At most 64 MiB when unpacked; the server reads it with that bound and checks its shape.
 */
const packedSbom = z.string().max(48 * 1024 * 1024);

export const messageBody = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('host'), host: hostFacts }),
  z.object({ kind: z.literal('host-sbom'), sbom: packedSbom }),
  /** All images of the host: what is not named is gone from it. */
  z.object({ kind: z.literal('images'), images: z.array(imageFacts).max(20_000) }),
  z.object({ kind: z.literal('image'), image: imageFacts }),
  z.object({ kind: z.literal('image-gone'), imageId: digest }),
  /** All containers of the host: what is not named is gone from it. */
  z.object({ kind: z.literal('containers'), containers: z.array(containerFacts).max(20_000) }),
  z.object({ kind: z.literal('container'), container: containerFacts }),
  z.object({ kind: z.literal('container-gone'), containerId: text(64) }),
  z.object({ kind: z.literal('sbom'), imageId: digest, sbom: packedSbom }),
  z.object({ kind: z.literal('scan-failed'), imageId: digest, code: text(100), reason: text(1000) }),
  z.object({ kind: z.literal('activity'), events: z.array(activity).max(1000) }),
  /** The spool was full, or the engine's stream broke: this many events were never seen. */
  z.object({ kind: z.literal('gap'), from: time, to: time, dropped: count, reason: text(300) }),
]);
export type MessageBody = z.infer<typeof messageBody>;

export const message = z.object({ seq: z.int().min(1), time, body: messageBody });
export type Message = z.infer<typeof message>;

/**
 * A message of a kind that the server does not know, or of a shape that it refuses, is taken note of and counted as
 * taken: it must not hold up all that come after it.
 */
const anyMessage = message.extend({ body: z.union([messageBody, z.looseObject({ kind: z.string() })]) });
export const report = z.object({ epoch: z.string().min(8).max(64), messages: z.array(anyMessage).max(500) });
export const reported = z.object({ acked: count.describe('Highest number the server has of this epoch.') });

export const heartbeat = z.object({
  version: text(50),
  spooled: count.describe('Messages waiting in the spool.'),
  dropped: count,
  analysing: digest.nullable(),
  features: z.array(text(50)).max(50),
});

/** Work for a sensor. An image is leased to one sensor at a time, until `until`. */
export const work = z.object({
  analyse: z.array(z.object({ imageId: digest, until: time })),
  scanHost: z.boolean(),
  snapshot: z.boolean().describe('Send host, images and containers anew.'),
  renew: z.boolean().describe('Ask for a new credential now.'),
});
export type Work = z.infer<typeof work>;
export const workQuery = z.object({ wait: z.coerce.number().int().min(0).max(30).default(0).describe('Seconds to wait for work.') });

export const sensorView = z.object({
  id: uuid, hostId: uuid, host: z.string(), version: z.string().nullable(),
  state: z.enum(['live', 'away', 'revoked']),
  enrolled: time, lastSeen: time.nullable(), credentialIssued: time,
  spooled: count, dropped: count, awayMinutes: count.describe('Last 7 days.'),
  analysing: z.string().nullable(), features: z.array(z.string()),
}).meta({ id: 'Sensor' });
export type SensorView = z.infer<typeof sensorView>;

export const enrolmentToken = z.object({
  id: uuid, note: z.string(), created: time, expires: time, createdBy: z.string(), used: time.nullable(), host: z.string().nullable(), uses: count, maxUses: count,
}).meta({ id: 'EnrolmentToken' });
export type EnrolmentToken = z.infer<typeof enrolmentToken>;
export const enrolmentTokenCreate = z.object({
  note: z.string().max(200).default(''),
  hours: z.int().min(1).max(720).default(24),
  maxUses: z.int().min(1).max(1000).default(1).describe('One by default; more for a fleet rolled out at once.'),
});
export const enrolmentTokenCreated = z.object({ token: enrolmentToken, secret: z.string(), commands: z.array(z.object({ title: z.string(), command: z.string() })) });
