import { describe, expect, it } from 'vitest';
import { isTouched, topicsOf } from './live.ts';

describe('changes as they happen', () => {
  it('reads topics, and nothing from what is no change', () => {
    expect(topicsOf('{"topic":"images","ids":["a"]}')).toEqual(['images']);
    expect(topicsOf('[{"topic":"hosts"},{"topic":"tags"},{}]')).toEqual(['hosts', 'tags']);
    expect(topicsOf('nonsense')).toEqual([]);
    expect(topicsOf('null')).toEqual([]);
  });

  it('asks again for what a change can touch, and for no more', () => {
    expect(isTouched(['search', { entity: 'containers' }, {}], ['containers'])).toBe(true);
    expect(isTouched(['search', { entity: 'vulnerabilities' }, {}], ['containers'])).toBe(false);
    expect(isTouched(['facets', { entity: 'images' }, {}], ['findings'])).toBe(true);
    expect(isTouched(['image', { id: 'x' }, null], ['findings'])).toBe(true);
    expect(isTouched(['users', null, null], ['findings', 'hosts', 'images'])).toBe(false);
    expect(isTouched(['search', { entity: 'images' }, {}], ['constructor', 'unheard-of'])).toBe(false);
  });
});
