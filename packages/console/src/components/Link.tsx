import type { ComponentProps } from 'react';
import { Link as RouterLink } from 'wouter';
import { preload } from '../routes.tsx';

type LinkProps = Omit<ComponentProps<'a'>, 'href'> & { href: string };

/** A link within the console. Its page's code is fetched when the pointer comes near: it is there on the click. */
export function Link({ href, ...rest }: LinkProps) {
  return (
    <RouterLink
      href={href}
      {...rest}
      onPointerEnter={(event) => {
        preload(href);
        rest.onPointerEnter?.(event);
      }}
      onFocus={(event) => {
        preload(href);
        rest.onFocus?.(event);
      }}
    />
  );
}
