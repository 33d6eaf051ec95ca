import type { SbomView } from '@plimsoll/model/api';
import { KeyRound, ShieldCheck } from 'lucide-react';
import { Card, EmptyState, SeverityBadge } from '../../components/index.ts';
import { plural } from '../../format.ts';

/** How the image is built and configured, and what was left in it that should not be. */
export function Posture({ sbom: { posture, secrets } }: { sbom: SbomView }) {
  return (
    <div className="detail-halves">
      <Card title="Posture" actions={posture.length > 0 && <span className="muted small">{plural(posture.length, 'remark')}</span>}>
        {posture.length === 0 ? (
          <EmptyState title="Nothing to remark" icon={<ShieldCheck size={28} aria-hidden="true" />}>Its configuration and build history follow every rule that was checked.</EmptyState>
        ) : (
          <ul className="plain-list">
            {posture.toSorted((a, b) => b.severity - a.severity).map((issue, index) => (
              <li key={index} className="posture-row">
                <SeverityBadge severity={issue.severity} />
                <div className="stack-tight">
                  <p className="strong break">{issue.title}</p>
                  {issue.subject !== null && <code className="soft break">{issue.subject}</code>}
                  <p className="soft">{issue.advice}</p>
                  <p className="muted small">{issue.rule}</p>
                </div>
              </li>
            ))}
          </ul>
        )}
      </Card>
      <Card title="Secrets" actions={secrets.length > 0 && <span className="muted small">{plural(secrets.length, 'secret')}</span>}>
        {secrets.length === 0 ? (
          <EmptyState title="No secret found" icon={<KeyRound size={28} aria-hidden="true" />}>The files of every layer, those that later layers hide as well, were searched by the rules for keys and tokens.</EmptyState>
        ) : (
          <ul className="plain-list">
            {secrets.toSorted((a, b) => b.severity - a.severity).map((secret, index) => (
              <li key={index} className="posture-row">
                <SeverityBadge severity={secret.severity} />
                <div className="stack-tight">
                  <p className="strong">{secret.title}</p>
                  <code className="break">{secret.path}:{secret.line}</code>
                  <p><code className="soft break">{secret.masked}</code></p>
                  <p className="muted small">{secret.rule} · layer {secret.layer + 1}</p>
                </div>
              </li>
            ))}
          </ul>
        )}
      </Card>
    </div>
  );
}
