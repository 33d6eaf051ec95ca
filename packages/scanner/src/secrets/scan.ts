import type { Secret } from '@plimsoll/model';
import { isBuiltInAllowed } from './allow-list.ts';
import { KeywordScanner } from './keyword-scanner.ts';
import { isSecretFileName, isTestPath } from './paths.ts';
import { fingerprint, mask } from './plausibility.ts';
import type { FileView, Found, KeywordRule, SecretRule } from './rule.ts';
import { SECRET_RULES } from './rules/index.ts';

/** A secret in one file, before it is known in which layer. */
export type FileSecret = Omit<Secret, 'path' | 'layer'>;

/** A file with more than this is a dump or made to swell the report; the rest is not listed. */
const MOST_SECRETS = 100;

/** Places looked at in one file, so that a file full of keywords costs no more than a few milliseconds. */
const MOST_PLACES = 20_000;

/** Git, grep and file call a file binary by its first 8 kB too. */
const BINARY_PROBE = 8 * 1024;

interface Claim {
  rule: SecretRule;
  rank: number;
  found: Found;
}

const FILE_RULES = SECRET_RULES.filter((rule) => rule.kind === 'file');
const RANK = new Map(SECRET_RULES.map((rule, index) => [rule, index]));

/** One scanner for the keywords of all rules; a keyword may belong to several. */
const KEYWORDS: string[] = [];
const RULES_OF_KEYWORD: KeywordRule[][] = [];
for (const rule of SECRET_RULES) {
  if (rule.kind !== 'keyword') continue;
  for (const word of new Set(rule.keywords.map((keyword) => keyword.toLowerCase()))) {
    let index = KEYWORDS.indexOf(word);
    if (index < 0) {
      index = KEYWORDS.push(word) - 1;
      RULES_OF_KEYWORD.push([]);
    }
    RULES_OF_KEYWORD[index]!.push(rule);
  }
}
const SCANNER = new KeywordScanner(KEYWORDS);

/**
 * Finds secrets in one file. Binary content has none, except in files whose name says they are secrets.
 * Files below test directories have none: their keys are public.
 * @param path without leading slash
 * @returns by line; at most 100
 */
export function scanForSecrets(path: string, content: Buffer): FileSecret[] {
  if (isTestPath(path)) return [];
  const isBinary = content.subarray(0, BINARY_PROBE).includes(0);
  if (isBinary && !isSecretFileName(path)) return [];

  const claims: Claim[] = [];
  let view: FileView | undefined;
  const viewFile = (): FileView => (view ??= { path, text: content.toString('latin1') });

  const basename = path.slice(path.lastIndexOf('/') + 1);
  for (const rule of FILE_RULES) {
    if (!rule.accepts(path, basename)) continue;
    for (const found of rule.read(viewFile()).slice(0, MOST_SECRETS * 4)) claims.push({ rule, rank: RANK.get(rule)!, found });
  }

  let places = 0;
  SCANNER.scan(content, (index, offset) => {
    for (const rule of RULES_OF_KEYWORD[index]!) {
      const found = rule.find(viewFile(), offset);
      if (found !== undefined) claims.push({ rule, rank: RANK.get(rule)!, found });
    }
    return ++places < MOST_PLACES && claims.length < MOST_SECRETS * 4;
  });
  return claims.length === 0 ? [] : report(claims, content);
}

/** Drops claims that overlap a more telling one, and those known to be public; orders by place. */
function report(claims: Claim[], content: Buffer): FileSecret[] {
  const kept: Claim[] = [];
  for (const claim of claims.sort((a, b) => a.rank - b.rank || a.found.start - b.found.start)) {
    const { start, end } = claim.found;
    if (kept.some(({ found }) => start < found.end && end > found.start)) continue;
    kept.push(claim);
  }
  kept.sort((a, b) => a.found.start - b.found.start);

  const secrets: FileSecret[] = [];
  let line = 1;
  let counted = 0;
  for (const { rule, found } of kept) {
    for (let at = content.indexOf(10, counted); at >= 0 && at < found.start; at = content.indexOf(10, at + 1)) line++;
    counted = Math.max(counted, found.start);
    const id = fingerprint(found.secret);
    if (isBuiltInAllowed(id)) continue;
    secrets.push({
      rule: rule.id,
      title: found.title ?? rule.title,
      severity: found.severity ?? rule.severity,
      line,
      masked: found.masked ?? mask(found.secret),
      fingerprint: id,
    });
    if (secrets.length === MOST_SECRETS) break;
  }
  return secrets;
}
