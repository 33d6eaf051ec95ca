import { sentence } from '../../format.ts';

/** Entries on a page. */
export const PAGE = 100;

/** The page of the address, from 1; the first where it says nothing sensible. */
export function pageOf(text: string): number {
  const page = Number(text);
  return Number.isSafeInteger(page) && page >= 1 && page <= 10_000 ? page : 1;
}

export function pagesOf(total: number): number {
  return Math.ceil(total / PAGE);
}

/** dashboardCreate, sign-in.failed → Dashboard create, Sign in failed */
export function actionText(action: string): string {
  return sentence(action.replaceAll(/([a-z])([A-Z])/g, (_, before: string, after: string) => `${before} ${after.toLowerCase()}`).replaceAll('.', ' '));
}
