import type { ContainerFacts, ImageFacts } from '@plimsoll/model/api';
import { cut, digestOrNull, fieldsOf, intOrNull, labelsOf, listOf, textOf, textOrNull, textsOf, timeOrNull, type Fields } from '../bounded.ts';
import { podOf } from './docker-container.ts';

/** `ContainerState` of the interface, by its numbers. */
const STATES = ['created', 'running', 'exited', 'unknown'] as const;

export function criState(number: unknown): (typeof STATES)[number] {
  return STATES[intOrNull(number) ?? 3] ?? 'unknown';
}

/** What the runtime says in full may be long. */
const MAX_INFO = 4 * 1024 * 1024;

/**
 * Reads an answer to ContainerStatus; undefined when it is no container. What the interface itself does not have
 * (process id, command, user, privileges) comes from what containerd says in full, where it does. That holds the
 * environment as well, which is left out.
 */
export function criContainerFacts(answer: unknown, node: string | null): ContainerFacts | undefined {
  const fields = fieldsOf(answer);
  const status = fieldsOf(fields.get('status'));
  const containerId = textOf(status.get('id'), 64);
  if (!/^[0-9a-f]{12,64}$/.test(containerId)) return undefined;
  const info = parsedInfo(fieldsOf(fields.get('info')).get('info'));
  const spec = fieldsOf(info.get('runtimeSpec'));
  const process = fieldsOf(spec.get('process'));
  const security = fieldsOf(fieldsOf(fieldsOf(info.get('config')).get('linux')).get('security_context'));
  const labels = labelsOf(status.get('labels'));
  const state = criState(status.get('state'));
  const exitCode = intOrNull(status.get('exitCode'));
  const reason = textOf(status.get('reason'), 100);
  const running = state === 'running';
  return {
    containerId,
    name: textOf(fieldsOf(status.get('metadata')).get('name'), 512),
    imageId: digestOrNull(status.get('imageId')) ?? digestOrNull(status.get('imageRef')),
    image: textOf(fieldsOf(status.get('image')).get('image'), 512),
    state,
    status: state === 'exited' ? `exit code ${exitCode ?? '?'}${reason === '' || reason === 'Completed' ? '' : `, ${reason}`}` : null,
    created: nanoTime(status.get('createdAt')),
    started: nanoTime(status.get('startedAt')),
    finished: nanoTime(status.get('finishedAt')),
    exitCode: state === 'exited' ? exitCode : null,
    pid: running ? intOrNull(info.get('pid')) : null,
    // How often the kubelet has started this container of the pod before.
    restarts: Number(/^\d{1,9}$/.exec(textOf(fieldsOf(status.get('annotations')).get('io.kubernetes.container.restartCount'), 10))?.[0] ?? 0),
    ports: portsOf(fieldsOf(status.get('annotations')).get('io.kubernetes.container.ports')),
    mounts: listOf(status.get('mounts'), 1000).map((item) => {
      const mount = fieldsOf(item);
      return { source: textOf(mount.get('hostPath'), 4096), destination: textOf(mount.get('containerPath'), 4096), mode: mount.get('readonly') === true ? 'ro' : 'rw' };
    }),
    user: userOf(fieldsOf(process.get('user'))),
    privileged: security.get('privileged') === true,
    capabilities: capabilitiesOf(fieldsOf(security.get('capabilities'))),
    networkMode: null,
    command: textsOf(process.get('args'), 500, 4096),
    labels,
    ...podOf(labels),
    node,
  };
}

function parsedInfo(text: unknown): Fields {
  try {
    return typeof text === 'string' && text.length <= MAX_INFO ? fieldsOf(JSON.parse(text)) : new Map();
  } catch {
    return new Map();
  }
}

/** Nanoseconds since 1970 as a decimal text; 0 means never. */
function nanoTime(value: unknown): string | null {
  return typeof value === 'string' && /^\d{1,19}$/.test(value) ? timeOrNull(Number(BigInt(value) / 1_000_000n) / 1000) : null;
}

function userOf(user: Fields): string | null {
  const uid = intOrNull(user.get('uid'));
  const gid = intOrNull(user.get('gid'));
  return uid === null && user.size === 0 ? null : `${uid ?? 0}:${gid ?? 0}`;
}

function capabilitiesOf(capabilities: Fields): string[] {
  return [...textsOf(capabilities.get('add_capabilities'), 50, 40), ...textsOf(capabilities.get('drop_capabilities'), 50, 39).map((name) => `-${name}`)];
}

/** The kubelet notes the ports of the pod's definition as JSON. */
function portsOf(text: unknown): string[] {
  try {
    return listOf(typeof text === 'string' && text.length < 64 * 1024 ? JSON.parse(text) : undefined, 1000).map((item) => {
      const port = fieldsOf(item);
      const inside = `${intOrNull(port.get('containerPort')) ?? '?'}/${(textOf(port.get('protocol'), 10) || 'TCP').toLowerCase()}`;
      const outside = intOrNull(port.get('hostPort'));
      return cut(outside ? `${textOf(port.get('hostIP'), 45) || '0.0.0.0'}:${outside}->${inside}` : inside, 100);
    });
  } catch {
    return [];
  }
}

/** Reads an image of ListImages; undefined when it is none. */
export function criImageFacts(image: unknown): ImageFacts | undefined {
  const fields = fieldsOf(image);
  const imageId = digestOrNull(fields.get('id'));
  if (imageId === null) return undefined;
  const size = textOrNull(fields.get('size'), 20);
  return {
    imageId,
    references: textsOf(fields.get('repoTags'), 200, 512),
    digests: textsOf(fields.get('repoDigests'), 200, 512),
    created: null,
    // Compressed, as the registry has it; the interface knows no other.
    size: size !== null && /^\d{1,15}$/.test(size) ? Number(size) : null,
    labels: {},
  };
}
