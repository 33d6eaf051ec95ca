import { describe, expect, it } from 'vitest';
import { wantsSecretScan } from './paths.ts';

describe('wantsSecretScan', () => {
  it.each([
    'app/.env', 'root/.ssh/id_rsa', 'root/.aws/credentials', 'etc/nginx/nginx.conf', 'etc/ssl/private/server.key', 'srv/a.json', 'opt/app/config.yml',
    'usr/local/bin/entrypoint.sh', 'usr/local/etc/php/php.ini', 'usr/src/app/config.js', 'usr/share/nginx/html/config.js', 'usr/lib/cgi-bin/a.pl',
    'lib/systemd/system/app.service', 'usr/share/app/.env', 'usr/lib/app/id_rsa', 'app/.git/config', 'data', 'etc/shadow', 'home/u/.bash_history', 'tmp/key.pem',
  ])('wants %s', (path) => {
    expect(wantsSecretScan(path, 1000)).toBe(true);
  });

  it.each([
    'usr/share/doc/x/README', 'usr/lib/python3/a.py', 'usr/bin/env', 'lib/libc.a', 'var/lib/dpkg/status', 'app/node_modules/a/index.js',
    'usr/local/lib/python3.12/site-packages/a.py', 'opt/venv/lib/python3.12/site-packages/a/.env', 'app/.git/objects/ab/cdef', 'etc/ssl/certs/ca.pem', 'app/logo.PNG', 'app/a.so',
    'app/jquery.min.js', 'app/package-lock.json', 'app/yarn.lock', 'proc/1/environ', 'usr/local/go/src/a.go', 'app/locale/de/a.json',
  ])('leaves out %s', (path) => {
    expect(wantsSecretScan(path, 1000)).toBe(false);
  });

  it('leaves out empty and large files', () => {
    expect(wantsSecretScan('app/.env', 0)).toBe(false);
    expect(wantsSecretScan('app/.env', 1024 * 1024)).toBe(true);
    expect(wantsSecretScan('app/.env', 1024 * 1024 + 1)).toBe(false);
  });
});
