import { CONTAINER_STATES, type ContainerFacts, type ImageFacts } from '@plimsoll/model/api';
import { countOf, cut, digestOrNull, fieldsOf, intOrNull, labelsOf, listOf, textOf, textOrNull, textsOf, timeOrNull, type Fields } from '../bounded.ts';

/**
 * Reads what `GET /containers/{id}/json` says; undefined when it is no container. The environment is left out:
 * it is where people put their passwords.
 * @see https://docs.docker.com/reference/api/engine/
 */
export function containerFacts(inspected: unknown, node: string | null): ContainerFacts | undefined {
  const fields = fieldsOf(inspected);
  const containerId = textOf(fields.get('Id'), 64);
  if (!/^[0-9a-f]{12,64}$/.test(containerId)) return undefined;
  const state = fieldsOf(fields.get('State'));
  const config = fieldsOf(fields.get('Config'));
  const host = fieldsOf(fields.get('HostConfig'));
  const labels = labelsOf(config.get('Labels'));
  const running = state.get('Running') === true;
  return {
    containerId,
    name: textOf(fields.get('Name'), 513).replace(/^\//, '').slice(0, 512),
    imageId: digestOrNull(fields.get('Image')),
    image: textOf(config.get('Image'), 512),
    state: stateOf(state.get('Status')),
    status: statusOf(state),
    created: timeOrNull(fields.get('Created')),
    started: timeOrNull(state.get('StartedAt')),
    finished: timeOrNull(state.get('FinishedAt')),
    // While it runs, the code is the last run's.
    exitCode: running || state.get('Status') === 'created' ? null : intOrNull(state.get('ExitCode')),
    pid: running ? intOrNull(state.get('Pid')) : null,
    restarts: countOf(fields.get('RestartCount')),
    ports: portsOf(fieldsOf(fieldsOf(fields.get('NetworkSettings')).get('Ports'))),
    mounts: listOf(fields.get('Mounts'), 1000).map((item) => {
      const mount = fieldsOf(item);
      const source = mount.get('Type') === 'volume' ? mount.get('Name') : mount.get('Source');
      return { source: textOf(source, 4096), destination: textOf(mount.get('Destination'), 4096), mode: mount.get('RW') === false ? 'ro' : 'rw' };
    }),
    user: textOrNull(config.get('User'), 256),
    privileged: host.get('Privileged') === true,
    capabilities: capabilitiesOf(host),
    networkMode: textOrNull(host.get('NetworkMode'), 200),
    command: [fields.get('Path'), ...listOf(fields.get('Args'), 499)].filter((part): part is string => typeof part === 'string').map((part) => cut(part, 4096)),
    labels,
    ...podOf(labels),
    node,
  };
}

export function stateOf(status: unknown): ContainerFacts['state'] {
  return CONTAINER_STATES.find((state) => state === status) ?? 'unknown';
}

function statusOf(state: Fields): string | null {
  const parts: string[] = [];
  const health = textOf(fieldsOf(state.get('Health')).get('Status'), 50);
  if (health !== '' && health !== 'none' && state.get('Running') === true) parts.push(health);
  if (state.get('Status') === 'exited' || state.get('Status') === 'dead') parts.push(`exit code ${intOrNull(state.get('ExitCode')) ?? '?'}`);
  if (state.get('OOMKilled') === true) parts.push('out of memory');
  const error = textOf(state.get('Error'), 120);
  if (error !== '') parts.push(error);
  return parts.length === 0 ? null : parts.join(', ').slice(0, 200);
}

/** `0.0.0.0:8080->80/tcp` for published ports, `80/tcp` for others, as the docker command shows them. */
function portsOf(ports: Fields): string[] {
  const shown: string[] = [];
  for (const [port, bindings] of ports) {
    const list = listOf(bindings, 100);
    if (list.length === 0) shown.push(port);
    for (const item of list) {
      const binding = fieldsOf(item);
      const address = textOf(binding.get('HostIp'), 45) || '0.0.0.0';
      shown.push(`${address.includes(':') ? `[${address}]` : address}:${textOf(binding.get('HostPort'), 11)}->${port}`);
    }
    if (shown.length >= 1000) break;
  }
  return shown.slice(0, 1000).map((port) => cut(port, 100));
}

/** What was added to the engine's default set, and with a minus what was taken from it. */
function capabilitiesOf(host: Fields): string[] {
  const names = (key: string, sign: string) => textsOf(host.get(key), 50, 40).map((name) => `${sign}${name.toUpperCase().replace(/^CAP_/, '')}`);
  return [...names('CapAdd', ''), ...names('CapDrop', '-')];
}

/** The labels that every Kubernetes runtime gives to its containers. */
export function podOf(labels: Record<string, string>): { pod: string | null; namespace: string | null } {
  return {
    pod: textOrNull(labels['io.kubernetes.pod.name'], 253),
    namespace: textOrNull(labels['io.kubernetes.pod.namespace'], 253),
  };
}

/** Reads an entry of `GET /images/json`; undefined when it is no image. */
export function imageFacts(entry: unknown): ImageFacts | undefined {
  const fields = fieldsOf(entry);
  const imageId = digestOrNull(fields.get('Id'));
  if (imageId === null) return undefined;
  const named = (key: string) => textsOf(fields.get(key), 200, 512).filter((name) => name !== '' && !name.includes('<none>'));
  const size = fields.get('Size');
  return {
    imageId,
    references: named('RepoTags'),
    digests: named('RepoDigests'),
    created: timeOrNull(fields.get('Created')),
    size: typeof size === 'number' && Number.isFinite(size) && size >= 0 ? size : null,
    labels: labelsOf(fields.get('Labels')),
  };
}
