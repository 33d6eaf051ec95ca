import { InputError } from '@plimsoll/model';
import { readFileSync, realpathSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { fileRange } from '../../layers/file-range.ts';
import { MAX_JSON } from '../json.ts';
import type { LayerHints, LayerRef, LayerSink } from '../source.ts';
import type { BlobStore } from './blob-store.ts';

/** An OCI layout that lies open in a folder. Links that lead out of the folder are refused. */
export class FolderStore implements BlobStore {
  readonly label: string;
  readonly #root: string;
  readonly #blobs: string | undefined;

  /** @param blobs folder that stands in place of `blobs` within the layout */
  constructor(folder: string, blobs?: string) {
    this.label = folder;
    this.#root = realpathSync(folder);
    this.#blobs = blobs === undefined ? undefined : realpathSync(blobs);
  }

  #path(name: string): string | undefined {
    const elsewhere = this.#blobs !== undefined && name.startsWith('blobs/');
    const root = elsewhere ? this.#blobs! : this.#root;
    let path: string;
    try {
      path = realpathSync(join(root, elsewhere ? name.slice('blobs/'.length) : name));
    } catch {
      return undefined;
    }
    if (!path.startsWith(root + sep)) {
      throw new InputError('link-outside', `${this.label}: ${name} is a link that leads out of the folder`);
    }
    return statSync(path).isFile() ? path : undefined;
  }

  has(name: string): boolean {
    return this.#path(name) !== undefined;
  }

  size(name: string): number | undefined {
    const path = this.#path(name);
    return path === undefined ? undefined : statSync(path).size;
  }

  json(name: string): Promise<Buffer | undefined> {
    const path = this.#path(name);
    if (path === undefined) return Promise.resolve(undefined);
    const { size } = statSync(path);
    if (size > MAX_JSON) throw new InputError('json-too-large', `${this.label}: ${name} is ${size} bytes long; manifests and configs are at most ${MAX_JSON}`);
    return Promise.resolve(readFileSync(path));
  }

  async layer(name: string, hints: Omit<LayerHints, 'name' | 'again'>, sink: LayerSink): Promise<LayerRef> {
    const path = this.#path(name);
    if (path === undefined) throw new InputError('blob-missing', `${this.label}: the layer ${name} is missing`);
    const file = await open(path, 'r');
    try {
      const { size } = await file.stat();
      return await sink.read(() => fileRange(file, 0, size), { ...hints, name, again: true });
    } finally {
      await file.close();
    }
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
