/** A sensor that reports what a test made up, by the protocol and no otherwise. */
import { createHash, randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { Sbom } from '@plimsoll/model';
import type { ContainerFacts, Enrolled, HostFacts, Message, MessageBody } from '@plimsoll/model/api';
import type { Client } from './server.ts';

export interface MadeSensor extends Enrolled {
  /** Puts a message into its spool. */
  say(body: MessageBody): void;
  /** Sends what is spooled, at most `batch` messages at once, until all is taken; a server that is away is asked again. */
  flush(options?: { batch?: number; onSent?: () => void }): Promise<void>;
}

/** Enrols with a token that `admin` makes. */
export async function enrolMadeSensor(url: () => string, admin: Client, name: string): Promise<MadeSensor> {
  const { secret } = await admin.send<{ secret: string }>('POST', '/api/v1/enrolment-tokens', { note: name });
  return enrolWithToken(url, secret, name);
}

export async function enrolWithToken(url: () => string, token: string, name: string): Promise<MadeSensor> {
  const answer = await fetch(`${url()}/api/v1/sensor/enrol`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token, machineId: createHash('sha256').update(name).digest('hex').slice(0, 32), name, version: '0.0.0' }),
  });
  if (!answer.ok) throw new Error(`enrolling answered ${answer.status}: ${await answer.text()}`);
  const enrolled = (await answer.json()) as Enrolled;
  const epoch = randomUUID();
  let spool: Message[] = [];
  let last = 0;
  const report = (messages: Message[]) =>
    fetch(`${url()}/api/v1/sensor/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${enrolled.credential}` },
      body: JSON.stringify({ epoch, messages }),
      signal: AbortSignal.timeout(20_000),
    });
  return {
    ...enrolled,
    say: (body) => spool.push({ seq: ++last, time: new Date().toISOString(), body }),
    async flush({ batch = 20, onSent } = {}) {
      const end = Date.now() + 120_000;
      while (spool.length > 0) {
        const sent = report(spool.slice(0, batch));
        onSent?.();
        const answer = await sent.catch(() => undefined);
        if (answer?.ok) {
          const { acked } = (await answer.json()) as { acked: number };
          spool = spool.filter((message) => message.seq > acked);
        } else if (answer && answer.status < 500) throw new Error(`reporting answered ${answer.status}: ${await answer.text()}`);
        else {
          if (Date.now() > end) throw new Error('the server did not take the messages within 2 minutes');
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
      }
    },
  };
}

const hex = (text: string) => createHash('sha256').update(text).digest('hex');
export const madeImageId = (name: string) => `sha256:${hex(`image ${name}`)}`;
export const madeContainerId = (name: string) => hex(`container ${name}`);

export function madeHost(name: string, facts: Partial<HostFacts> = {}): MessageBody {
  return {
    kind: 'host',
    host: {
      name, machineId: hex(name).slice(0, 32), os: 'linux', osName: 'Debian GNU/Linux 12 (bookworm)', osVersion: '12', kernel: '6.1.0', architecture: 'amd64',
      cpus: 4, memory: 8e9, addresses: ['10.0.0.1'], provider: null, account: null, region: null, instance: null, instanceType: null, lastUser: null,
      bootedAt: null, engine: 'docker', engineVersion: '28.0', isDockerHost: true, cluster: null, node: null, tags: [], note: null, ...facts,
    },
  };
}

export function madeContainer(name: string, facts: Partial<ContainerFacts> = {}): MessageBody {
  return {
    kind: 'container',
    container: {
      containerId: madeContainerId(name), name, imageId: null, image: 'made:1', state: 'running', status: null, created: null, started: null, finished: null,
      exitCode: null, pid: null, restarts: 0, ports: [], mounts: [], user: null, privileged: false, capabilities: [], networkMode: null, command: [], labels: {},
      pod: null, namespace: null, node: null, ...facts,
    },
  };
}

/** An image of Alpine 3.11 with these packages, and the SBOM that a sensor would make of it. */
export function madeSbom(name: string, packages: Record<string, string>): MessageBody[] {
  const imageId = madeImageId(name);
  const sbom: Sbom = {
    image: { reference: name, kind: 'docker', id: imageId, tags: [name], repoDigests: [], layers: [{ index: 0, diffId: `sha256:${hex(`layer ${name}`)}` }], history: [] },
    os: { id: 'alpine', idLike: [], versionId: '3.11.5', prettyName: 'Alpine Linux v3.11', ecosystem: 'Alpine:v3.11' },
    packages: Object.entries(packages).map(([name, version]) => ({
      name, version, type: 'apk', purl: `pkg:apk/alpine/${name}@${version}?arch=x86_64&distro=alpine-3.11.5`, source: { name, version },
      cataloger: 'apk', paths: ['lib/apk/db/installed'], layer: 0,
    })),
    secrets: [], posture: [], warnings: [],
  };
  return [
    { kind: 'image', image: { imageId, references: [name], digests: [], created: null, size: 1000, labels: {} } },
    { kind: 'sbom', imageId, sbom: gzipSync(JSON.stringify(sbom)).toString('base64') },
  ];
}
