import { lazy } from 'react';
import type { ComponentType } from 'react';

/** Each page is a folder below `pages` whose index.tsx has the page as its default export; loaded when it is first shown. */
const PAGES = import.meta.glob<{ default: ComponentType }>('./pages/*/index.tsx');

export interface PageRoute {
  /** As wouter matches it: `useParams()` gives the page what stands for `:id`. */
  path: string;
  /** Folder below `pages`. */
  page: string;
  title: string;
}

export const ROUTES: readonly PageRoute[] = [
  { path: '/', page: 'dashboard', title: 'Dashboard' },
  { path: '/hosts', page: 'hosts', title: 'Hosts' },
  { path: '/hosts/:id', page: 'host', title: 'Host' },
  { path: '/images', page: 'images', title: 'Images' },
  { path: '/images/:id', page: 'image', title: 'Image' },
  { path: '/containers', page: 'containers', title: 'Containers' },
  { path: '/containers/:id', page: 'container', title: 'Container' },
  { path: '/registries', page: 'registries', title: 'Registries' },
  { path: '/packages', page: 'packages', title: 'Packages' },
  { path: '/vulnerabilities', page: 'vulnerabilities', title: 'Vulnerabilities' },
  { path: '/vulnerabilities/:id', page: 'vulnerability', title: 'Vulnerability' },
  { path: '/events', page: 'events', title: 'Events' },
  { path: '/configuration/sensors', page: 'sensors', title: 'Sensors' },
  { path: '/configuration/tags', page: 'tags', title: 'Tags' },
  { path: '/configuration/tokens', page: 'tokens', title: 'API tokens' },
  { path: '/configuration/users', page: 'users', title: 'Users' },
  { path: '/configuration/settings', page: 'settings', title: 'Settings' },
  { path: '/configuration/audit', page: 'audit', title: 'Audit log' },
  { path: '/account', page: 'account', title: 'Your account' },
];

const NOT_FOUND = 'not-found';

function load(page: string): Promise<{ default: ComponentType }> {
  const loader = PAGES[`./pages/${page}/index.tsx`] ?? PAGES[`./pages/${NOT_FOUND}/index.tsx`];
  if (!loader) throw new Error(`There is no page ${page}.`);
  return loader();
}

/** Pages whose code is here already. */
const ready = new Map<string, ComponentType>();
const shown = new Map<string, ComponentType>();

async function fetchPage(page: string): Promise<{ default: ComponentType }> {
  const module = await load(page);
  ready.set(page, module.default);
  return module;
}

/**
 * The component of a page; the same one each time it is asked for. A lazy one, even with its code here, would show
 * the fallback for a moment, and React keeps a fallback on screen for 300 ms: hence the page itself where it can be.
 */
export function pageComponent(page: string): ComponentType {
  let component = shown.get(page);
  if (!component) {
    component = ready.get(page) ?? lazy(() => fetchPage(page));
    shown.set(page, component);
  }
  return component;
}
export function notFound(): ComponentType {
  return pageComponent(NOT_FOUND);
}

/** `/images/:id` matches `/images/sha256:…`. */
export function routeOf(path: string): PageRoute | undefined {
  const parts = path.split('/');
  return ROUTES.find((route) => {
    const pattern = route.path.split('/');
    return pattern.length === parts.length && pattern.every((part, index) => (part.startsWith(':') ? parts[index] !== '' : part === parts[index]));
  });
}

/** Fetches the code of the page behind a link, before it is clicked. */
export function preload(href: string): void {
  const route = routeOf(href.replace(/[?#].*$/, ''));
  // What fails here is tried again, and said, when the page is shown.
  if (route && !ready.has(route.page)) void fetchPage(route.page).catch(() => undefined);
}

const IDLE_MS = 2000;

/** Fetches the code of all pages while nothing else happens: together they are smaller than one picture. */
export function preloadAll(): void {
  window.setTimeout(() => {
    for (const route of ROUTES) preload(route.path.replace(':id', 'any'));
  }, IDLE_MS);
}
