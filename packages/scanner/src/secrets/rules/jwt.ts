import { entropy } from '../plausibility.ts';
import { matchAt, startsToken } from '../token-rule.ts';
import type { FileView, Found, KeywordRule } from '../rule.ts';

const JWT = /(eyJ[A-Za-z0-9_-]{10,2000})\.(eyJ[A-Za-z0-9_-]{4,8000})\.([A-Za-z0-9_-]{40,1400})(?![A-Za-z0-9_.-])/y;

/**
 * Signed JSON web tokens (RFC 7519). Headers begin with `{"alg":`, `{"typ":"J`, `{"kid":`, `{"x5t` or `{"cty`.
 * Left out are the samples of jwt.io and tokens that are meant for browsers (Supabase's `anon` role).
 */
const rule: KeywordRule = {
  kind: 'keyword',
  id: 'jwt',
  title: 'Signed JSON web token',
  severity: 3,
  keywords: ['eyJhbGciOi', 'eyJ0eXAiOi', 'eyJraWQiOi', 'eyJ4NXQ', 'eyJjdHki', 'eyAiYWxn', 'eyJhbGciIDog', 'eyJ0eXAiIDog'],
  find: findJwt,
};
export default rule;

function findJwt(file: FileView, at: number): Found | undefined {
  if (!startsToken(file.text, at)) return undefined;
  const match = matchAt(JWT, file.text, at);
  if (match === undefined) return undefined;
  const header = decode(match[1]!);
  const payload = decode(match[2]!);
  if (header === undefined || payload === undefined) return undefined;
  const algorithm = header.get('alg');
  if (typeof algorithm !== 'string' || algorithm.toLowerCase() === 'none') return undefined;
  if (payload.get('name') === 'John Doe' || payload.get('sub') === '1234567890') return undefined;
  if (payload.get('role') === 'anon' || /example|joe\b/i.test(String(payload.get('iss') ?? ''))) return undefined;
  if (entropy(match[3]!) < 4) return undefined;
  const found: Found = { start: at, end: at + match[0].length, secret: match[0] };
  if (String(payload.get('iss') ?? '').includes('kubernetes/serviceaccount')) {
    return { ...found, severity: 4, title: 'Kubernetes service account token' };
  }
  return found;
}

/** The members of a JSON object in base64url. A map, since the names are anybody's. */
function decode(part: string): Map<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return value !== null && typeof value === 'object' ? new Map(Object.entries(value)) : undefined;
  } catch {
    return undefined;
  }
}
