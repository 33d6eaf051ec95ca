import { afterEach, describe, expect, it, vi } from 'vitest';
import { api, ApiError, onSignedOut, searchRows, setCsrf, urlOf } from './client.ts';

function answer(status: number, body: unknown) {
  const called = vi.fn((_url: string, _init: RequestInit) => Promise.resolve(new Response(typeof body === 'string' ? body : JSON.stringify(body), { status })));
  vi.stubGlobal('fetch', called);
  return called;
}
const PROBLEM = { type: 'urn:plimsoll:problem:gone', title: 'Gone', status: 404, detail: 'There is no such image.', code: 'gone' };

afterEach(() => {
  vi.unstubAllGlobals();
  setCsrf(null);
  onSignedOut(() => undefined);
});

describe('calling the API by the names of routes', () => {
  it('fills parameters and leaves out what is not given', () => {
    expect(urlOf('imageDownload', { params: { id: 'sha256:a/b', format: 'spdx' } })).toBe('/api/v1/images/sha256%3Aa%2Fb/sbom/spdx');
    expect(urlOf('search', { params: { entity: 'hosts' }, query: { query: 'a b', sort: '', offset: 0, limit: undefined } })).toBe('/api/v1/search/hosts?query=a+b&offset=0');
    expect(() => urlOf('image')).toThrow('id');
  });

  it('sends the session’s token with changes alone', async () => {
    const called = answer(200, { ok: true });
    setCsrf('secret');
    await api('signOut');
    await api('tags');
    const headers = called.mock.calls.map(([, init]) => (init.headers as Record<string, string>)['x-csrf-token']);
    expect(headers).toEqual(['secret', undefined]);
  });

  it('throws what the server says', async () => {
    answer(404, PROBLEM);
    const error = await api('image', { params: { id: 'x' } }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ApiError);
    expect((error as ApiError).problem).toEqual(PROBLEM);
    expect((error as ApiError).message).toBe('There is no such image.');
  });

  it('says so when an answer is no JSON, and when there is none', async () => {
    answer(502, '<html>');
    await expect(api('tags')).rejects.toMatchObject({ status: 502, problem: { code: 'not-json' } });
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('failed')));
    await expect(api('tags')).rejects.toMatchObject({ status: 0, problem: { code: 'unreachable' } });
  });

  it('takes an empty answer for null', async () => {
    vi.stubGlobal('fetch', () => Promise.resolve(new Response(null, { status: 204 })));
    await expect(api('tags')).resolves.toBeNull();
  });

  it('tells when the session has ended, but not when a password was wrong', async () => {
    const ended = vi.fn();
    onSignedOut(ended);
    answer(401, { ...PROBLEM, status: 401 });
    await api('signIn', { body: { email: 'a@example.com', password: 'x' } }).catch(() => undefined);
    expect(ended).not.toHaveBeenCalled();
    await searchRows('images', { query: '' }).catch(() => undefined);
    expect(ended).toHaveBeenCalledOnce();
  });

  it('lets an aborted call fail as aborted', async () => {
    const stop = new AbortController();
    vi.stubGlobal('fetch', () => Promise.reject(new DOMException('stopped', 'AbortError')));
    stop.abort();
    await expect(api('tags', { signal: stop.signal })).rejects.toMatchObject({ name: 'AbortError' });
  });
});
