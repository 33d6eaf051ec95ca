import type { Activity } from '@plimsoll/model/api';
import { fieldsOf, textOf } from '../bounded.ts';
import type { EngineChange } from './engine.ts';

/** Longest line of the stream. Labels of a container come with each of its events. */
const MAX_LINE = 4 * 1024 * 1024;

/** What the stream is asked for; others (exec of health checks above all) would be most of it. */
export const EVENT_FILTERS = {
  type: ['container', 'image'],
  event: [
    ...['create', 'start', 'die', 'stop', 'oom', 'pause', 'unpause', 'rename', 'destroy', 'restart', 'update', 'health_status'],
    ...['pull', 'push', 'tag', 'untag', 'delete', 'import', 'load', 'commit'],
  ],
};

/** An event, and its time in nanoseconds since 1970, 0 when it has none. */
export interface EngineEvent {
  event: unknown;
  cursor: bigint;
}

/** Takes a stream of events, JSON objects one a line, apart. Of lines that are too long or no JSON the event is undefined. */
export async function* readEvents(stream: AsyncIterable<Buffer>): AsyncGenerator<EngineEvent> {
  let parts: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    let from = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      parts.push(chunk.subarray(from, end));
      size += end - from;
      if (size > 0) yield size > MAX_LINE ? { event: undefined, cursor: 0n } : parsed(Buffer.concat(parts).toString('utf8'));
      parts = [];
      size = 0;
      from = end + 1;
    }
    size += chunk.length - from;
    // Of a line that is too long only the length is kept.
    if (size <= MAX_LINE) parts.push(Buffer.from(chunk.subarray(from)));
    else parts = [];
  }
}

function parsed(line: string): EngineEvent {
  try {
    // Taken from the text: as a JavaScript number it would be wrong by up to 128 ns, and the same events would come
    // again after a restart. Within a JSON string these quotes would be escaped.
    const [, digits] = /"timeNano":\s{0,8}(\d{1,19})\b/.exec(line) ?? [];
    return { event: JSON.parse(line), cursor: digits === undefined ? 0n : BigInt.asUintN(63, BigInt(digits)) };
  } catch {
    return { event: undefined, cursor: 0n };
  }
}

/** What an event of the engine means here; nothing for those that nobody asks about. */
export function changesOf({ event, cursor }: EngineEvent): EngineChange[] {
  const fields = fieldsOf(event);
  const actor = fieldsOf(fields.get('Actor'));
  const about = fieldsOf(actor.get('Attributes'));
  const id = textOf(actor.get('ID'), 512);
  const action = textOf(fields.get('Action'), 200);
  const time = new Date(cursor > 0n ? Number(cursor / 1_000_000n) : Date.now()).toISOString();
  const tell = (kind: string, severity: Activity['severity'], message: string, detail: Record<string, unknown> = {}, of: { containerId?: string; imageId?: string } = {}): EngineChange => ({
    kind: 'activity',
    cursor,
    activity: { time, kind, severity, message: message.slice(0, 1000), containerId: of.containerId ?? null, imageId: of.imageId ?? null, detail },
  });
  if (fields.get('Type') === 'image') {
    const name = textOf(about.get('name'), 512) || id;
    const imageId = id.startsWith('sha256:') ? { imageId: id.slice(0, 100) } : {};
    const told: Record<string, () => EngineChange> = {
      pull: () => tell('image-pulled', 1, `Image ${name} was pulled.`, { name }, imageId),
      push: () => tell('image-pushed', 1, `Image ${name} was pushed.`, { name }, imageId),
      tag: () => tell('image-tagged', 1, `Image ${name} was tagged.`, { name }, imageId),
      untag: () => tell('image-untagged', 1, `A tag of image ${name} was removed.`, { name }, imageId),
      delete: () => tell('image-removed', 1, `Image ${name} was removed.`, { name }, imageId),
      import: () => tell('image-imported', 1, `Image ${name} was imported.`, { name }, imageId),
      load: () => tell('image-loaded', 1, `Image ${name} was loaded.`, { name }, imageId),
      commit: () => tell('image-committed', 2, `Image ${name} was made from a container.`, { name }, imageId),
    };
    const change = Object.hasOwn(told, action) ? told[action]!() : undefined;
    return change ? [change, { kind: 'images' }] : [];
  }
  if (fields.get('Type') !== 'container' || !/^[0-9a-f]{12,64}$/.test(id)) return [];
  const name = textOf(about.get('name'), 512) || id.slice(0, 12);
  const image = textOf(about.get('image'), 512);
  const shown = image === '' ? name : `${name} (${image})`;
  const of = { containerId: id };
  const detail = { name, image };
  const changed: EngineChange = { kind: 'container', containerId: id };
  if (action.startsWith('health_status: ')) {
    const health = action.slice('health_status: '.length);
    const bad = health === 'unhealthy';
    return [tell(bad ? 'container-unhealthy' : 'container-healthy', bad ? 3 : 1, `Container ${shown} is ${bad ? 'unhealthy' : 'healthy'}.`, detail, of), changed];
  }
  switch (action) {
    case 'create':
      return [tell('container-created', 1, `Container ${shown} was created.`, detail, of), changed];
    case 'start':
      return [tell('container-started', 1, `Container ${shown} started.`, detail, of), changed];
    case 'die': {
      const code = Number(textOf(about.get('exitCode'), 20) || NaN);
      const exitCode = Number.isSafeInteger(code) ? code : null;
      return [tell('container-died', exitCode === 0 ? 1 : 2, `Container ${shown} ended with exit code ${exitCode ?? 'unknown'}.`, { ...detail, exitCode }, of), changed];
    }
    case 'oom':
      return [tell('container-oom', 4, `Container ${shown} ran out of memory.`, detail, of), changed];
    case 'pause':
      return [tell('container-paused', 1, `Container ${shown} was paused.`, detail, of), changed];
    case 'unpause':
      return [tell('container-unpaused', 1, `Container ${shown} goes on.`, detail, of), changed];
    case 'rename':
      return [tell('container-renamed', 1, `Container ${textOf(about.get('oldName'), 512).replace(/^\//, '')} is now ${shown}.`, detail, of), changed];
    case 'destroy':
      return [tell('container-removed', 1, `Container ${shown} was removed.`, detail, of), changed];
    case 'stop':
    case 'restart':
    case 'update':
      return [changed];
    default:
      return [];
  }
}
