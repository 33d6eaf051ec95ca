import { InputError } from '@plimsoll/model';
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { readConfig as readImageConfig, describeLayers } from '../image-config.ts';
import { LayerAnalyser } from '../layers/analyse.ts';
import { decompress } from '../layers/decompress.ts';
import { mergeLayers } from '../layers/merge.ts';
import { readLayer } from '../layers/read-layer.ts';
import { TarReader, type TarEntry } from '../layers/tar.ts';
import { OS_RELEASE_PATHS, parseOsRelease } from '../os-release.ts';
import { scanConfigForSecrets, scanForSecrets } from '../secrets/index.ts';
import type { BlobStore } from '../sources/archive/blob-store.ts';
import { readDockerManifest } from '../sources/archive/docker-image.ts';
import { readLayout } from '../sources/archive/oci-image.ts';
import { TarStreamStore } from '../sources/archive/tar-stream-store.ts';
import { parseChallenges } from '../sources/http/challenge.ts';
import { parseReference } from '../sources/http/reference.ts';
import { parsePlatform } from '../sources/platform.ts';
import { readSbom } from '../sources/sbom-reader.ts';
import type { LayerRef, LayerSink } from '../sources/source.ts';
import type { FuzzTarget } from './target.ts';
import { tarOf } from './tar.fixtures.ts';

const MAX_MESSAGE = 8192;

/** Bad input must end in an `InputError` with one line of bearable length. */
async function refusing(work: () => unknown): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    if (error.message.length > MAX_MESSAGE) throw new Error(`the error ${error.code} has ${error.message.length} characters`, { cause: error });
  }
}

async function* chunksOf(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size));
}

const digest = (bytes: Buffer | string) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** What a tar reader tells of a tar that comes in chunks of one size. */
function readTar(bytes: Buffer, chunk: number): string {
  const hash = createHash('sha256');
  const reader = new TarReader({
    entry(entry: TarEntry) {
      hash.update(JSON.stringify([entry.path, entry.linkPath, entry.type, entry.size, entry.mode]));
      return entry.size < 1 << 20;
    },
    data(content) {
      hash.update(content);
      return true;
    },
    hole(length) {
      hash.update(`hole ${length}`);
      return true;
    },
    end: () => void hash.update('end'),
  });
  try {
    for (let at = 0; at < bytes.length; at += chunk) reader.write(bytes.subarray(at, at + chunk));
    reader.finish();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    hash.update(error.code);
  }
  return hash.digest('hex');
}

const PACKAGE = { path: 'usr/lib/node_modules/a/package.json', content: '{"name":"a","version":"1.0.0"}' };
const LAYER = () => tarOf([
  { path: 'etc/os-release', content: 'ID=debian\nVERSION_ID="12"\n' },
  PACKAGE,
  { path: 'link', flag: '1', target: PACKAGE.path },
  { path: `long/${'x'.repeat(200)}`, content: 'y', pax: { path: `long/${'x'.repeat(200)}`, mtime: '1.5' } },
  { path: 'gone/.wh..wh..opq', content: '' },
  { path: 'sparse', content: `1\n10\n3\n${'\0'.repeat(505)}abc`, pax: { 'GNU.sparse.major': '1', 'GNU.sparse.minor': '0', 'GNU.sparse.name': 'sparse', 'GNU.sparse.realsize': '100' } },
]);

const CONFIG = (layers: readonly Buffer[]) => Buffer.from(JSON.stringify({
  os: 'linux', architecture: 'amd64', created: '2024-01-01T00:00:00Z',
  config: { User: '', Env: ['PATH=/bin', 'TOKEN=x'], Cmd: ['sh'], Labels: { 'org.opencontainers.image.base.name': 'debian:12' }, ExposedPorts: { '80/tcp': {} }, Healthcheck: { Test: ['NONE'] } },
  rootfs: { type: 'layers', diff_ids: layers.map(digest) },
  history: [{ created_by: '/bin/sh -c #(nop) ADD file:x in /', created: '2024-01-01T00:00:00Z' }, { created_by: 'CMD ["sh"]', empty_layer: true }],
}));

const MANIFEST_TYPE = 'application/vnd.oci.image.manifest.v1+json';
const LAYER_TYPE = 'application/vnd.oci.image.layer.v1.tar';

class MemoryStore implements BlobStore {
  readonly label = 'image.tar';
  readonly #files: ReadonlyMap<string, Buffer>;
  constructor(files: Record<string, Buffer>) {
    this.#files = new Map(Object.entries(files));
  }
  has(name: string): boolean {
    return this.#files.has(name);
  }
  json(name: string): Promise<Buffer | undefined> {
    return Promise.resolve(this.#files.get(name));
  }
  layer(name: string, hints: { diffId?: string | undefined }): Promise<LayerRef> {
    if (!this.#files.has(name)) throw new InputError('blob-missing', 'the layer is missing');
    return Promise.resolve({ diffId: hints.diffId ?? digest('') });
  }
  size(): number | undefined {
    return undefined;
  }
  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** Reads layers for real and keeps nothing. */
function sink(): LayerSink {
  return {
    has: () => false,
    read: (open, hints) => readLayer(open, hints.again ?? false, { ...hints, label: hints.name, maxSize: 64 << 20 }),
    add: () => undefined,
    walked: () => undefined,
    expect: () => undefined,
    note: () => undefined,
    putNote: () => undefined,
    warn: () => undefined,
  };
}

const blobName = (bytes: Buffer) => `blobs/${digest(bytes).replace(':', '/')}`;

function layoutWith({ config = CONFIG([LAYER()]), manifest }: { config?: Buffer; manifest?: Buffer }): { store: (index?: Buffer) => MemoryStore; index: Buffer; manifest: Buffer } {
  const layer = LAYER();
  const whole = manifest ?? Buffer.from(JSON.stringify({
    schemaVersion: 2, mediaType: MANIFEST_TYPE, config: { digest: digest(config), size: config.length },
    layers: [{ mediaType: LAYER_TYPE, digest: digest(layer), size: layer.length }],
  }));
  const index = Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: [{ mediaType: MANIFEST_TYPE, digest: digest(whole), size: whole.length, platform: { os: 'linux', architecture: 'amd64' }, annotations: { 'org.opencontainers.image.ref.name': 'latest' } }] }));
  const files = { [blobName(layer)]: layer, [blobName(config)]: config, [blobName(whole)]: whole };
  return { index, manifest: whole, store: (other = index) => new MemoryStore({ ...files, 'index.json': other }) };
}

const options = { env: {} };
const DOCKER_MANIFEST = () => Buffer.from(JSON.stringify([{ Config: 'config.json', RepoTags: ['shop:1'], Layers: ['layer.tar'] }]));

const SBOMS = () => [
  { bomFormat: 'CycloneDX', specVersion: '1.5', version: 1, metadata: { component: { type: 'container', name: 'shop:1' } }, components: [{ type: 'library', name: 'a', version: '1', purl: 'pkg:npm/a@1', licenses: [{ license: { id: 'MIT' } }], properties: [{ name: 'plimsoll:layer', value: '0' }], components: [{ type: 'operating-system', name: 'debian', version: '12' }] }] },
  { spdxVersion: 'SPDX-2.3', SPDXID: 'SPDXRef-DOCUMENT', packages: [{ SPDXID: 'SPDXRef-1', name: 'a', versionInfo: '1', externalRefs: [{ referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: 'pkg:deb/debian/a@1?distro=debian-12&upstream=b%402' }], sourceInfo: 'built package from: b 2' }], relationships: [{ spdxElementId: 'SPDXRef-DOCUMENT', relationshipType: 'DESCRIBES', relatedSpdxElement: 'SPDXRef-1' }] },
].map((document) => Buffer.from(JSON.stringify(document)));

const SECRET_PATHS = ['app/config.env', 'root/.aws/credentials', 'root/.docker/config.json', 'root/.netrc', 'root/.npmrc', 'etc/shadow', 'root/.ssh/id_rsa', 'app/key.pem', 'root/.pgpass', 'root/.kube/config', 'app/app.js', 'app/.htpasswd'];

/** A target for each reader of images, their layers and what describes them. */
export const IMAGE_TARGETS: readonly FuzzTarget[] = [
  {
    name: 'tar',
    seeds: () => [LAYER()],
    tokens: ['ustar', 'ustar  ', ' GNU.sparse.map=', ' GNU.sparse.size=', ' path=', ' size='],
    run(input) {
      const { length } = input;
      const whole = readTar(input, Math.max(1, length));
      // Content chunks differ in size, but not what they add up to.
      for (const chunk of [512, 7]) if (length <= 65536 && readTar(input, chunk) !== whole) throw new Error(`chunks of ${chunk} bytes give another result`);
    },
  },
  {
    name: 'layer',
    seeds: () => [LAYER(), gzipSync(LAYER())],
    run: (input) =>
      refusing(async () => {
        const { catalogue } = await readLayer(() => chunksOf(input, 4096), true, { label: 'layer 1', maxSize: 64 << 20 });
        mergeLayers([catalogue, catalogue]);
      }),
  },
  {
    name: 'decompress',
    seeds: () => [gzipSync(Buffer.from('hello '.repeat(1000))), Buffer.from('28b52ffd24050900006162630a5a1c6f6e', 'hex'), Buffer.from('28b52ffd0058530000106161010054ff2602', 'hex')],
    tokens: ['\x28\xb5\x2f\xfd', '\x1f\x8b\x08', '\x50\x2a\x4d\x18'],
    run: (input) =>
      refusing(async () => {
        let size = 0;
        for await (const chunk of decompress(chunksOf(input, 4096))) {
          size += chunk.length;
          if (size > 256 << 20) break;
        }
      }),
  },
  {
    name: 'layer-entries',
    seeds: () => [Buffer.from(JSON.stringify([['a/b', 'file', 10], ['a', 'symlink', 0], ['.wh.a', 'file', 0], ['x/.wh..wh..opq', 'file', 0], ['c', 'hardlink', 0, 'a/b']]))],
    tokens: ['/', '..', './', '.wh.', '.wh..wh..opq', '"hardlink"', '"directory"'],
    run(input) {
      let list: unknown;
      try {
        list = JSON.parse(input.toString('utf8'));
      } catch {
        return;
      }
      if (!Array.isArray(list)) return;
      const analyser = new LayerAnalyser();
      for (const item of list as unknown[]) {
        if (!Array.isArray(item) || typeof item[0] !== 'string') continue;
        const [path, type, size, linkPath] = item as [string, unknown, unknown, unknown];
        const known = (['file', 'hardlink', 'symlink', 'directory', 'char'] as const).find((t) => t === type) ?? 'file';
        analyser.entry({ path, type: known, size: Number.isSafeInteger(size) ? Math.max(0, Number(size)) : 0, linkPath: String(linkPath), mode: 0o4755, uid: 0, gid: 0 });
      }
      const catalogue = analyser.finish(0);
      mergeLayers([catalogue, catalogue]);
    },
  },
  {
    name: 'image-archive',
    seeds: () => {
      const layer = LAYER();
      return [tarOf([{ path: 'layer.tar', content: layer }, { path: 'config.json', content: CONFIG([layer]) }, { path: 'manifest.json', content: DOCKER_MANIFEST() }])];
    },
    run: (input) =>
      refusing(async () => {
        const store = await TarStreamStore.take('image.tar', chunksOf(input, 4096), sink());
        await readDockerManifest(store, undefined, sink());
        TarStreamStore.restore('image.tar', store.note(), { ...sink(), has: () => true });
      }),
  },
  {
    name: 'docker-manifest',
    seeds: () => [DOCKER_MANIFEST()],
    tokens: ['"Config":', '"Layers":', '"RepoTags":'],
    run: (input) => refusing(() => readDockerManifest(new MemoryStore({ 'manifest.json': input, 'config.json': CONFIG([LAYER()]), 'layer.tar': LAYER() }), 'shop:1', sink())),
  },
  {
    name: 'oci-index',
    seeds: () => [layoutWith({}).index],
    tokens: ['"manifests":', '"digest":', '"platform":', '"annotations":'],
    run: (input) => refusing(() => readLayout(layoutWith({}).store(input), 'oci:x', undefined, sink(), options)),
  },
  {
    name: 'oci-manifest',
    seeds: () => [layoutWith({}).manifest, layoutWith({}).index],
    tokens: ['"layers":', '"manifests":', '"config":', '"mediaType":'],
    run: (input) => refusing(() => readLayout(layoutWith({ manifest: input }).store(), 'oci:x', undefined, sink(), options)),
  },
  {
    name: 'image-config',
    seeds: () => [CONFIG([LAYER()])],
    tokens: ['"history":', '"created_by":', '"Env":', '"Labels":', '"rootfs":', '/bin/sh -c #(nop) ', '|1 a=b ', ' # buildkit'],
    run: (input) =>
      refusing(async () => {
        const read = await readLayout(layoutWith({ config: input }).store(), 'oci:x', undefined, sink(), options);
        const { config, history } = readImageConfig(read.config);
        describeLayers(read.layers, [1], history);
        scanConfigForSecrets(config.env ?? [], config.labels ?? {}, history);
      }),
  },
  {
    name: 'os-release',
    seeds: () => ['NAME="Debian GNU/Linux"\nID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n', 'CentOS release 6.10 (Final)\n', '3.16.9\n', 'VERSION = 11\nPATCHLEVEL = 4\n'].map((text) => Buffer.from(text)),
    tokens: ['ID=', 'VERSION_ID=', 'ID_LIKE=', '"', "'", '\\'],
    run(input) {
      const text = input.toString('utf8');
      for (const path of OS_RELEASE_PATHS) parseOsRelease(new Map([[path, text]]));
    },
  },
  {
    name: 'secrets',
    seeds: () => [
      'AWS_ACCESS_KEY_ID=AKIAQYLPMN5HZ3RTW2XJ\naws_secret_access_key = "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"\n', '-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\n-----END RSA PRIVATE KEY-----\n',
      'postgres://user:Tr0ub4dor@db/x\npassword: "hunter22hunter"\n', '{"auths": {"https://index.docker.io/v1/": {"auth": "dXNlcjpwYXNz"}}}', 'machine example.org login a password b\n', 'root:$6$abc$defghij:19000:0:99999:7:::\n', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl\n',
    ].map((text) => Buffer.from(text)),
    tokens: ['-----BEGIN PRIVATE KEY-----', '-----END ', 'password=', 'secret: ', 'ghp_', 'xoxb-', 'AKIA', 'eyJ', '://a:', '@', 'Authorization: Bearer ', 'aws_secret_access_key=', 'glpat-', 'sk_live_', 'npm_'],
    run(input) {
      for (const path of SECRET_PATHS) scanForSecrets(path, input);
    },
  },
  {
    name: 'sbom',
    seeds: SBOMS,
    tokens: ['"components":', '"purl":', '"properties":', '"packages":', '"externalRefs":', 'pkg:deb/', '?distro=', '&upstream=', '%40', '"plimsoll:image"'],
    run: (input) => refusing(() => readSbom(input, 'app.json')),
  },
  {
    name: 'reference',
    seeds: () => ['alpine:3.11', 'localhost:5000/a/b@sha256:' + 'a'.repeat(64), 'docker.io/library/alpine', 'linux/arm64/v8'].map((text) => Buffer.from(text)),
    tokens: ['@sha256:', ':', '/', '..', '//', '://'],
    run: (input) =>
      refusing(async () => {
        const text = input.toString('utf8');
        await refusing(() => parsePlatform(text));
        parseChallenges(text);
        parseReference(text);
      }),
  },
  {
    name: 'auth-challenge',
    seeds: () => [Buffer.from('Bearer realm="https://auth.example/token",service="registry",scope="repository:a:pull", Basic realm="x"')],
    tokens: ['Bearer ', 'realm=', '"', '\\', ',', '='],
    run: (input) => void parseChallenges(input.toString('latin1')),
  },
];
