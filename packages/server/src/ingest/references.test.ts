import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { displayName, familiarName, fullName, fullNames, parseReference } from './references.ts';

const HEX = 'a'.repeat(64);

describe('references to images', () => {
  it.each([
    ['nginx', 'docker.io/library/nginx:latest', 'nginx:latest'],
    ['nginx:1.27', 'docker.io/library/nginx:1.27', 'nginx:1.27'],
    ['docker.io/library/nginx:1.27', 'docker.io/library/nginx:1.27', 'nginx:1.27'],
    ['docker.io/nginx:1.27', 'docker.io/library/nginx:1.27', 'nginx:1.27'],
    ['index.docker.io/grafana/grafana:11', 'docker.io/grafana/grafana:11', 'grafana/grafana:11'],
    ['localhost/shop', 'localhost/shop:latest', 'localhost/shop:latest'],
    ['localhost:5000/a/b/c:v1', 'localhost:5000/a/b/c:v1', 'localhost:5000/a/b/c:v1'],
    ['GHCR.io/acme/shop:3', 'ghcr.io/acme/shop:3', 'ghcr.io/acme/shop:3'],
    ['[::1]:5000/shop:1', '[::1]:5000/shop:1', '[::1]:5000/shop:1'],
    [`nginx@sha256:${HEX}`, `docker.io/library/nginx@sha256:${HEX}`, 'nginx@sha256:aaaaaaaaaaaa'],
    [`quay.io/x/y:1@sha256:${HEX}`, `quay.io/x/y:1@sha256:${HEX}`, 'quay.io/x/y:1'],
  ])('reads %s', (text, full, familiar) => {
    const reference = parseReference(text)!;
    expect(fullName(reference)).toBe(full);
    expect(familiarName(reference)).toBe(familiar);
  });

  it.each(['<none>:<none>', '<none>@<none>', '', ':', '@', 'a//b', 'Nginx', `sha256:${HEX}@sha256:1`, HEX, 'a'.repeat(600), 'nginx:\0'])('takes %j for none', (text) => {
    expect(parseReference(text)).toBeUndefined();
  });

  it('reads its own full names back, whatever was given', () => {
    const some = fc.stringMatching(/^[a-z0-9./:@_-]{0,40}$/);
    fc.assert(
      fc.property(fc.oneof(some, fc.string()), (text) => {
        const reference = parseReference(text);
        if (reference) expect(parseReference(fullName(reference))).toEqual(reference);
      }),
    );
  });

  it('names an image by what says most, in any order', () => {
    const references = ['nginx:latest', 'registry.example:5000/mirror/nginx:1.27.3', 'nginx:1.27', `nginx@sha256:${HEX}`].map((text) => parseReference(text)!);
    expect(displayName(`sha256:${HEX}`, references)).toBe('nginx:1.27');
    expect(displayName(`sha256:${HEX}`, references.toReversed())).toBe('nginx:1.27');
    expect(displayName(`sha256:${HEX}`, [])).toBe('aaaaaaaaaaaa');
  });

  it('lists each name once', () => {
    expect(fullNames(['nginx:1', 'docker.io/library/nginx:1', '<none>:<none>'])).toEqual(['docker.io/library/nginx:1']);
  });
});
