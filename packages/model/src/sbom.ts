import type { Image, OsRelease } from './image.ts';
import type { Package } from './package.ts';

/** Something that kept part of the image from being looked at. */
export interface Warning {
  /** Stable, for scripts: `dpkg-status-corrupt`, `archive-too-deep`… */
  code: string;
  message: string;
  layer?: number;
  path?: string;
  /** True when packages may be missing because of it. */
  incomplete: boolean;
}

/** A secret found in a file or in the image config. The secret itself is never kept, only a masked excerpt. */
export interface Secret {
  /** Rule id: `private-key`, `aws-access-key-id`… */
  rule: string;
  title: string;
  /** 1–5, as for findings. */
  severity: number;
  path: string;
  /** 1-based. */
  line: number;
  /** `AKIA****************` */
  masked: string;
  /** First 16 hex digits of the secret's SHA-256: names it in allow-lists and across images. */
  fingerprint?: string;
  layer: number;
}

/** A habit that people regret: runs as root, setuid file, world-writable path… */
export interface PostureIssue {
  rule: string;
  title: string;
  severity: number;
  /** What exactly: the path, the variable's name. */
  subject?: string;
  /** What to do about it. */
  advice: string;
  layer?: number;
}

/** What is in an image. The currency between whoever has the bytes and whoever has the advisories. */
export interface Sbom {
  image: Image;
  os?: OsRelease;
  packages: Package[];
  secrets: Secret[];
  posture: PostureIssue[];
  warnings: Warning[];
}
