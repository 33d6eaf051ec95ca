import { Bug, Container, Database, HardDrive, KeyRound, Layers, LayoutDashboard, Menu as MenuIcon, Monitor, Moon, Package, Radio, ScrollText, Search, Settings, Sun, Tags as TagsIcon, User, Users, Zap } from 'lucide-react';
import { lazy, Suspense, useEffect, useState } from 'react';
import type { ReactNode } from 'react';
import { useLocation } from 'wouter';
import { useLive, useIsLive } from '../api/live.ts';
import { useCan, useMe, useSignOut } from '../api/session.ts';
import { chooseTheme, useTheme, useThemeChoice } from '../theme.ts';
import { Button, IconButton } from './Button.tsx';
import { Dialog } from './Dialog.tsx';
import { GlobalSearch } from './GlobalSearch.tsx';
import { Link } from './Link.tsx';
import { Logo } from './Logo.tsx';
import { Menu } from './Menu.tsx';
import { toast } from './Toast.tsx';
import { useNarrow } from './useMedia.ts';
import './AppShell.css';

const KeyHelp = lazy(() => import('./KeyHelp.tsx').then((module) => ({ default: module.KeyHelp })));

interface NavItem {
  href: string;
  title: string;
  icon: ReactNode;
  needs?: 'admin' | 'manage';
}
const SIZE = { size: 16, 'aria-hidden': true } as const;

const NAV: readonly { heading?: string; items: readonly NavItem[] }[] = [
  { items: [{ href: '/', title: 'Dashboard', icon: <LayoutDashboard {...SIZE} /> }] },
  {
    heading: 'Assets',
    items: [
      { href: '/hosts', title: 'Hosts', icon: <HardDrive {...SIZE} /> },
      { href: '/images', title: 'Images', icon: <Layers {...SIZE} /> },
      { href: '/containers', title: 'Containers', icon: <Container {...SIZE} /> },
      { href: '/registries', title: 'Registries', icon: <Database {...SIZE} /> },
      { href: '/packages', title: 'Packages', icon: <Package {...SIZE} /> },
    ],
  },
  {
    heading: 'Security',
    items: [
      { href: '/vulnerabilities', title: 'Vulnerabilities', icon: <Bug {...SIZE} /> },
      { href: '/events', title: 'Events', icon: <Zap {...SIZE} /> },
    ],
  },
  {
    heading: 'Configuration',
    items: [
      { href: '/configuration/sensors', title: 'Sensors', icon: <Radio {...SIZE} /> },
      { href: '/configuration/tags', title: 'Tags', icon: <TagsIcon {...SIZE} /> },
      { href: '/configuration/tokens', title: 'API tokens', icon: <KeyRound {...SIZE} /> },
      { href: '/configuration/users', title: 'Users', icon: <Users {...SIZE} />, needs: 'admin' },
      { href: '/configuration/settings', title: 'Settings', icon: <Settings {...SIZE} />, needs: 'admin' },
      { href: '/configuration/audit', title: 'Audit log', icon: <ScrollText {...SIZE} />, needs: 'admin' },
    ],
  },
];

function Navigation({ onGo }: { onGo?: () => void }) {
  const [location] = useLocation();
  const admin = useCan('admin');
  return (
    <nav className="nav" aria-label="Main">
      {NAV.map((group) => (
        <div key={group.heading ?? ''} className="nav-group">
          {group.heading !== undefined && <p className="nav-heading">{group.heading}</p>}
          <ul>
            {group.items.filter((item) => item.needs !== 'admin' || admin).map((item) => {
              const here = item.href === '/' ? location === '/' : location === item.href || location.startsWith(`${item.href}/`);
              return (
                <li key={item.href}>
                  <Link href={item.href} className={here ? 'nav-item nav-here' : 'nav-item'} aria-current={here ? 'page' : undefined} onClick={() => onGo?.()}>
                    {item.icon}
                    {item.title}
                  </Link>
                </li>
              );
            })}
          </ul>
        </div>
      ))}
    </nav>
  );
}

function ThemeMenu() {
  const choice = useThemeChoice();
  const theme = useTheme();
  return (
    <Menu
      trigger={<IconButton icon={theme === 'dark' ? <Moon size={16} /> : <Sun size={16} />} label="Theme" />}
      items={[
        { label: 'Light', icon: <Sun size={15} />, checked: choice === 'light', onSelect: () => chooseTheme('light') },
        { label: 'Dark', icon: <Moon size={15} />, checked: choice === 'dark', onSelect: () => chooseTheme('dark') },
        { label: 'As the system', icon: <Monitor size={15} />, checked: choice === 'system', onSelect: () => chooseTheme('system') },
      ]}
    />
  );
}

function UserMenu({ onKeys }: { onKeys: () => void }) {
  const me = useMe();
  const signOut = useSignOut();
  const initials = me.name.split(/\s+/).map((word) => word.charAt(0)).slice(0, 2).join('').toUpperCase();
  return (
    <Menu
      trigger={<button type="button" className="avatar" aria-label={`${initials}: account of ${me.name}`} title={me.name}>{initials}</button>}
      items={[
        { heading: `${me.name} · ${me.role}` },
        { label: 'Your account', icon: <User size={15} />, href: '/account' },
        { label: 'Keyboard shortcuts', icon: <span className="menu-key">?</span>, onSelect: onKeys },
        'separator',
        { label: 'Sign out', onSelect: () => void signOut().catch(toast) },
      ]}
    />
  );
}

/** Typing goes to the field that has the focus, not to shortcuts. */
function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

/** Navigation, search and account around every page. */
export function AppShell({ children }: { children: ReactNode }) {
  useLive();
  const isLive = useIsLive();
  const narrow = useNarrow();
  const [drawer, setDrawer] = useState(false);
  const [dialog, setDialog] = useState<'search' | 'keys' | null>(null);

  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.defaultPrevented) return;
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        setDialog('search');
      } else if (!event.ctrlKey && !event.metaKey && !event.altKey && !isTyping(event.target) && !document.querySelector('dialog[open]')) {
        if (event.key === '/') {
          event.preventDefault();
          setDialog('search');
        } else if (event.key === '?') setDialog('keys');
        else if (event.key === 'f') {
          const bar = document.querySelector<HTMLInputElement>('[data-query-bar]');
          if (bar) {
            event.preventDefault();
            bar.focus();
          }
        }
      }
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, []);

  return (
    <div className="shell">
      <a className="skip-link" href="#main">Skip to content</a>
      <header className="topbar">
        {narrow && <IconButton icon={<MenuIcon size={18} />} label="Navigation" onClick={() => setDrawer(true)} />}
        <Link href="/" className="brand" aria-label="Plimsoll: dashboard">
          <Logo />
          <span className="hide-narrow">Plimsoll</span>
        </Link>
        <button type="button" className="search-button" onClick={() => setDialog('search')}>
          <Search size={15} aria-hidden="true" />
          <span className="grow clip">Search{narrow ? '' : ' hosts, images, packages, CVEs…'}</span>
          <kbd className="hide-narrow">Ctrl K</kbd>
        </button>
        <div className="topbar-end">
          {!isLive && <span className="offline" role="status">Reconnecting…</span>}
          <ThemeMenu />
          <UserMenu onKeys={() => setDialog('keys')} />
        </div>
      </header>
      {!narrow && <aside className="sidebar"><Navigation /></aside>}
      <main id="main" className="main" tabIndex={-1}>{children}</main>
      <Dialog open={drawer && narrow} onClose={() => setDrawer(false)} title="Plimsoll" side="left">
        <Navigation onGo={() => setDrawer(false)} />
      </Dialog>
      {/* Not loaded when asked for: what is typed right after Ctrl+K would be lost. */}
      {dialog === 'search' && <GlobalSearch onClose={() => setDialog(null)} />}
      <Suspense>{dialog === 'keys' && <KeyHelp open onClose={() => setDialog(null)} />}</Suspense>
    </div>
  );
}

/** For pages that a person's role does not open. */
export function NoAccess() {
  return (
    <div className="state" role="status">
      <p className="state-title">Your role does not open this page</p>
      <p className="state-text">Ask an administrator of this Plimsoll if you need it.</p>
      <Button onClick={() => window.history.back()}>Back</Button>
    </div>
  );
}
