/** How the bytes of an image were reached. */
export type SourceKind =
  | 'oci'
  | 'oci-archive'
  | 'docker-archive'
  | 'docker'
  | 'registry'
  | 'dir'
  | 'rootfs-archive'
  | 'sbom';

export interface Platform {
  os: string;
  architecture: string;
  variant?: string;
}

/** One layer of the image, bottom first. */
export interface Layer {
  index: number;
  /** Digest of the uncompressed tar. Absent for a root file system or an SBOM. */
  diffId?: string;
  /** Digest of the blob as stored (compressed); absent where the source does not know it. */
  digest?: string;
  /** Bytes of the uncompressed tar. */
  size?: number;
  mediaType?: string;
  /** Index into `image.history` of the step that made this layer. */
  historyStep?: number;
  /** That step's command, for display: `RUN apt-get install -y nginx`. */
  createdBy?: string;
  /** True when the layer belongs to the base image, false when it does not, absent when no base is known. */
  fromBase?: boolean;
}

export interface HistoryStep {
  created?: string;
  createdBy?: string;
  comment?: string;
  emptyLayer: boolean;
}

/** The parts of the image config (OCI image-spec config.md) that people ask about. */
export interface ImageConfig {
  user?: string;
  env?: string[];
  entrypoint?: string[];
  cmd?: string[];
  workingDir?: string;
  exposedPorts?: string[];
  volumes?: string[];
  labels?: Record<string, string>;
  healthcheck?: string[];
}

export interface Image {
  /** What the person typed, without scheme prefix. */
  reference: string;
  kind: SourceKind;
  /** Digest of the image config: the image ID that Docker shows. */
  id?: string;
  /** Digest of the manifest, where the source has one. */
  digest?: string;
  tags: string[];
  repoDigests: string[];
  platform?: Platform;
  created?: string;
  /** Bytes of all layers, uncompressed. */
  size?: number;
  layers: Layer[];
  history: HistoryStep[];
  config?: ImageConfig;
  /** The base image, given by `--base`, by label, or found by its layers. */
  base?: BaseImage;
}

export interface BaseImage {
  /** A reference where one is known. */
  reference?: string;
  digest?: string;
  /** How it is known. */
  foundBy: 'flag' | 'layers' | 'history';
  /** How many of the image's layers, from the bottom, are the base's. */
  layers: number;
}

/** What `os-release` says, and what we know of that release. */
export interface OsRelease {
  /** `ID` of os-release: debian, alpine, rhel… */
  id: string;
  /** `ID_LIKE`, split. */
  idLike: string[];
  /** `VERSION_ID`; absent for rolling releases. */
  versionId?: string;
  codename?: string;
  /** `PRETTY_NAME`, for people. */
  prettyName: string;
  /** Name of OSV's ecosystem for it, release included: `Debian:12`, `Alpine:v3.11`, `Wolfi`. Absent where OSV has none. */
  ecosystem?: string;
  /** Last day of vendor's standard support, `YYYY-MM-DD`. */
  endOfSupport?: string;
  /** Last day of the vendor's paid or long-term support, where there is one. */
  endOfExtendedSupport?: string;
}
