import type { ImageRow } from '@plimsoll/model/api';
import { parse } from '@plimsoll/query/syntax';
import { describe, expect, it } from 'vitest';
import { nextSort } from '../components/DataTable.tsx';
import { MOST_ROWS, PAGE, pagesOf, sortLocal } from '../components/rows.ts';
import { severityText } from '../severity.ts';
import { ROW } from '../testing/inventory.fixtures.ts';
import { containersOn, nameWithin, registryText } from './cells.tsx';
import { containers } from './containers.tsx';
import { events } from './events.tsx';
import { hosts } from './hosts.tsx';
import { images } from './images.tsx';
import { packages } from './packages.tsx';
import { registries } from './registries.tsx';
import { vulnerabilities } from './vulnerabilities.tsx';

const LISTS = [containers, events, hosts, images, packages, registries, vulnerabilities];

describe('lists', () => {
  it.each(LISTS.map((list) => [list.entity, list] as const))('%s: columns have names of their own, a title on narrow screens and an example that parses', (_, list) => {
    const ids = list.columns.map((column) => column.id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(list.columns.filter((column) => column.narrow === 'title')).toHaveLength(1);
    expect(() => parse(list.placeholder)).not.toThrow();
  });

  it('lead to queries that parse, whatever a package is called', () => {
    const row = { ...ROW.packages(0), name: 'a "b" and (c', version: '1:2~3+x' };
    const query = new URL(packages.href(row) ?? '', 'http://x').searchParams.get('query') ?? '';
    expect(() => parse(query)).not.toThrow();
  });

  it('lead from an event to the nearest thing it names', () => {
    const row = ROW.events(0);
    expect(events.href({ ...row, containerId: 'c1' })).toBe('/containers/c1');
    expect(events.href({ ...row, containerId: null, imageId: 'sha256:ab' })).toBe('/images/sha256%3Aab');
    expect(events.href({ ...row, containerId: null, imageId: null, hostId: null })).toBeNull();
  });

  it('say where containers are and what an image is called', () => {
    expect(containersOn(1, 1)).toBe('1 on 1 host');
    expect(containersOn(1200, 14)).toBe('1,200 on 14 hosts');
    expect(registryText([])).toBe('no name');
    expect(registryText([{ registry: 'docker.io' }, { registry: 'docker.io' }])).toBe('docker.io');
    expect(registryText([{ registry: 'docker.io' }, { registry: 'quay.io' }])).toBe('docker.io +1');
    expect(nameWithin('quay.io/prometheus/node-exporter:v1', [{ registry: 'quay.io' }])).toBe('prometheus/node-exporter:v1');
    expect(nameWithin('postgres:11', [{ registry: 'docker.io' }])).toBe('postgres:11');
  });

  it('name severities, worst first', () => {
    expect(severityText({ 5: 2, 4: 0, 3: 1, 2: 0, 1: 9 })).toBe('2 urgent, 1 serious, 9 minimal');
    expect(severityText({ 5: 0, 4: 0, 3: 0, 2: 0, 1: 0 })).toBe('no vulnerabilities found');
  });
});

describe('rows of a table', () => {
  it('asks for the pages in sight, besides the first that it always has', () => {
    expect(pagesOf(0, 40)).toEqual([]);
    expect(pagesOf(PAGE - 1, PAGE + 20)).toEqual([1]);
    expect(pagesOf(99_950, 99_999)).toEqual([999]);
    expect(pagesOf(0, MOST_ROWS).length).toBeLessThan(6);
  });

  it('turns the order around on the second click', () => {
    expect(nextSort('', 'name', false)).toBe('name');
    expect(nextSort('name', 'name', false)).toBe('-name');
    expect(nextSort('-name', 'name', false)).toBe('name');
    expect(nextSort('name', 'size', true)).toBe('-size');
  });

  it('sorts arrays by number or text, with what is unknown at the end', () => {
    const columns = [{ id: 'size', title: '', width: 1, cell: () => null, value: (row: Pick<ImageRow, 'size'>) => row.size }];
    const rows = [{ size: 10 }, { size: null }, { size: 9 }];
    expect(sortLocal(rows, columns, 'size').map((row) => row.size)).toEqual([9, 10, null]);
    expect(sortLocal(rows, columns, '-size').map((row) => row.size)).toEqual([10, 9, null]);
    expect(sortLocal(rows, columns, 'other')).toBe(rows);
    const names = [{ id: 'name', title: '', width: 1, cell: () => null, value: (row: { name: string }) => row.name }];
    expect(sortLocal([{ name: 'a10' }, { name: 'A9' }], names, 'name').map((row) => row.name)).toEqual(['A9', 'a10']);
  });
});
