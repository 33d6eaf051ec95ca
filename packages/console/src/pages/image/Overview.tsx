import type { ImageDetail, SbomView, UpgradeView } from '@plimsoll/model/api';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Bytes, Card, CopyText, Link, SkeletonLines, Time } from '../../components/index.ts';
import { CoverageCard, exactly, Facts, SupportNotice, UpgradeList } from '../../components/detail/index.ts';
import { formatDate, formatDateTime, formatNumber, plural, shortId } from '../../format.ts';
import { linkTo } from '../../url.ts';

const TOP = 5;
const LABELS = 12;

interface ImageOverviewProps {
  detail: ImageDetail;
  sbom: UseQueryResult<{ sbom: SbomView | null }, Error>;
  notScanned: ReactNode;
  upgradeHref: (upgrade: UpgradeView) => string;
}

/** What the image is, where it is, what to do about it, and what was looked at. */
export function ImageOverview({ detail, sbom, notScanned, upgradeHref }: ImageOverviewProps) {
  const { image, coverage } = detail;
  const view = sbom.data?.sbom ?? null;
  return (
    <div className="detail-grid">
      <div className="stack">
        <SupportNotice day={view?.endOfSupport ?? null} os={image.os} />
        {image.vulnerabilities === null ? notScanned : (
          <Card title="What to upgrade" actions={view !== null && view.upgrades.length > TOP && <Link href={linkTo.image(image.id, 'upgrades')}>All {formatNumber(view.upgrades.length)}</Link>}>
            {view === null ? <SkeletonLines lines={5} /> : <UpgradeList upgrades={view.upgrades} findingsOf={upgradeHref} limit={TOP} />}
          </Card>
        )}
        <Hosts detail={detail} />
        <References detail={detail} />
      </div>
      <div className="stack">
        <CoverageCard coverage={coverage} />
        <About detail={detail} sbom={view} />
        <Labels labels={detail.labels} />
      </div>
    </div>
  );
}

function Hosts({ detail: { hosts, image } }: { detail: ImageDetail }) {
  return (
    <Card title="Where it is" actions={image.containers > 0 && <Link href={linkTo.image(image.id, 'containers')}>{plural(image.containers, 'container')}</Link>}>
      {hosts.length === 0 ? (
        <p className="soft">No host that has reported holds this image: it was submitted, or every host has removed it.</p>
      ) : (
        <table className="small-table">
          <thead><tr><th scope="col">Host</th><th scope="col" className="number">Containers</th><th scope="col" className="number">Last seen</th></tr></thead>
          <tbody>
            {hosts.map((host) => (
              <tr key={host.id}>
                <td><Link href={linkTo.host(host.id)}>{host.name}</Link>{!host.present && <span className="muted"> removed it</span>}</td>
                <td className="number">{host.containers === 0 ? <span className="muted">none</span> : formatNumber(host.containers)}</td>
                <td className="number"><Time value={host.lastSeen} /></td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Card>
  );
}

function References({ detail: { image } }: { detail: ImageDetail }) {
  return (
    <Card title="Names in registries">
      {image.references.length === 0 ? (
        <p className="soft">It has no name: it was built or untagged on its host.</p>
      ) : (
        <ul className="plain-list">
          {image.references.map((reference, index) => (
            <li key={index} className="stack-tight">
              <span className="break"><Link href={linkTo.list('images', `repo.registry:${exactly(reference.registry)}`)} className="link-in-text">{reference.registry}</Link>/{reference.repository}{reference.tag !== null && <span className="strong">:{reference.tag}</span>}</span>
              {reference.digest !== null && <CopyText text={reference.digest} shown={`${reference.digest.slice(0, 19)}…`} />}
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

function About({ detail: { image, platform, config }, sbom }: { detail: ImageDetail; sbom: SbomView | null }) {
  const base = sbom?.base ?? null;
  return (
    <Card title="Image">
      <Facts
        items={[
          ['Image ID', <CopyText key="id" text={image.id} shown={shortId(image.id)} />],
          ['System', image.os],
          ['Supported until', sbom?.endOfSupport == null ? null : formatDate(sbom.endOfSupport)],
          ['Platform', platform ?? image.architecture],
          ['Base image', base === null ? null : (base.reference ?? (base.digest === null ? `its first ${plural(base.layers, 'layer')}` : shortId(base.digest)))],
          ['Size', image.size === null ? null : <Bytes key="size" value={image.size} />],
          ['Packages', image.packages === null ? null : formatNumber(image.packages)],
          ['Created', image.created === null ? null : <span key="created">{formatDate(image.created)} <span className="muted">(<Time value={image.created} />)</span></span>],
          ['User', config === null ? null : config.user === null || config.user === '' ? 'root (none is set)' : config.user],
          ['Entrypoint', config === null || config.entrypoint.length === 0 ? null : <code key="entry">{config.entrypoint.join(' ')}</code>],
          ['Command', config === null || config.cmd.length === 0 ? null : <code key="cmd">{config.cmd.join(' ')}</code>],
          ['Folder', config?.workingDir ? <code key="folder">{config.workingDir}</code> : null],
          ['Ports', config === null || config.ports.length === 0 ? null : config.ports.join(', ')],
          ['Volumes', config === null || config.volumes.length === 0 ? null : <code key="volumes">{config.volumes.join(', ')}</code>],
          ['Environment', config === null || config.env.length === 0 ? null : <span key="env" title="Names only: values may be secrets"><code>{config.env.join(', ')}</code></span>],
          ['First seen', <span key="first" title={formatDateTime(image.firstSeen)}>{formatDate(image.firstSeen)}</span>],
          ['Last seen', <Time key="last" value={image.lastSeen} />],
        ]}
      />
    </Card>
  );
}

function Labels({ labels }: { labels: Record<string, string> }) {
  const all = Object.entries(labels);
  if (all.length === 0) return null;
  const rows = (some: typeof all) => <Facts items={some.map(([key, value]) => [key, value === '' ? <span key={key} className="muted">empty</span> : value])} />;
  return (
    <Card title="Labels">
      <div className="stack labels">
        {rows(all.slice(0, LABELS))}
        {all.length > LABELS && <details><summary>{all.length - LABELS} more</summary>{rows(all.slice(LABELS))}</details>}
      </div>
    </Card>
  );
}
