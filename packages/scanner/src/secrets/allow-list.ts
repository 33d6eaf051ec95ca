import { InputError, type Secret } from '@plimsoll/model';

/** One entry of a user's allow-list: a secret is allowed when everything the entry names agrees. */
export interface AllowedSecret {
  rule?: string;
  /** Path in the image, where `*` stands for any characters, slashes too. */
  path?: string;
  /** As in the report: the first 16 hex digits of the secret's SHA-256. */
  fingerprint?: string;
}

/**
 * Values that vendors print in their manuals or build into emulators, by fingerprint, so that no file
 * of this project holds them.
 */
const PUBLIC_VALUES: ReadonlySet<string> = new Set<string>([
  '0011cc25eb432071', // account key of the Azure storage emulator (Azurite), documented by Microsoft
  'aa6547439583c3a2', // account key of the Azure Cosmos DB emulator, documented by Microsoft
]);

export function isBuiltInAllowed(fingerprint: string): boolean {
  return PUBLIC_VALUES.has(fingerprint);
}

/** Leaves out the secrets that the list allows. Applied after a scan, so that cached layers stay valid. */
export function withoutAllowed<S extends Secret>(secrets: readonly S[], allowed: readonly AllowedSecret[]): S[] {
  return secrets.filter((secret) => !allowed.some((entry) => covers(entry, secret)));
}

function covers(entry: AllowedSecret, secret: Secret): boolean {
  return (
    (entry.rule === undefined || entry.rule === secret.rule) &&
    (entry.path === undefined || matchesGlob(entry.path.replace(/^\//, ''), secret.path)) &&
    (entry.fingerprint === undefined || entry.fingerprint.toLowerCase() === secret.fingerprint)
  );
}

/** `*` matches greedily from left to right with one point to return to, so the time is at most quadratic. */
function matchesGlob(glob: string, path: string): boolean {
  let g = 0;
  let p = 0;
  let star = -1;
  let resume = 0;
  while (p < path.length) {
    if (glob[g] === '*') {
      star = g++;
      resume = p;
    } else if (glob[g] === path[p]) {
      g++;
      p++;
    } else if (star >= 0) {
      g = star + 1;
      p = ++resume;
    } else {
      return false;
    }
  }
  while (glob[g] === '*') g++;
  return g === glob.length;
}

/**
 * Reads an allow-list: a JSON array of entries.
 * @param source what to call it in messages, mostly its path
 * @throws InputError `allow-list-invalid`
 */
export function parseAllowList(text: string, source: string): AllowedSecret[] {
  const invalid = (why: string): InputError =>
    new InputError('allow-list-invalid', `${source}: ${why}; write [{"rule": "…", "path": "…", "fingerprint": "…"}] with at least one of the three`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw invalid(`not JSON (${cause instanceof Error ? cause.message : String(cause)})`);
  }
  if (!Array.isArray(value)) throw invalid('not a JSON array');
  return value.map((item: unknown, index) => {
    if (item === null || typeof item !== 'object') throw invalid(`entry ${index + 1} is not an object`);
    const entry: AllowedSecret = {};
    for (const [key, field] of Object.entries(item)) {
      if (key !== 'rule' && key !== 'path' && key !== 'fingerprint') throw invalid(`entry ${index + 1} has the unknown key "${key}"`);
      if (typeof field !== 'string' || field === '') throw invalid(`"${key}" of entry ${index + 1} is not a text`);
      entry[key] = field;
    }
    // An entry that names nothing would allow everything.
    if (Object.keys(entry).length === 0) throw invalid(`entry ${index + 1} is empty`);
    return entry;
  });
}
