import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linkTo, readState, writeState } from './url.ts';

const DEFAULTS = { query: '', sort: '', tab: 'info' };

describe('state in the URL', () => {
  it('reads what the URL has and defaults for the rest', () => {
    expect(readState('query=state%3Arunning&other=1', DEFAULTS)).toEqual({ query: 'state:running', sort: '', tab: 'info' });
  });

  it('leaves defaults out of the URL and other keys in', () => {
    expect(writeState('?query=a&page=7', DEFAULTS, { query: '', tab: 'layers' })).toBe('page=7&tab=layers');
    expect(writeState('?tab=layers', DEFAULTS, { tab: 'info' })).toBe('');
  });

  it('gives back whatever was written', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (query, sort) => {
        const state = { ...DEFAULTS, query, sort };
        expect(readState(writeState('', DEFAULTS, state), DEFAULTS)).toEqual(state);
      }),
    );
  });

  it('links to a list with its query, and to an image by its digest', () => {
    expect(linkTo.list('images', 'label:"a&b=c"')).toBe('/images?query=label%3A%22a%26b%3Dc%22');
    expect(linkTo.list('images')).toBe('/images');
    expect(linkTo.image('sha256:ab', 'layers')).toBe('/images/sha256%3Aab?tab=layers');
  });
});
