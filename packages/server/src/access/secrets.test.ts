import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkKey, openSecrets } from './secrets.ts';
import { withDatabase } from '../storage/testing.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plimsoll-secrets-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const BASE64 = Buffer.alloc(32, 7).toString('base64');
const HEX = Buffer.alloc(32, 7).toString('hex');

describe('secrets', () => {
  it('are opened by who has the key, and by nobody else', () => {
    const secrets = openSecrets(join(folder, 'new'), {});
    const sealed = secrets.seal('päss');
    expect(sealed).not.toContain('päss');
    expect(secrets.seal('päss')).not.toBe(sealed);
    expect(openSecrets(join(folder, 'new'), {}).open(sealed)).toBe('päss');
    expect(() => openSecrets(join(folder, 'other'), {}).open(sealed)).toThrow();
    expect(() => secrets.open(`${sealed.slice(0, -2)}AA`)).toThrow();
    for (const odd of ['', 'v1.', 'v1.AAAA', 'päss', sealed.slice(3)]) expect(() => secrets.open(odd)).toThrow();
  });

  it('have a key file that only its owner reads', () => {
    openSecrets(folder, {});
    const file = join(folder, 'secret.key');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(Buffer.from(readFileSync(file, 'utf8'), 'base64')).toHaveLength(32);
  });

  it('take the key from the environment, as base64 or hex', () => {
    const sealed = openSecrets(folder, { PLIMSOLL_SECRET_KEY: BASE64 }).seal('x');
    expect(openSecrets(join(folder, 'other'), { PLIMSOLL_SECRET_KEY: HEX }).open(sealed)).toBe('x');
  });

  it('say which key is none, and where it is', () => {
    expect(() => openSecrets(folder, { PLIMSOLL_SECRET_KEY: 'short' })).toThrow(/PLIMSOLL_SECRET_KEY.*32 bytes/);
    writeFileSync(join(folder, 'secret.key'), 'short');
    expect(() => openSecrets(folder, {})).toThrow(/secret\.key.*32 bytes/);
  });

  it('notice a database whose secrets have another key', async () => {
    await withDatabase(async (db) => {
      const secrets = openSecrets(folder, {});
      await checkKey(db, secrets);
      await checkKey(db, secrets);
      await expect(checkKey(db, openSecrets(join(folder, 'other'), {}))).rejects.toMatchObject({ code: 'secret-key-differs' });
    });
  });
});
