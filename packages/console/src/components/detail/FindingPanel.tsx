import type { FindingView } from '@plimsoll/model/api';
import { ChevronLeft, ChevronRight } from 'lucide-react';
import { useEffect } from 'react';
import { formatDate, formatShare } from '../../format.ts';
import { linkTo } from '../../url.ts';
import { Badge } from '../Badge.tsx';
import { IconButton, LinkButton } from '../Button.tsx';
import { CopyText } from '../Code.tsx';
import { Dialog } from '../Dialog.tsx';
import { SeverityBadge } from '../Severity.tsx';
import { Time } from '../Time.tsx';
import { ExternalLink } from './ExternalLink.tsx';
import { Facts } from './Facts.tsx';
import { withoutFix } from './findings.ts';
import { shownAddress, webAddress } from './links.ts';

interface FindingPanelProps {
  finding: FindingView;
  /** Where it stands among those shown: "3 of 120"; and the ones beside it. */
  place: string;
  previous: (() => void) | null;
  next: (() => void) | null;
  onClose: () => void;
  /** What a layer is called, and where its findings are; null where there are no layers. */
  layer: { text: string; onShow: () => void } | null;
}

const PATHS_SHOWN = 20;

/** All that is known of one finding, at the side of the list. Arrow keys go to the next. */
export function FindingPanel({ finding, place, previous, next, onClose, layer }: FindingPanelProps) {
  useEffect(() => {
    // Wherever the focus is in the panel: at first it is on its close button.
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === 'ArrowLeft') previous?.();
      else if (event.key === 'ArrowRight') next?.();
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, [previous, next]);
  const links = finding.links.filter((link) => webAddress(link.url) !== null);
  return (
    <Dialog
      open
      onClose={onClose}
      title={finding.id}
      side="right"
      size="large"
      actions={<LinkButton href={linkTo.vulnerability(finding.id)} variant="primary">Who else has it</LinkButton>}
    >
      <div className="stack finding-panel">
        <div className="line">
          <IconButton icon={<ChevronLeft size={16} />} label="Previous finding" size="small" disabled={previous === null} onClick={() => previous?.()} />
          <span className="muted small">{place}</span>
          <IconButton icon={<ChevronRight size={16} />} label="Next finding" size="small" disabled={next === null} onClick={() => next?.()} />
        </div>
        <div className="line-wrap">
          <SeverityBadge severity={finding.severity} />
          {finding.kev !== null && <Badge tone="danger" title="In the catalogue of known exploited vulnerabilities">Exploited since {formatDate(finding.kev)}</Badge>}
          {finding.fromBase === true && <Badge title="It came with the base image">Base image</Badge>}
        </div>
        <p className="soft">{finding.severityReason}</p>
        <div className="fix-box">
          <span className="cell-two">
            <span className="strong break">{finding.package}</span>
            <span className="mono">{finding.version}</span>
          </span>
          <ChevronRight size={16} aria-label="fixed in" />
          {finding.fixedVersion === null ? <span className="soft">{withoutFix(finding.status)}</span> : <span className="mono strong fix-version">{finding.fixedVersion}</span>}
        </div>
        <Facts
          items={[
            ['Package URL', <CopyText key="purl" text={finding.purl} />],
            ['CVSS', finding.cvss?.toFixed(1) ?? null],
            ['EPSS', finding.epss === null ? null : `${formatShare(finding.epss)} likely to be exploited within 30 days`],
            ['Also known as', finding.aliases.length === 0 ? null : finding.aliases.join(', ')],
            ['Came in by', layer === null ? null : <button key="layer" type="button" className="text-button" onClick={layer.onShow}>{layer.text}</button>],
            ['First seen', finding.firstSeen === null ? null : <Time key="seen" value={finding.firstSeen} />],
          ]}
        />
        {finding.paths.length > 0 && (
          <section className="stack-tight">
            <h3>Where</h3>
            <ul className="paths">
              {finding.paths.slice(0, PATHS_SHOWN).map((path) => <li key={path}><code className="break">{path}</code></li>)}
              {finding.paths.length > PATHS_SHOWN && <li className="muted">and {finding.paths.length - PATHS_SHOWN} more</li>}
            </ul>
          </section>
        )}
        {finding.advisories.length > 0 && (
          <section className="stack-tight">
            <h3>Advisories</h3>
            <ul className="advisories">
              {finding.advisories.map((advisory, index) => (
                <li key={index}>
                  <ExternalLink href={advisory.url} className="strong">{advisory.id}</ExternalLink>
                  <code className="soft break">{advisory.range}</code>
                </li>
              ))}
            </ul>
          </section>
        )}
        {links.length > 0 && (
          <section className="stack-tight">
            <h3>References</h3>
            <ul className="reference-links">
              {links.map((link, index) => <li key={index}><ExternalLink href={link.url}>{shownAddress(link.url)}</ExternalLink> <span className="muted small">{link.type.toLowerCase()}</span></li>)}
            </ul>
          </section>
        )}
      </div>
    </Dialog>
  );
}
