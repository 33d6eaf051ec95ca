import { describe, expect, it } from 'vitest';
import { ageOf, awayFor, isOld, supportText } from './age.ts';
import { isJudged } from './judged.ts';
import { commandOf, layerName } from './layers.ts';
import { shownAddress, webAddress } from './links.ts';
import { exactly } from './queries.ts';
import { asSentence } from './text.ts';
import { decoded } from './useId.ts';
import { weightOf } from './weight.ts';

describe('addresses from feeds', () => {
  it.each(['javascript:alert(1)', 'data:text/html,x', 'file:///etc/passwd', 'vbscript:x', 'JaVaScRiPt:alert(1)', ' javascript:alert(1)', '//example.com', 'not an address', '', null, undefined])('refuses %j', (text) => {
    expect(webAddress(text)).toBeNull();
  });
  it('takes web addresses', () => {
    expect(webAddress('https://nvd.nist.gov/vuln/detail/CVE-2021-44228')).toBe('https://nvd.nist.gov/vuln/detail/CVE-2021-44228');
    expect(webAddress('http://example.com')).toBe('http://example.com/');
  });
  it('shows them short', () => {
    expect(shownAddress('https://www.example.com/')).toBe('example.com');
    expect(shownAddress('https://nvd.nist.gov/vuln/detail/CVE-1?x=1')).toBe('nvd.nist.gov/vuln/detail/CVE-1');
  });
});

describe('commands of layers', () => {
  it.each([
    ['/bin/sh -c #(nop) ADD file:6cf3 in / ', 'ADD file:6cf3 in /'],
    ['/bin/sh -c #(nop)  CMD ["bash"]', 'CMD ["bash"]'],
    ['/bin/sh -c apt-get update', 'RUN apt-get update'],
    ['RUN /bin/sh -c npm ci # buildkit', 'RUN npm ci'],
    ['COPY . . # buildkit', 'COPY . .'],
    ['|1 VERSION=2 /bin/sh -c make', 'RUN make'],
    ['RUN |2 A=1 B=2 /bin/sh -c make install # buildkit', 'RUN make install'],
    ['bazel build ...', 'bazel build ...'],
  ])('%s', (createdBy, command) => expect(commandOf(createdBy)).toBe(command));
  it('are not made up', () => {
    expect(commandOf(null)).toBeNull();
    expect(commandOf('  ')).toBeNull();
  });
  it('make short names, counted from 1', () => {
    expect(layerName({ index: 0, createdBy: null })).toBe('Layer 1');
    expect(layerName({ index: 2, createdBy: `RUN ${'x'.repeat(100)}` })).toHaveLength('3 · '.length + 46 + 1);
  });
});

describe('ages', () => {
  const now = Date.parse('2026-11-24T12:00:00Z');
  it('of feeds, in days', () => {
    expect(ageOf('2026-11-24', now)).toBe('today');
    expect(ageOf('2026-11-23T11:00:00Z', now)).toBe('1 day old');
    expect(ageOf('2026-11-25T00:00:00Z', now)).toBe('today');
  });
  it('of feeds that miss a week', () => {
    expect(isOld('2026-11-17', now)).toBe(false);
    expect(isOld('2026-11-16', now)).toBe(true);
  });
  it('of a silence', () => {
    expect(awayFor('2026-11-24T11:46:00Z', now)).toBe('14 min');
    expect(awayFor('2026-11-24T12:00:05Z', now)).toBe('1 min');
  });
  it('of support: past, near, and nothing to say when it is far', () => {
    expect(supportText('2026-11-14', now)).toEqual({ over: true, text: 'ended 10 days ago' });
    expect(supportText('2026-11-24', now)).toEqual({ over: false, text: 'ends today' });
    expect(supportText('2026-12-24', now)?.over).toBe(false);
    expect(supportText('2028-06-30', now)).toBeNull();
  });
});

describe('finding nothing', () => {
  it('says something when packages were judged', () => {
    expect(isJudged({ matchedAt: '2026-11-24T00:00:00Z', packages: 10, judged: 8 })).toBe(true);
    expect(isJudged({ matchedAt: '2026-11-24T00:00:00Z', packages: 0, judged: 0 })).toBe(true);
  });
  it('says nothing when none were', () => {
    expect(isJudged({ matchedAt: '2026-11-24T00:00:00Z', packages: 10, judged: 0 })).toBe(false);
    expect(isJudged({ matchedAt: null, packages: 10, judged: null })).toBe(false);
    expect(isJudged({ matchedAt: null, packages: null, judged: null })).toBe(false);
  });
});

it('orders counts by the worst severity first; not scanned has no place', () => {
  const one = { 1: 900, 2: 900, 3: 900, 4: 900, 5: 0 };
  const two = { 1: 0, 2: 0, 3: 0, 4: 0, 5: 1 };
  expect(weightOf(two)!).toBeGreaterThan(weightOf(one)!);
  expect(weightOf({ ...two, 1: 1 })!).toBeGreaterThan(weightOf(two)!);
  expect(weightOf(null)).toBeNull();
});

it('reads ids from addresses, also those nobody encoded', () => {
  expect(decoded('sha256%3Aab')).toBe('sha256:ab');
  expect(decoded('sha256:ab')).toBe('sha256:ab');
  expect(decoded('%E0%A4%A')).toBe('%E0%A4%A');
});

it('quotes what has to be matched whole', () => {
  expect(exactly('sha256:ab')).toBe('`sha256:ab`');
  expect(exactly('a`b')).toBe('`a\\`b`');
});

it('makes sentences of reasons', () => {
  expect(asSentence('the version is not known')).toBe('The version is not known.');
  expect(asSentence('Done already.')).toBe('Done already.');
  expect(asSentence(' ')).toBe('');
});
