import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROUTES, routeOf } from './routes.tsx';

describe('pages', () => {
  it.each(ROUTES.map((route) => [route.page, route.path]))('%s is there, at %s', (page) => {
    expect(existsSync(join(import.meta.dirname, 'pages', page, 'index.tsx'))).toBe(true);
  });

  it('finds the page of an address', () => {
    expect(routeOf('/images')?.page).toBe('images');
    expect(routeOf('/images/sha256:ab')?.page).toBe('image');
    expect(routeOf('/images/')).toBeUndefined();
    expect(routeOf('/images/a/b')).toBeUndefined();
    expect(routeOf('/')?.page).toBe('dashboard');
  });
});
