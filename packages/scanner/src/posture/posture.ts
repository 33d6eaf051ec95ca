import type { PostureIssue } from '@plimsoll/model';
import { readInstructions } from './instructions.ts';
import type { FileFact, PostureInput } from './rule.ts';
import { POSTURE_RULES } from './rules/index.ts';

export type { FileFact, PostureInput } from './rule.ts';

const SETUID = 0o4000;
const SETGID = 0o2000;
const STICKY = 0o1000;
const OTHERS_WRITE = 0o002;
const ANY_EXECUTE = 0o111;

/** An image with more places than this for one rule has that habit throughout; the rest is counted, not listed. */
const MOST_OCCURRENCES = 50;

/**
 * Whether an entry's mode says something: a program that runs as another user or group, a file that
 * anybody may write, a folder in which anybody may replace what others put there. Links have no mode.
 */
export function isPostureFact(mode: number, kind: FileFact['kind']): boolean {
  if (kind === 'dir') return (mode & OTHERS_WRITE) !== 0 && (mode & STICKY) === 0;
  return (mode & OTHERS_WRITE) !== 0 || ((mode & (SETUID | SETGID)) !== 0 && (mode & ANY_EXECUTE) !== 0);
}

/** Judges an image by all rules: gravest first, then in the rules' order. */
export function evaluatePosture(input: PostureInput): PostureIssue[] {
  const subject = { ...input, now: input.now ?? new Date(), instructions: readInstructions(input.image) };
  const issues: PostureIssue[] = [];
  for (const rule of POSTURE_RULES) {
    const occurrences = rule.find(subject);
    for (const { subject: what, layer, severity } of occurrences.slice(0, MOST_OCCURRENCES)) {
      issues.push({
        rule: rule.id,
        title: rule.title,
        severity: severity ?? rule.severity,
        ...(what === undefined ? {} : { subject: what }),
        advice: rule.advice,
        ...(layer === undefined ? {} : { layer }),
      });
    }
    const more = occurrences.length - MOST_OCCURRENCES;
    if (more > 0) {
      issues.push({ rule: rule.id, title: rule.title, severity: rule.severity, subject: `${more} more`, advice: rule.advice });
    }
  }
  return issues.sort((a, b) => b.severity - a.severity);
}
