import type { FileCatalogue } from '../catalogers/cataloger.ts';
import type { PathSet } from './path.ts';

/** What one file of a layer told one cataloguer. */
export interface LayerFile extends FileCatalogue {
  path: string;
  cataloger: string;
}

export interface LayerSecret {
  path: string;
  rule: string;
  title: string;
  severity: number;
  line: number;
  masked: string;
}

/** An entry whose mode people should know of: setuid, setgid, world-writable. */
export interface LayerFact {
  path: string;
  mode: number;
  uid: number;
  kind: 'file' | 'dir';
}

export interface LayerWarning {
  code: string;
  message: string;
  path?: string;
  incomplete: boolean;
}

/**
 * Everything the scanner keeps of a layer. It depends on the layer's bytes alone, so it is made once
 * per diff ID and merged with other layers' by the overlay rules afterwards.
 */
export interface LayerCatalogue {
  /** Absent for a root file system that is no tar. */
  diffId?: string;
  /** Bytes of the uncompressed tar. */
  size: number;
  /** Number of entries. */
  entries: number;
  files: LayerFile[];
  /** Texts of the files that tell the operating system, by path. */
  osFiles: [path: string, text: string][];
  secrets: LayerSecret[];
  facts: LayerFact[];
  warnings: LayerWarning[];
  /** Folders of which this layer hides everything below it that lower layers brought. */
  opaque: string[];
  /**
   * Every path that is not a folder, whiteouts included: what hides the same path, and all below it, in lower
   * layers. Folders are in it with a slash at the end: they hide a lower file of their name, nothing else.
   */
  replaced: PathSet;
}
