import { expect, it } from 'vitest';
import { roleOptions, rolesWithin } from './roles.ts';

it('offers no role that is stronger than one’s own', () => {
  const all = ['admin', 'manager', 'reader', 'ci'] as const;
  expect(rolesWithin('admin', all)).toEqual(all);
  expect(rolesWithin('manager', all)).toEqual(['manager', 'reader', 'ci']);
  expect(rolesWithin('reader', all)).toEqual(['reader', 'ci']);
  expect(rolesWithin('sensor', all)).toEqual([]);
  expect(roleOptions(['ci'])).toEqual([{ value: 'ci', label: 'CI' }]);
});
