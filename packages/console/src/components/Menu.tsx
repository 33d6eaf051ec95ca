import { Check } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import type { ReactNode } from 'react';
import { useLocation } from 'wouter';
import './Menu.css';

export type MenuItem =
  | { label: string; icon?: ReactNode; onSelect: () => void; danger?: boolean; disabled?: boolean; checked?: boolean }
  /** Goes to a page of the console, or fetches a file with `download`. */
  | { label: string; icon?: ReactNode; href: string; download?: boolean }
  | { heading: string }
  | 'separator';

/** A button that opens a list of things to do. `trigger` is a Button or IconButton. */
export function Menu({ trigger, items, align = 'end' }: { trigger: ReactNode; items: readonly MenuItem[]; align?: 'start' | 'end' }) {
  const [, navigate] = useLocation();
  return (
    // Not modal: locking the page's scroll injects a style element, which the content security policy forbids.
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="menu" align={align} sideOffset={4} collisionPadding={8}>
          {items.map((item, index) => {
            if (item === 'separator') return <DropdownMenu.Separator key={index} className="menu-separator" />;
            if ('heading' in item) return <DropdownMenu.Label key={index} className="menu-heading">{item.heading}</DropdownMenu.Label>;
            if ('href' in item) {
              return item.download ? (
                <DropdownMenu.Item key={index} className="menu-item" asChild><a href={item.href} download>{item.icon}{item.label}</a></DropdownMenu.Item>
              ) : (
                <DropdownMenu.Item key={index} className="menu-item" onSelect={() => navigate(item.href)}>{item.icon}{item.label}</DropdownMenu.Item>
              );
            }
            const body = <>{item.icon}{item.label}{item.checked && <Check size={14} className="push" aria-hidden="true" />}</>;
            const tone = item.danger ? 'menu-item menu-danger' : 'menu-item';
            return item.checked === undefined ? (
              <DropdownMenu.Item key={index} className={tone} disabled={item.disabled ?? false} onSelect={item.onSelect}>{body}</DropdownMenu.Item>
            ) : (
              <DropdownMenu.CheckboxItem key={index} className={tone} checked={item.checked} disabled={item.disabled ?? false} onSelect={item.onSelect}>{body}</DropdownMenu.CheckboxItem>
            );
          })}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
