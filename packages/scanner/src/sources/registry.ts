import { InputError } from '@plimsoll/model';
import { readManifest, type DigestSource } from './archive/oci-image.ts';
import { findCredentials } from './http/docker-config.ts';
import { formatReference, parseReference } from './http/reference.ts';
import { RegistryClient } from './http/registry-client.ts';
import { asObject, MAX_JSON, parseJson } from './json.ts';
import type { ImageSource, SourceOptions } from './source.ts';
import { USER_AGENT } from './user-agent.ts';

/** An image of a registry, by the OCI distribution API. */
export const registry: ImageSource = {
  kind: 'registry',
  scheme: 'registry',
  detects: (reference) => isReference(reference),
  async read(text, sink, options) {
    const reference = parseReference(text);
    if (options.offline) throw new InputError('offline', `${text} is no file here and in no local engine, and --offline forbids to ask the registry ${reference.registry}`);
    const client = await connect(reference.registry, options, (message) => sink.warn('registry-login', message, false));
    const { repository } = reference;
    const label = formatReference(reference);
    const top = await client.manifest(repository, reference.digest ?? reference.tag ?? 'latest');
    const source: DigestSource = {
      label,
      async json(digest, kind) {
        return kind === 'manifest' ? (await client.manifest(repository, digest)).bytes : client.smallBlob(repository, digest, MAX_JSON);
      },
      layer: (hints, layers) =>
        layers.read(() => open(client, repository, hints.digest!), { ...hints, name: hints.digest!, again: true }),
    };
    const document = asObject(parseJson(top.bytes, `${label}: the manifest`));
    const image = await readManifest(source, document, top.digest, sink, options, 0);
    return {
      ...image,
      image: {
        ...image.image,
        reference: text,
        kind: 'registry',
        tags: reference.tag === undefined ? [] : [`${reference.registry}/${repository}:${reference.tag}`],
        repoDigests: [`${reference.registry}/${repository}@${top.digest}`],
      },
    };
  },
};

async function* open(client: RegistryClient, repository: string, digest: string): AsyncGenerator<Buffer> {
  yield* (await client.blob(repository, digest)).stream;
}

async function connect(host: string, { env, insecure }: SourceOptions, warn: (message: string) => void): Promise<RegistryClient> {
  const credentials = await findCredentials(host, { env, warn });
  return new RegistryClient({ registry: host, credentials, insecure, userAgent: USER_AGENT });
}

/** Whether a text can be an image reference at all. */
function isReference(text: string): boolean {
  try {
    parseReference(text);
    return true;
  } catch {
    return false;
  }
}
