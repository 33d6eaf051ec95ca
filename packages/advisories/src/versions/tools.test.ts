import { execFileSync, spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dpkg } from './dpkg.ts';
import { pep440 } from './pep440.ts';
import { rpm } from './rpm.ts';

/** The ecosystems' own tools as judges, over generated pairs. Each tool is started once for all pairs. */
const runs = (command: string, ...args: string[]) => spawnSync(command, args).status === 0;
const hasDpkg = runs('dpkg', '--version');
const hasRpm = spawnSync('rpm', ['--eval', '%{lua:print(rpm.vercmp("1","2"))}']).stdout?.toString().trim() === '-1';
const hasPackaging = runs('python3', '-c', 'import packaging.version');

const number = fc.oneof(fc.constantFrom('0', '00', '1', '01', '10'), fc.nat(25).map(String));
const text = (parts: fc.Arbitrary<string>, maxLength: number) =>
  fc.array(parts, { maxLength }).map((list) => list.join(''));
const pairsOf = (version: fc.Arbitrary<string>, count: number) =>
  fc.sample(fc.tuple(version, version), { numRuns: count, seed: 440 }).concat(
    // Near-equal pairs: one version and the same with something behind.
    fc.sample(version, { numRuns: count / 2, seed: 441 }).map((v) => [v, `${v}1`] as [string, string]),
  );
const lines = (pairs: [string, string][]) => pairs.map((pair) => pair.join(' ')).join('\n') + '\n';
/** The pairs that the tool, which printed one result a pair, orders differently. */
function disagreements(compare: (a: string, b: string) => number, pairs: [string, string][], output: string): string[] {
  const results = output.trim().split(/\s+/).map(Number);
  expect(results).toHaveLength(pairs.length);
  return pairs.flatMap(([a, b], i) => {
    const ours = Math.sign(compare(a, b));
    return ours === results[i] ? [] : [`${a} ? ${b}: ${ours}, the tool says ${results[i]}`];
  });
}

describe.skipIf(!hasDpkg)('against dpkg --compare-versions (skipped: needs dpkg)', () => {
  it('agrees', () => {
    const part = fc.oneof(number, fc.constantFrom('.', '+', '~', 'a', 'Z', 'rc', 'dfsg', '~~', 'deb'));
    const upstream = fc.tuple(number, text(part, 5)).map((list) => list.join(''));
    const version = fc
      .tuple(fc.constantFrom('', '', '0:', '1:'), upstream, fc.oneof(fc.constant(''), upstream.map((r) => `-${r}`)))
      .map((list) => list.join(''));
    const pairs = pairsOf(version, 240);
    const script =
      'while read a b; do if dpkg --compare-versions "$a" lt "$b"; then echo -1; elif dpkg --compare-versions "$a" eq "$b"; then echo 0; else echo 1; fi; done';
    const output = execFileSync('sh', ['-c', script], { input: lines(pairs) }).toString();
    expect(disagreements(dpkg.compare, pairs, output)).toEqual([]);
  });
});

describe.skipIf(!hasRpm)('against rpm.vercmp (skipped: needs rpm with Lua)', () => {
  it('agrees', () => {
    const part = fc.oneof(number, fc.constantFrom('.', '_', '+', '~', '^', 'a', 'Z', 'rc', 'el', '..'));
    const upstream = fc.tuple(number, text(part, 6)).map((list) => list.join(''));
    const version = fc
      .tuple(fc.constantFrom('', '', '0:', '1:'), upstream, upstream)
      .map(([epoch, v, r]) => `${epoch}${v}-${r}`);
    const pairs = pairsOf(version, 1000);
    const list = pairs.map(([a, b]) => `"${a}","${b}"`).join(',');
    const output = execFileSync('rpm', ['--eval', `%{lua:local p={${list}} local r={} for i=1,#p,2 do r[#r+1]=rpm.vercmp(p[i],p[i+1]) end print(table.concat(r,' '))}`]);
    expect(disagreements(rpm.compare, pairs, output.toString())).toEqual([]);
  });
});

describe.skipIf(!hasPackaging)('against python packaging (skipped: needs python3 with packaging)', () => {
  it('agrees', () => {
    const maybe = (arbitrary: fc.Arbitrary<string>) => fc.oneof(fc.constant(''), arbitrary);
    const tagged = (tags: string[]) => fc.tuple(fc.constantFrom(...tags), maybe(number)).map((list) => list.join(''));
    const version = fc
      .tuple(
        fc.constantFrom('', '', '', '0!', '1!', 'v'),
        fc.array(number, { minLength: 1, maxLength: 3 }).map((list) => list.join('.')),
        maybe(tagged(['a', '.beta', '-c', 'rc', '_pre.', 'preview'])),
        maybe(fc.oneof(tagged(['.post', '-r', 'rev']), number.map((n) => `-${n}`))),
        maybe(tagged(['.dev', 'dev', '-dev_'])),
        maybe(fc.constantFrom('+1', '+a', '+1.a', '+A-2', '+01')),
      )
      .map((list) => list.join(''));
    const pairs = pairsOf(version, 1000);
    const script =
      'import sys\nfrom packaging.version import Version as V\nfor l in sys.stdin:\n a,b=map(V,l.split())\n print((a>b)-(a<b))';
    const output = execFileSync('python3', ['-c', script], { input: lines(pairs) }).toString();
    expect(disagreements(pep440.compare, pairs, output)).toEqual([]);
  });
});
