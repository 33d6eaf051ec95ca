import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AdvisoryRecord } from '../feeds/feed.ts';
import { changedPackages } from './changed-packages.ts';
import { arbitraryRecords, buildFrom } from './database.fixtures.ts';
import { openDatabase } from './open.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'plimsoll-changed-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function fileOf(name: string, records: AdvisoryRecord[]): Promise<string> {
  const { file } = await buildFrom(folder, { records, cves: [] });
  const named = join(folder, name);
  renameSync(file, named);
  return named;
}

const record = (id: string, name: string, fixed: string, more: Partial<AdvisoryRecord> = {}): AdvisoryRecord => ({
  id, cves: [], aliases: [], severity: [], links: [],
  affected: [{ ecosystem: 'Debian:12', package: name, ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed }] }], versions: [] }],
  ...more,
});

describe('changedPackages', () => {
  it('names packages whose advisories came, went or changed, and no other', async () => {
    const before = await fileOf('before.db', [record('A-1', 'same', '1'), record('A-2', 'gone', '1'), record('A-3', 'fix-moved', '1'), record('A-4', 'word', '1'), record('Z-9', 'last', '3')]);
    // The new record sorts first, so that all records get other numbers.
    const after = await fileOf('after.db', [record('A-0', 'aaa-new', '2'), record('A-1', 'same', '1'), record('A-3', 'fix-moved', '2'), record('A-4', 'word', '1', { vendorSeverity: 'high' }), record('Z-9', 'last', '3')]);
    expect((await changedPackages(before, after)).map(({ name }) => name).sort()).toEqual(['aaa-new', 'fix-moved', 'gone', 'word']);
    expect(await changedPackages(after, after)).toEqual([]);
  });

  it('tells exactly the packages that lookups answer differently for', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryRecords, arbitraryRecords, async (a, b) => {
        const before = await fileOf('a.db', a);
        const after = await fileOf('b.db', b);
        const [old, fresh] = [openDatabase(before), openDatabase(after)];
        const names = new Map([...a, ...b].flatMap(({ affected }) => affected).map((entry) => [JSON.stringify([entry.ecosystem, entry.package]), entry]));
        const told = new Set((await changedPackages(before, after)).map(({ ecosystem, name }) => JSON.stringify([ecosystem, name])));
        const lookups = [...names.values()].map(({ ecosystem, package: name }) => ({
          ecosystem, old: old.advisoriesFor(ecosystem, name), fresh: fresh.advisoriesFor(ecosystem, name),
        }));
        old.close();
        fresh.close();
        for (const { ecosystem, old: before, fresh: after } of lookups) {
          const name = (before[0] ?? after[0])?.package;
          if (name === undefined) continue;
          const differ = JSON.stringify(before) !== JSON.stringify(after);
          if (differ) expect(told).toContain(JSON.stringify([ecosystem, name]));
        }
      }),
      { numRuns: 40 },
    );
  });
});
