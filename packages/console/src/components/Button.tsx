import clsx from 'clsx';
import type { ComponentProps, ReactNode } from 'react';
import { Link } from './Link.tsx';
import './Button.css';

interface Look {
  /** primary: the one thing to do here. danger: destroys something. ghost: without a frame. */
  variant?: 'primary' | 'default' | 'danger' | 'ghost';
  size?: 'small' | 'medium';
  icon?: ReactNode;
}

function look({ variant = 'default', size = 'medium' }: Look, iconOnly: boolean, className?: string) {
  return clsx('button', `button-${variant}`, size === 'small' && 'button-small', iconOnly && 'button-icon', className);
}

type ButtonProps = Look & ComponentProps<'button'> & {
  /** Shows that it is at work, and takes no more clicks. */
  busy?: boolean;
};

export function Button({ variant, size, icon, busy = false, className, children, disabled, ...rest }: ButtonProps) {
  const shape: Look = { ...(variant ? { variant } : {}), ...(size ? { size } : {}) };
  return (
    <button type="button" {...rest} disabled={disabled === true || busy} aria-busy={busy || undefined} className={look(shape, children === undefined, className)}>
      {busy ? <span className="button-spinner" aria-hidden="true" /> : icon}
      {children}
    </button>
  );
}

type IconButtonProps = Omit<ComponentProps<'button'>, 'children' | 'aria-label'> & {
  icon: ReactNode;
  /** What it does: for the tooltip and screen readers. */
  label: string;
  size?: 'small' | 'medium';
  variant?: 'default' | 'ghost' | 'danger';
  busy?: boolean;
};

export function IconButton({ icon, label, variant = 'ghost', ...rest }: IconButtonProps) {
  return <Button {...rest} variant={variant} icon={icon} aria-label={label} title={rest.title ?? label} />;
}

type LinkButtonProps = Look & { href: string; children: ReactNode; className?: string; download?: boolean };

/** Goes somewhere and looks like a button. With `download` it leaves the console for a file. */
export function LinkButton({ variant, size, icon, href, children, className, download = false }: LinkButtonProps) {
  const shape: Look = { ...(variant ? { variant } : {}), ...(size ? { size } : {}) };
  const name = look(shape, false, className);
  return download ? (
    <a href={href} className={name} download>{icon}{children}</a>
  ) : (
    <Link href={href} className={name}>{icon}{children}</Link>
  );
}
