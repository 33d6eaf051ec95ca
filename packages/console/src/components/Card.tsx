import clsx from 'clsx';
import type { ReactNode } from 'react';
import { Link } from './Link.tsx';
import './Card.css';

interface CardProps {
  title?: ReactNode;
  /** Beside the title, at the right. */
  actions?: ReactNode;
  /** Without inner space: for tables. */
  flush?: boolean;
  className?: string;
  children: ReactNode;
}

/** A framed part of a page. */
export function Card({ title, actions, flush = false, className, children }: CardProps) {
  return (
    <section className={clsx('card', flush && 'card-flush', className)}>
      {(title !== undefined || actions !== undefined) && (
        <header className="card-head">
          <h2>{title}</h2>
          {actions !== undefined && <div className="card-actions">{actions}</div>}
        </header>
      )}
      <div className="card-body">{children}</div>
    </section>
  );
}

/** One figure with its name, and what it leads to. */
export function Stat({ label, value, detail, href, tone }: { label: string; value: ReactNode; detail?: ReactNode; href?: string; tone?: 'danger' | 'warn' | 'good' }) {
  const body = (
    <>
      <span className="stat-label">{label}</span>
      <span className={clsx('stat-value', tone && `stat-${tone}`)}>{value}</span>
      {detail !== undefined && <span className="stat-detail">{detail}</span>}
    </>
  );
  return href === undefined ? <div className="stat">{body}</div> : <Link className="stat stat-link" href={href}>{body}</Link>;
}

/** Stats side by side; they wrap where there is no room. */
export function Stats({ children }: { children: ReactNode }) {
  return <div className="stats">{children}</div>;
}
