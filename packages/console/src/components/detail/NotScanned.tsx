import type { ScanState } from '@plimsoll/model/api';
import { CircleAlert, CircleDashed, LoaderCircle } from 'lucide-react';
import type { ReactNode } from 'react';
import { EmptyState } from '../States.tsx';

const TITLES: Partial<Record<ScanState, string>> = {
  analysing: 'It is being analysed now',
  failed: 'The scan failed',
  scanned: 'Not judged yet',
  incomplete: 'Not judged yet',
};
const ICONS: Partial<Record<ScanState, ReactNode>> = {
  analysing: <LoaderCircle size={28} className="spinning" aria-hidden="true" />,
  failed: <CircleAlert size={28} className="not-scanned-failed" aria-hidden="true" />,
};
const REASONS: Partial<Record<ScanState, string>> = {
  analysing: 'A sensor reads its content. What it finds appears here by itself.',
  failed: 'The sensor gave no reason. It is tried again by itself.',
  scanned: 'Its content was read, but no advisory data has judged it yet.',
  incomplete: 'Its content was read, but no advisory data has judged it yet.',
};

interface NotScannedProps {
  /** "image", "host" */
  kind: string;
  state: ScanState;
  reason: string | null;
}

/** Nothing is known of what is in it: said as such, so that nobody takes it for clean. */
export function NotScanned({ kind, state, reason }: NotScannedProps) {
  return (
    <div className="card">
      <EmptyState title={TITLES[state] ?? 'Not scanned'} icon={ICONS[state] ?? <CircleDashed size={28} aria-hidden="true" />}>
        <p>{reason ?? REASONS[state] ?? `No sensor has read the content of this ${kind} yet.`}</p>
        <p className="muted small">Whether this {kind} has vulnerabilities is not known.</p>
      </EmptyState>
    </div>
  );
}
