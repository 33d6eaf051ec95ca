import { Tags } from '../Badge.tsx';

/** Of what a person or a token sees, in a table. */
export function ScopeCell({ scope }: { scope: readonly string[] | null }) {
  return scope === null ? <span className="muted">Everything</span> : scope.length === 0 ? <span className="muted">Nothing</span> : <Tags names={scope} />;
}
