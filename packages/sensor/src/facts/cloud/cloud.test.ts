import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { aws } from './aws.ts';
import { azure } from './azure.ts';
import { cloud } from './cloud.ts';
import { gcp } from './gcp.ts';
import { metadataOf, type CloudProvider } from './provider.ts';

type Answer = (method: string, path: string, headers: IncomingHttpHeaders) => string | undefined;

let server: Server | undefined;
afterEach(() => new Promise<void>((done) => (server ? (server.closeAllConnections(), server.close(() => done())) : done())));

async function serve(answer: Answer): Promise<string> {
  server = createServer((request, response) => {
    const text = answer(request.method ?? '', request.url ?? '', request.headers);
    response.writeHead(text === undefined ? 404 : 200).end(text ?? '');
  });
  await new Promise<void>((done) => server!.listen(0, '127.0.0.1', () => done()));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const ask = async (provider: CloudProvider, answer: Answer) => provider.ask(metadataOf(await serve(answer), new AbortController().signal));

const AWS: Answer = (method, path, headers) => {
  if (method === 'PUT' && path === '/latest/api/token') return Number(headers['x-aws-ec2-metadata-token-ttl-seconds']) > 0 ? 'AQAEAtoken==' : undefined;
  if (path !== '/latest/dynamic/instance-identity/document' || headers['x-aws-ec2-metadata-token'] !== 'AQAEAtoken==') return undefined;
  return JSON.stringify({ accountId: '123456789012', instanceId: 'i-0abc', instanceType: 't3.large', region: 'eu-central-1' });
};

describe('cloud metadata', () => {
  it('asks AWS with a token', async () => {
    expect(await ask(aws, AWS)).toEqual({ provider: 'AWS', account: '123456789012', region: 'eu-central-1', instance: 'i-0abc', instanceType: 't3.large' });
  });

  it('asks Azure with its header', async () => {
    const answer: Answer = (_, path, headers) =>
      headers['metadata'] === 'true' && path.startsWith('/metadata/instance/compute?api-version=')
        ? JSON.stringify({ vmId: '02aab8a4-74ef', subscriptionId: '8d10da13', location: 'westeurope', vmSize: 'Standard_D2s_v3' })
        : undefined;
    expect(await ask(azure, answer)).toEqual({ provider: 'Azure', account: '8d10da13', region: 'westeurope', instance: '02aab8a4-74ef', instanceType: 'Standard_D2s_v3' });
  });

  it('asks GCP with its header', async () => {
    const values: Record<string, string> = { 'instance/id': '123', 'project/project-id': 'shop-prod', 'instance/zone': 'projects/9/zones/europe-west1-b', 'instance/machine-type': 'projects/9/machineTypes/e2-small' };
    const answer: Answer = (_, path, headers) => (headers['metadata-flavor'] === 'Google' ? values[path.replace('/computeMetadata/v1/', '')] : undefined);
    expect(await ask(gcp, answer)).toEqual({ provider: 'GCP', account: 'shop-prod', region: 'europe-west1', instance: '123', instanceType: 'e2-small' });
  });

  it.each([
    ['a captive portal', () => '<html>Sign in</html>'],
    ['an endless answer', () => 'x'.repeat(1 << 20)],
    ['other JSON', () => '{"instanceId": {"a": 1}, "vmId": ["b"]}'],
    ['strange names', () => '{"instanceId": "<script>", "vmId": "a b"}'],
  ])('takes %s for no provider', async (_, answer) => {
    for (const provider of [aws, azure, gcp]) expect(await ask(provider, answer)).toBeUndefined();
  });

  it('keeps what was found, and asks nobody when it may not', async () => {
    let asked = 0;
    const address = await serve((...request) => {
      asked++;
      return AWS(...request);
    });
    const source = cloud([{ ...aws, address }, { ...gcp, address }]);
    const context = { root: '/', contained: false, engine: undefined, env: {}, signal: new AbortController().signal };
    expect(await source.collect({ ...context, cloud: false })).toEqual({});
    expect(asked).toBe(0);
    expect(await source.collect({ ...context, cloud: true })).toMatchObject({ provider: 'AWS', instance: 'i-0abc' });
    const first = asked;
    expect(await source.collect({ ...context, cloud: true })).toMatchObject({ provider: 'AWS' });
    expect(asked).toBe(first);
  });
});
