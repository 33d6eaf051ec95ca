import type { Image, OsRelease, Package, PostureIssue, Severity } from '@plimsoll/model';
import type { Instruction } from './instructions.ts';

/** An entry of the image's file tree whose mode is remarkable. */
export interface FileFact {
  /** Without leading slash. */
  path: string;
  /** Permission bits with setuid, setgid and sticky: 0o7777 of the mode. */
  mode: number;
  uid: number;
  kind: 'file' | 'dir';
  /** Index into `image.layers`. */
  layer: number;
}

export interface PostureInput {
  image: Image;
  os?: OsRelease | undefined;
  packages: readonly Package[];
  /** Entries of the merged tree for which `isPostureFact` holds. */
  fileFacts: readonly FileFact[];
  /** The day to judge support dates by; default today. */
  now?: Date | undefined;
}

/** The input and what is worked out from it once. */
export interface PostureSubject extends PostureInput {
  now: Date;
  /** The build history, bottom first. Empty where the image has none. */
  instructions: readonly Instruction[];
}

/** One place where a rule holds. */
export interface Occurrence {
  subject?: string | undefined;
  layer?: number | undefined;
  /** Where this one is graver or milder than the rule's usual. */
  severity?: Severity;
}

/** One habit. One rule is one file in `rules/`, listed in its index. */
export interface PostureRule {
  id: string;
  title: string;
  severity: Severity;
  /** What to do about it, as an instruction to whoever builds the image. */
  advice: string;
  find(subject: PostureSubject): Occurrence[];
}

export type { PostureIssue };
