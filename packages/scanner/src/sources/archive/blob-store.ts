import type { LayerHints, LayerRef, LayerSink } from '../source.ts';

/** Named files of an image in one of its stored forms: a folder, a tar on disk, a tar that only streams by. */
export interface BlobStore {
  /** For messages: the path or the engine's name of it. */
  readonly label: string;
  has(name: string): boolean;
  /** Content of a small file; undefined where there is none of that name. @throws InputError when it is larger than `MAX_JSON` */
  json(name: string): Promise<Buffer | undefined>;
  /** Gives a layer to the sink, unless the sink has it. @throws InputError when there is no such file */
  layer(name: string, hints: Omit<LayerHints, 'name' | 'again'>, sink: LayerSink): Promise<LayerRef>;
  /** Stored bytes of a file, where known. */
  size(name: string): number | undefined;
  close(): Promise<void>;
}
