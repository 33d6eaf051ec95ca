import fc from 'fast-check';
import { activity } from '@plimsoll/model/api';
import { describe, expect, it } from 'vitest';
import { changesOf, readEvents, type EngineEvent } from './docker-events.ts';

const ID = 'ab'.repeat(32);

async function read(...chunks: (string | Buffer)[]): Promise<EngineEvent[]> {
  const events: EngineEvent[] = [];
  const stream = (async function* () {
    for (const chunk of chunks) yield await Promise.resolve(Buffer.from(chunk as string));
  })();
  for await (const event of readEvents(stream)) events.push(event);
  return events;
}

const container = (action: string, attributes: object = {}) => ({
  event: { Type: 'container', Action: action, Actor: { ID, Attributes: { name: 'web', image: 'nginx:1.27', ...attributes } } },
  cursor: 1_700_000_000_123_456_789n,
});

describe("the engine's events", () => {
  it('comes apart at line ends, wherever the chunks end', async () => {
    const text = '{"a":1,"timeNano":1700000000123456789}\n{"b":"é","timeNano":2}\n\n{"c":3}\n';
    const whole = await read(text);
    expect(whole).toEqual([{ event: expect.objectContaining({ a: 1 }), cursor: 1_700_000_000_123_456_789n }, { event: expect.objectContaining({ b: 'é' }), cursor: 2n }, { event: { c: 3 }, cursor: 0n }]);
    const bytes = Buffer.from(text);
    for (let at = 1; at < bytes.length; at++) expect(await read(bytes.subarray(0, at), bytes.subarray(at))).toEqual(whole);
  });

  it('skips what is no JSON or too long, and goes on', async () => {
    const long = `{"x":"${'y'.repeat(1 << 20)}`;
    const events = await read('nonsense\n', long, long, long, long, long, '"}\n', '{"a":1}\n');
    expect(events.map(({ event }) => event)).toEqual([undefined, undefined, { a: 1 }]);
  });

  it('takes no time out of a label', async () => {
    const [event] = await read(`${JSON.stringify({ label: '"timeNano":5', timeNano: 7 })}\n`);
    expect(event!.cursor).toBe(7n);
  });

  it('tells what happened to a container', () => {
    expect(changesOf(container('die', { exitCode: '137' }))).toEqual([
      {
        kind: 'activity',
        cursor: 1_700_000_000_123_456_789n,
        activity: { time: '2023-11-14T22:13:20.123Z', kind: 'container-died', severity: 2, message: 'Container web (nginx:1.27) ended with exit code 137.', containerId: ID, imageId: null, detail: { name: 'web', image: 'nginx:1.27', exitCode: 137 } },
      },
      { kind: 'container', containerId: ID },
    ]);
    const kindOf = (action: string) => changesOf(container(action)).map((change) => (change.kind === 'activity' ? change.activity.kind : change.kind));
    expect(kindOf('start')).toEqual(['container-started', 'container']);
    expect(kindOf('oom')).toEqual(['container-oom', 'container']);
    expect(kindOf('health_status: unhealthy')).toEqual(['container-unhealthy', 'container']);
    expect(kindOf('stop')).toEqual(['container']);
    expect(kindOf('exec_start: sh')).toEqual([]);
    expect(kindOf('constructor')).toEqual([]);
  });

  it('tells what happened to an image', () => {
    const image = (action: string) => changesOf({ event: { Type: 'image', Action: action, Actor: { ID: 'alpine:latest', Attributes: { name: 'alpine' } } }, cursor: 1n });
    expect(image('pull')).toMatchObject([{ activity: { kind: 'image-pulled', message: 'Image alpine was pulled.', imageId: null } }, { kind: 'images' }]);
    expect(image('toString')).toEqual([]);
  });

  it('tells only what the protocol takes, whatever comes', () => {
    const wild = fc.record({ Type: fc.constantFrom('container', 'image'), Action: fc.constantFrom('die', 'start', 'pull', 'tag', 'rename', 'health_status: x'), Actor: fc.record({ ID: fc.oneof(fc.constant(ID), fc.string({ maxLength: 2000 })), Attributes: fc.oneof(fc.anything(), fc.dictionary(fc.constantFrom('name', 'image', 'exitCode', 'oldName'), fc.string({ maxLength: 2000 }))) }) });
    fc.assert(
      fc.property(wild, fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }), (event, cursor) => {
        for (const change of changesOf({ event, cursor })) if (change.kind === 'activity') expect(activity.safeParse(change.activity).error).toBeUndefined();
      }),
    );
  });
});
