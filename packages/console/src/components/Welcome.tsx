import type { ReactNode } from 'react';
import { Logo } from './Logo.tsx';
import './Welcome.css';

/** The frame of what is seen before anybody is signed in. */
export function Welcome({ title, children, version }: { title: string; children: ReactNode; version?: string | undefined }) {
  return (
    <main className="welcome">
      <div className="welcome-box">
        <div className="welcome-brand"><Logo size={34} /><span>Plimsoll</span></div>
        <div className="welcome-card">
          <h1>{title}</h1>
          {children}
        </div>
        <p className="welcome-foot">Container security, self-hosted{version === undefined ? '' : ` · ${version}`}</p>
      </div>
    </main>
  );
}
