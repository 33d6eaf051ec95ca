import { InputError } from '@plimsoll/model';
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sql from 'sql-template-tag';
import type { Queryable, Secrets } from '../context.ts';

/**
 * Client secrets and the set-up code are kept encrypted (AES-256-GCM), so that reading the database is not enough
 * to have them. The key is PLIMSOLL_SECRET_KEY, or the file `secret.key` in the data folder, made at the first
 * start. Server processes on one database need the same key.
 */
const KEY_FILE = 'secret.key';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const FORMAT = 'v1.';

/** @throws InputError `secret-key` when the key given is none, or its file cannot be used. */
export function openSecrets(dataDir: string, env: NodeJS.ProcessEnv = process.env): Secrets {
  const given = env['PLIMSOLL_SECRET_KEY'];
  return secretsOf(given ? parseKey(given, 'PLIMSOLL_SECRET_KEY') : keyOfFile(dataDir));
}

function keyOfFile(dataDir: string): Buffer {
  const file = join(dataDir, KEY_FILE);
  if (!existsSync(file)) makeKeyFile(dataDir, file);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new InputError('secret-key', `The key ${file} cannot be read: ${(error as Error).message}. It has to belong to the account that runs the server.`, { cause: error });
  }
  return parseKey(text, file);
}

function makeKeyFile(dataDir: string, file: string): void {
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    writeFileSync(draft, `${randomBytes(KEY_BYTES).toString('base64')}\n`, { flag: 'wx', mode: 0o600 });
    // Whole or not at all, and never over one that is there: processes that start at once come to one key.
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return;
    throw new InputError('secret-key', `The key ${file} cannot be written: ${(error as Error).message}. Give a data folder that the server may write to.`, { cause: error });
  } finally {
    rmSync(draft, { force: true });
  }
}

function parseKey(text: string, where: string): Buffer {
  const trimmed = text.trim();
  const key = /^[0-9a-f]{64}$/i.test(trimmed) ? Buffer.from(trimmed, 'hex') : Buffer.from(trimmed, 'base64');
  if (key.length !== KEY_BYTES) throw new InputError('secret-key', `${where} is no key: it has to be 32 bytes as base64 or hex. Make one with: openssl rand -base64 32`);
  return key;
}

function secretsOf(key: Buffer): Secrets {
  return {
    seal(plain) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, nonce);
      const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
      return FORMAT + Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64url');
    },
    open(sealed) {
      const bytes = Buffer.from(sealed.startsWith(FORMAT) ? sealed.slice(FORMAT.length) : '', 'base64url');
      if (bytes.length < NONCE_BYTES + TAG_BYTES) throw new Error('This was not sealed by this server.');
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
      decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
      return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]).toString('utf8');
    },
  };
}

const KEY_CHECK = 'key-check';

/**
 * Sees that this process has the key that the database's secrets are sealed with; the first process leaves a mark.
 * @throws InputError `secret-key-differs`
 */
export async function checkKey(db: Queryable, secrets: Secrets): Promise<void> {
  await db.run(sql`insert into settings (key, value) values (${KEY_CHECK}, to_jsonb(${secrets.seal(KEY_CHECK)}::text)) on conflict (key) do nothing`);
  const row = await db.one<{ value: string }>(sql`select value from settings where key = ${KEY_CHECK}`);
  try {
    if (secrets.open(row!.value) === KEY_CHECK) return;
  } catch {
    // Said below.
  }
  throw new InputError(
    'secret-key-differs',
    'The secrets in this database were sealed with another key. Give all servers on it the same PLIMSOLL_SECRET_KEY (or the same secret.key in their data folders). ' +
      `When that key is lost: delete from settings where key in ('${KEY_CHECK}', 'setup', 'oidc'), start again and set up single sign-on anew.`,
  );
}
