import { ExternalLink as Icon } from 'lucide-react';
import type { ReactNode } from 'react';
import { webAddress } from './links.ts';

/** A link out of the console. Anything but a web address is shown as text. */
export function ExternalLink({ href, children, className }: { href: string | null; children: ReactNode; className?: string }) {
  const address = webAddress(href);
  if (address === null) return <span className={className}>{children}</span>;
  return (
    <a className={className} href={address} target="_blank" rel="noreferrer noopener">
      {children}
      <Icon size={11} className="external-icon" aria-hidden="true" />
      <span className="visually-hidden"> (opens in a new tab)</span>
    </a>
  );
}
