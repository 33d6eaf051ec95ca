import { Component } from 'react';
import type { ReactNode } from 'react';
import { ErrorState } from './States.tsx';

/** A page that fails takes only itself down. A new release on the server has other file names: a reload gets them. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { error: Error | null }> {
  override state: { error: Error | null } = { error: null };
  static getDerivedStateFromError(error: unknown) {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }
  override render() {
    const { error } = this.state;
    return error === null ? this.props.children : <div className="page"><ErrorState error={error} retry={() => window.location.reload()} /></div>;
  }
}
