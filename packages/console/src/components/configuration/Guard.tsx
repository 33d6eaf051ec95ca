import type { ReactNode } from 'react';
import { useCan } from '../../api/session.ts';
import type { Right } from '../../api/session.ts';
import { NoAccess } from '../AppShell.tsx';
import { Page } from '../Page.tsx';

/** A page for those who have a right; others are told so, however they came here. The server refuses them as well. */
export function Guard({ needs, title, children }: { needs: Right; title: string; children: ReactNode }) {
  return useCan(needs) ? children : <Page title={title}><NoAccess /></Page>;
}
