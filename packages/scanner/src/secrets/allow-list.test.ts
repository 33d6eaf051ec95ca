import type { Secret } from '@plimsoll/model';
import { describe, expect, it } from 'vitest';
import { parseAllowList, withoutAllowed } from './allow-list.ts';
import { scanForSecrets } from './scan.ts';

const secret: Secret = { rule: 'jwt', title: '', severity: 3, path: 'srv/app/conf/a.yml', line: 1, masked: '', fingerprint: '00112233aabbccdd', layer: 0 };

describe('withoutAllowed', () => {
  it.each([
    [{ rule: 'jwt' }, true],
    [{ rule: 'npm-token' }, false],
    [{ path: '/srv/app/*' }, true],
    [{ path: 'srv/*/a.yml' }, true],
    [{ path: '*.json' }, false],
    [{ path: 'srv/app' }, false],
    [{ fingerprint: '00112233AABBCCDD' }, true],
    [{ rule: 'jwt', path: 'etc/*' }, false],
    [{ rule: 'jwt', path: '*a*y*l', fingerprint: '00112233aabbccdd' }, true],
  ])('%o', (entry, allowed) => {
    expect(withoutAllowed([secret], [entry])).toHaveLength(allowed ? 0 : 1);
  });

  it('allows keys of emulators by itself', () => {
    const azurite = ['Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6', 'IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=='].join('');
    expect(scanForSecrets('a/.env', Buffer.from(`AccountKey=${azurite}`))).toEqual([]);
  });
});

describe('parseAllowList', () => {
  it('reads entries', () => {
    expect(parseAllowList('[{"rule":"jwt","path":"a/*"}]', 'x')).toEqual([{ rule: 'jwt', path: 'a/*' }]);
  });

  it.each(['', '{}', '[1]', '[{}]', '[{"rule":1}]', '[{"file":"x"}]', '[{"path":""}]', '[{"__proto__":{}}]'])('refuses %s and says how to write it', (text) => {
    expect(() => parseAllowList(text, 'allow.json')).toThrow(/^allow\.json: .*fingerprint/);
  });
});
