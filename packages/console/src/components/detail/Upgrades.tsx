import type { UpgradeView } from '@plimsoll/model/api';
import { ArrowRight, PackageCheck } from 'lucide-react';
import { plural } from '../../format.ts';
import { totalOf } from '../../severity.ts';
import { Badge } from '../Badge.tsx';
import { Link } from '../Link.tsx';
import { SeverityCounts } from '../Severity.tsx';
import { EmptyState } from '../States.tsx';

/** Each upgrade with what it removes; a click shows those findings. */
export function UpgradeList({ upgrades, findingsOf, limit }: { upgrades: readonly UpgradeView[]; findingsOf: (upgrade: UpgradeView) => string; limit?: number }) {
  const shown = limit === undefined ? upgrades : upgrades.slice(0, limit);
  if (shown.length === 0) {
    return (
      <EmptyState title="Nothing to upgrade" icon={<PackageCheck size={28} aria-hidden="true" />}>
        No finding here has a version that fixes it.
      </EmptyState>
    );
  }
  return (
    <ol className="upgrades">
      {shown.map((upgrade) => (
        <li key={`${upgrade.type} ${upgrade.name} ${upgrade.from.join()} ${upgrade.layer}`}>
          <div className="upgrade-name">
            <span className="line"><span className="strong clip" title={upgrade.name}>{upgrade.name}</span><Badge>{upgrade.type}</Badge>{upgrade.fromBase === true && <Badge tone="teal" title="It came with the base image: a newer base may bring the fix">base</Badge>}</span>
            <span className="line-wrap small">
              <code className="soft break">{upgrade.from.join(', ')}</code>
              <ArrowRight size={12} className="icon-grey" aria-label="to" />
              <code className="fix-version break">{upgrade.to}</code>
            </span>
          </div>
          <SeverityCounts counts={upgrade.removes} />
          <Link href={findingsOf(upgrade)} className="upgrade-removes">removes {plural(totalOf(upgrade.removes), 'finding')}</Link>
        </li>
      ))}
    </ol>
  );
}
