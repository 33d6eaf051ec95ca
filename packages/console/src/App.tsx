import { QueryClientProvider } from '@tanstack/react-query';
import { createElement, lazy, Suspense, useEffect, useRef } from 'react';
import { Redirect, Route, Switch, useLocation } from 'wouter';
import { queryClient, useApi } from './api/queries.ts';
import { MeContext, useSession } from './api/session.ts';
import { AppShell } from './components/AppShell.tsx';
import { ErrorBoundary } from './components/ErrorBoundary.tsx';
import { ErrorState, SkeletonLines } from './components/States.tsx';
import { Toaster } from './components/Toast.tsx';
import { notFound, pageComponent, preloadAll, ROUTES } from './routes.tsx';

const SignIn = lazy(() => import('./pages/sign-in/index.tsx'));
const Setup = lazy(() => import('./pages/setup/index.tsx'));

/** Addresses that are only for who is not signed in. */
const BEFORE = new Set(['/sign-in', '/setup']);

/** First-run set-up, sign-in, or the console: by what the server says of the session. */
function Gate() {
  const session = useSession();
  const [location] = useLocation();
  const state = useApi('setupState', {}, { enabled: session.data === null });
  if (session.data) {
    if (BEFORE.has(location)) return <Redirect to="/" replace />;
    return (
      <MeContext value={session.data.user}>
        <AppShell>
          <Pages />
        </AppShell>
      </MeContext>
    );
  }
  if (session.isError) return <div className="page"><ErrorState error={session.error} retry={() => void session.refetch()} /></div>;
  if (state.isError) return <div className="page"><ErrorState error={state.error} retry={() => void state.refetch()} /></div>;
  if (session.isPending || !state.data) return null;
  return <Suspense>{state.data.needed ? <Setup /> : <SignIn state={state.data} />}</Suspense>;
}

function Pages() {
  const [location] = useLocation();
  const first = useRef(true);
  useEffect(preloadAll, []);
  useEffect(() => {
    // The new page starts at its top, and screen readers begin there.
    const main = document.getElementById('main');
    main?.scrollTo({ top: 0 });
    if (first.current) first.current = false;
    else if (document.activeElement === document.body || document.activeElement?.tagName === 'A') main?.focus({ preventScroll: true });
  }, [location]);
  return (
    <ErrorBoundary key={location}>
      <Suspense fallback={<div className="page"><SkeletonLines lines={8} /></div>}>
        <Switch>
          {ROUTES.map((route) => <Route key={route.path} path={route.path}>{() => createElement(pageComponent(route.page))}</Route>)}
          <Route>{() => createElement(notFound())}</Route>
        </Switch>
      </Suspense>
    </ErrorBoundary>
  );
}

export function App() {
  return (
    <QueryClientProvider client={queryClient}>
      <Gate />
      <Toaster />
    </QueryClientProvider>
  );
}
