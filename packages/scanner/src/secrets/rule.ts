import type { Severity } from '@plimsoll/model';

/** What a rule says of one secret. Offsets are bytes in the file. */
export interface Found {
  /** Where the secret itself starts, for the line number and to tell overlapping rules apart. */
  start: number;
  end: number;
  /** The secret's text, from which the mask and the fingerprint are made. It never leaves this folder. */
  secret: string;
  /** How it may be shown; by default the first characters and then stars. */
  masked?: string;
  /** Where this one is graver or milder than the rule's usual. */
  severity?: Severity;
  title?: string;
}

/** The file a rule looks at: one Latin-1 character a byte, so offsets are byte offsets. */
export interface FileView {
  path: string;
  text: string;
}

interface RuleBase {
  /** Stable, in lower case with hyphens. */
  id: string;
  title: string;
  /** 5 gives an attacker something at once and outside the image, 1 is a hint. */
  severity: Severity;
}

/** Runs at each place where one of its keywords stands in a text file. */
export interface KeywordRule extends RuleBase {
  kind: 'keyword';
  /** At least four ASCII characters each, compared without regard to case. */
  keywords: readonly string[];
  /** Looks at one keyword's place. Must be linear in a bounded stretch around `at`. */
  find(file: FileView, at: number): Found | undefined;
}

/** Runs once on files whose path says that they hold secrets, also when they are binary. */
export interface FileRule extends RuleBase {
  kind: 'file';
  accepts(path: string, basename: string): boolean;
  read(file: FileView): Found[];
}

export type SecretRule = KeywordRule | FileRule;
