import type { HostDetail, SbomView, UpgradeView } from '@plimsoll/model/api';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Bytes, Card, CopyText, Link, SeverityBar, SeverityCounts, SkeletonLines, Time } from '../../components/index.ts';
import { CoverageCard, exactly, Facts, SupportNotice, UpgradeList, weightOf } from '../../components/detail/index.ts';
import { formatDate, formatDateTime, formatNumber, plural } from '../../format.ts';
import { totalOf } from '../../severity.ts';
import { linkTo } from '../../url.ts';

const TOP = 5;

interface HostOverviewProps {
  detail: HostDetail;
  sbom: UseQueryResult<{ sbom: SbomView | null }, Error>;
  notScanned: ReactNode;
  upgradeHref: (upgrade: UpgradeView) => string;
}

/** The host's own state, what its containers put at risk, and what is known of it. */
export function HostOverview({ detail, sbom, notScanned, upgradeHref }: HostOverviewProps) {
  const { host, coverage } = detail;
  const view = sbom.data?.sbom ?? null;
  return (
    <div className="detail-grid">
      <div className="stack">
        <SupportNotice day={view?.endOfSupport ?? null} os={host.os} />
        <div className="detail-halves">
          <Card title="Its own vulnerabilities" actions={host.vulnerabilities !== null && <Link href={linkTo.host(host.id, 'vulnerabilities')}>{formatNumber(totalOf(host.vulnerabilities))}</Link>}>
            <div className="stack">
              <SeverityBar counts={host.vulnerabilities} state={host.scanState} legend />
              {host.vulnerabilities !== null && <p className="soft small">In what is installed on the host itself. {formatNumber(host.vulnerabilities.fixable)} have a fix, {formatNumber(host.vulnerabilities.kev)} are known to be exploited.</p>}
            </div>
          </Card>
          <Card title="At risk by its containers" actions={<Link href={linkTo.list('containers', `host.name:${exactly(host.name)} and state:running`)}>{formatNumber(host.running)} running</Link>}>
            <div className="stack">
              <SeverityBar counts={detail.atRisk} legend />
              <p className="soft small">In the images that its running containers come from. <AtRiskNote detail={detail} /></p>
            </div>
          </Card>
        </div>
        {host.vulnerabilities === null ? notScanned : (
          <Card title="What to upgrade" actions={view !== null && view.upgrades.length > TOP && <Link href={linkTo.host(host.id, 'upgrades')}>All {formatNumber(view.upgrades.length)}</Link>}>
            {view === null ? <SkeletonLines lines={5} /> : <UpgradeList upgrades={view.upgrades} findingsOf={upgradeHref} limit={TOP} />}
          </Card>
        )}
        <WorstContainers detail={detail} />
      </div>
      <div className="stack">
        <CoverageCard coverage={coverage} />
        <About detail={detail} />
      </div>
    </div>
  );
}

/** The running containers to look at first. */
function WorstContainers({ detail: { host, containers } }: { detail: HostDetail }) {
  const worst = containers
    .filter((container) => container.state === 'running' && container.vulnerabilities !== null && totalOf(container.vulnerabilities) > 0)
    .toSorted((a, b) => (weightOf(b.vulnerabilities) ?? 0) - (weightOf(a.vulnerabilities) ?? 0))
    .slice(0, TOP);
  if (worst.length === 0) return null;
  return (
    <Card title="Running containers most at risk" actions={<Link href={linkTo.host(host.id, 'containers')}>All {formatNumber(host.containers)}</Link>}>
      <ul className="plain-list">
        {worst.map((container) => (
          <li key={container.id} className="affected-row">
            <span className="cell-two">
              <Link href={linkTo.container(container.id)} className="cell-main">{container.name}</Link>
              <span title={container.image}>{container.image}</span>
            </span>
            <SeverityCounts counts={container.vulnerabilities} />
          </li>
        ))}
      </ul>
    </Card>
  );
}

/** Containers whose image nobody has read put something at risk that no figure shows. */
function AtRiskNote({ detail: { host, containers } }: { detail: HostDetail }) {
  const running = containers.filter((container) => container.state === 'running');
  const unknown = running.filter((container) => container.vulnerabilities === null).length;
  if (host.running === 0) return <>None is running.</>;
  if (unknown === 0) return null;
  return <span className="icon-warn">{plural(unknown, 'running container')} {unknown === 1 ? 'has an image that is' : 'have images that are'} not scanned: not counted here.</span>;
}

function About({ detail: { host, facts } }: { detail: HostDetail }) {
  const list = (values: readonly string[]) => (values.length === 0 ? null : values.join(', '));
  return (
    <Card title="Host">
      <Facts
        items={[
          ['System', host.os],
          ['Kernel', host.kernel],
          ['Architecture', host.architecture],
          ['Processors', host.cpus === null ? null : formatNumber(host.cpus)],
          ['Memory', host.memory === null ? null : <Bytes key="memory" value={host.memory} />],
          ['Addresses', list(host.addresses)],
          ['Engine', host.engine === null ? null : `${host.engine} ${host.engineVersion ?? ''}`.trim()],
          ['Provider', host.provider],
          ['Region', host.region],
          ['Account', facts.account],
          ['Instance', facts.instance === null ? null : <CopyText key="instance" text={facts.instance} />],
          ['Instance type', facts.instanceType],
          ['Cluster', facts.cluster],
          ['Node', facts.node],
          ['Last user', facts.lastUser],
          ['Started', facts.bootedAt === null ? null : <Time key="booted" value={facts.bootedAt} />],
          ['Images', <Link key="images" href={linkTo.list('images', `host.name:${exactly(host.name)}`)}>{formatNumber(host.images)}</Link>],
          ['Sensor', facts.sensorVersion === null ? null : `version ${facts.sensorVersion}`],
          ['Machine ID', facts.machineId === null ? null : <CopyText key="machine" text={facts.machineId} />],
          ['First seen', <span key="first" title={formatDateTime(host.firstSeen)}>{formatDate(host.firstSeen)}</span>],
          ['Last seen', <Time key="last" value={host.lastSeen} />],
        ]}
      />
    </Card>
  );
}
