/**
 * Makes the three images of the bench: as a docker-archive with plain layers and as an OCI layout
 * with gzipped layers.
 */
import { createReadStream, createWriteStream, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { Transform, type TransformCallback } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { buildDebianImage } from './debian-image.ts';
import { smallFilesImage } from './small-files.ts';
import { mustRun } from '../e2e/support/run.ts';
import { digestOf, writeDockerArchive } from '../e2e/support/images.ts';
import { SHARED } from '../e2e/support/needs.ts';

export interface BenchImage {
  name: string;
  about: string;
  /** docker-archive, plain layers. */
  archive: string;
  /** OCI layout folder, gzipped layers. */
  layout: string;
  /** Bytes of all layers, uncompressed. */
  bytes: number;
  layers: number;
}

const MAKERS: { name: string; about: string; make: (archive: string, work: string) => Promise<void> }[] = [
  { name: 'alpine', about: 'alpine:3.11', make: gunzipAlpine },
  { name: 'debian', about: 'Debian 12 with Python, Java, Node and nginx', make: (archive, work) => buildDebianImage(archive, work) },
  {
    name: 'small-files',
    about: 'one layer of 60,000 small files',
    make: async (archive) => {
      writeDockerArchive(archive, smallFilesImage());
    },
  },
];

/** Makes whichever images are not there yet. */
export async function benchImages(work: string, only: string[] = []): Promise<BenchImage[]> {
  const folder = join(work, 'images');
  mkdirSync(folder, { recursive: true });
  const out: BenchImage[] = [];
  for (const { name, about, make } of MAKERS) {
    if (only.length > 0 && !only.includes(name)) continue;
    const archive = join(folder, `${name}.tar`);
    if (!existsSync(archive)) {
      const unfinished = join(folder, `${name}.unfinished.tar`);
      await make(unfinished, work);
      renameSync(unfinished, archive);
    }
    const layout = join(folder, `${name}-oci`);
    if (!existsSync(layout)) await archiveToLayout(archive, layout, folder);
    const { bytes, layers } = JSON.parse(readFileSync(join(layout, 'bench.json'), 'utf8')) as { bytes: number; layers: number };
    out.push({ name, about, archive, layout, bytes, layers });
  }
  return out;
}

async function gunzipAlpine(archive: string): Promise<void> {
  await pipeline(createReadStream(join(SHARED, 'images/alpine-3.11.tar.gz')), createGunzip(), createWriteStream(archive));
}

/** The same image with each layer gzipped, as registries keep it. */
async function archiveToLayout(archive: string, layout: string, folder: string): Promise<void> {
  const work = mkdtempSync(join(folder, 'convert-'));
  try {
    await mustRun('tar', ['-xf', archive, '-C', work]);
    const [entry] = JSON.parse(readFileSync(join(work, 'manifest.json'), 'utf8')) as [{ Config: string; RepoTags: string[]; Layers: string[] }];
    const unfinished = join(work, 'layout');
    const blobs = join(unfinished, 'blobs/sha256');
    mkdirSync(blobs, { recursive: true });
    let bytes = 0;
    const layers = [];
    for (const name of entry.Layers) {
      const path = join(work, name);
      bytes += statSync(path).size;
      const packed = join(work, 'layer.gz');
      const counter = new Counter();
      await pipeline(createReadStream(path), createGzip({ level: 6 }), counter, createWriteStream(packed));
      renameSync(packed, join(blobs, counter.digest.slice('sha256:'.length)));
      layers.push({ mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest: counter.digest, size: counter.bytes });
    }
    const put = (content: Buffer) => {
      const digest = digestOf(content);
      writeFileSync(join(blobs, digest.slice('sha256:'.length)), content);
      return { digest, size: content.length };
    };
    const config = put(readFileSync(join(work, entry.Config)));
    const manifestType = 'application/vnd.oci.image.manifest.v1+json';
    const manifest = put(
      Buffer.from(
        JSON.stringify({
          schemaVersion: 2,
          mediaType: manifestType,
          config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...config },
          layers,
        }),
      ),
    );
    const annotations = { 'org.opencontainers.image.ref.name': 'latest' };
    writeFileSync(join(unfinished, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [{ mediaType: manifestType, ...manifest, annotations }] }));
    writeFileSync(join(unfinished, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
    writeFileSync(join(unfinished, 'bench.json'), JSON.stringify({ bytes, layers: layers.length }));
    renameSync(unfinished, layout);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Counts and hashes what passes through. */
class Counter extends Transform {
  bytes = 0;
  readonly #hash = createHash('sha256');

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.bytes += chunk.length;
    this.#hash.update(chunk);
    done(null, chunk);
  }

  /** Once only, after the end. */
  get digest(): string {
    return `sha256:${this.#hash.copy().digest('hex')}`;
  }
}
