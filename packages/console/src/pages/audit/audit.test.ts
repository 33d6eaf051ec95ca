import { expect, it } from 'vitest';
import { actionText, pageOf, PAGE, pagesOf } from './audit.ts';

it('counts pages, and takes those of the address within bounds', () => {
  expect([pageOf('3'), pageOf('0'), pageOf('x'), pageOf('1.5'), pageOf('99999999')]).toEqual([3, 1, 1, 1, 1]);
  expect([pagesOf(0), pagesOf(PAGE), pagesOf(PAGE + 1)]).toEqual([0, 1, 2]);
});
it('says what was done in words', () => {
  expect([actionText('dashboardCreate'), actionText('sign-in.failed')]).toEqual(['Dashboard create', 'Sign in failed']);
});
