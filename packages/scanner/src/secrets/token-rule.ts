import type { Severity } from '@plimsoll/model';
import { entropy, looksMadeUp } from './plausibility.ts';
import type { FileView, Found, KeywordRule } from './rule.ts';

interface TokenRuleParts {
  id: string;
  title: string;
  severity: Severity;
  /** Fixed beginnings of the token. */
  prefixes: readonly string[];
  /**
   * The whole token from its prefix on, sticky (`y`). Group 1, if any, is the random part.
   * Character classes with bounded counts only.
   */
  pattern: RegExp;
  /** Least entropy of the random part in bits a character. Default 3. */
  minEntropy?: number;
  /** A last look; may change severity or title by returning them. */
  judge?(token: string, random: string, file: FileView): boolean | { severity: Severity; title: string };
}

/** A rule for tokens that are known by a fixed prefix. */
export function tokenRule(parts: TokenRuleParts): KeywordRule {
  const { id, title, severity, prefixes, pattern, minEntropy = 3, judge } = parts;
  return {
    kind: 'keyword',
    id,
    title,
    severity,
    keywords: prefixes,
    find(file, at) {
      if (!startsToken(file.text, at)) return undefined;
      const match = matchAt(pattern, file.text, at);
      if (match === undefined) return undefined;
      const token = match[0];
      const random = match[1] ?? token;
      if (entropy(random) < minEntropy || looksMadeUp(random)) return undefined;
      const verdict = judge === undefined ? true : judge(token, random, file);
      if (verdict === false) return undefined;
      const found: Found = { start: at, end: at + token.length, secret: token };
      return verdict === true ? found : { ...found, ...verdict };
    },
  };
}

interface AssignedRuleParts {
  id: string;
  title: string;
  severity: Severity;
  /** Names or words that make the value's meaning certain. */
  keywords: readonly string[];
  /** What may stand between the keyword and the value, at most, in bytes. Default 60. */
  reach?: number;
  /** The value, with group 1; searched from the keyword on. Character classes with bounded counts only. */
  pattern: RegExp;
  minEntropy?: number;
  judge?(value: string, file: FileView): boolean;
}

/** A rule for secrets without a form of their own, known by a word shortly before them. */
export function assignedRule(parts: AssignedRuleParts): KeywordRule {
  const { id, title, severity, keywords, reach = 60, pattern, minEntropy = 3, judge } = parts;
  const longestValue = 600;
  return {
    kind: 'keyword',
    id,
    title,
    severity,
    keywords,
    find(file, at) {
      const stretch = file.text.slice(at, at + reach + longestValue);
      const match = pattern.exec(stretch);
      const value = match?.[1];
      if (match === null || value === undefined) return undefined;
      const offset = match.index + match[0].lastIndexOf(value);
      if (offset > reach) return undefined;
      if (entropy(value) < minEntropy || looksMadeUp(value)) return undefined;
      if (judge !== undefined && !judge(value, file)) return undefined;
      return { start: at + offset, end: at + offset + value.length, secret: value };
    },
  };
}

/** Runs a sticky pattern at one place. */
export function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text) ?? undefined;
}

/**
 * True when a token can begin here: not in the middle of a word, but after an escape such as `\n`
 * in a JSON string or `%3D` in a URL.
 */
export function startsToken(text: string, at: number): boolean {
  if (at === 0) return true;
  if (!/[A-Za-z0-9_-]/.test(text[at - 1]!)) return true;
  return /(?:\\[nrt]|%[0-9A-Fa-f]{2})$/.test(text.slice(Math.max(0, at - 3), at));
}
