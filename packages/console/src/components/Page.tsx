import clsx from 'clsx';
import { ChevronRight } from 'lucide-react';
import type { ReactNode } from 'react';
import { useEffect } from 'react';
import { Link } from './Link.tsx';
import './Page.css';

interface PageProps {
  /** Heading; also the browser's title unless `documentTitle` is given. */
  title: ReactNode;
  documentTitle?: string;
  breadcrumbs?: readonly { title: string; href: string }[];
  /** Below the title: badges, a line of facts. */
  subtitle?: ReactNode;
  actions?: ReactNode;
  /** The content takes the window's height and scrolls by itself: for lists. Otherwise the page scrolls. */
  fill?: boolean;
  children: ReactNode;
}

/** The frame of every page. */
export function Page({ title, documentTitle, breadcrumbs, subtitle, actions, fill = false, children }: PageProps) {
  const name = documentTitle ?? (typeof title === 'string' ? title : undefined);
  useEffect(() => {
    document.title = name === undefined ? 'Plimsoll' : `${name} · Plimsoll`;
  }, [name]);
  return (
    <div className={clsx('page', fill && 'page-fill')}>
      <header className="page-head">
        <div className="grow">
          {breadcrumbs !== undefined && (
            <nav aria-label="Breadcrumbs" className="breadcrumbs">
              {breadcrumbs.map((crumb) => (
                <span key={crumb.href} className="line">
                  <Link href={crumb.href}>{crumb.title}</Link>
                  <ChevronRight size={13} aria-hidden="true" />
                </span>
              ))}
            </nav>
          )}
          <h1 className="break">{title}</h1>
          {subtitle !== undefined && <div className="page-subtitle">{subtitle}</div>}
        </div>
        {actions !== undefined && <div className="page-actions">{actions}</div>}
      </header>
      <div className="page-body">{children}</div>
    </div>
  );
}
