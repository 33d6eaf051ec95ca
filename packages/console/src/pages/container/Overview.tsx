import type { ContainerDetail } from '@plimsoll/model/api';
import { ShieldAlert, ShieldCheck, TriangleAlert } from 'lucide-react';
import { Badge, Card, CodeBlock, Link, SeverityCounts, Time } from '../../components/index.ts';
import { Facts, RecentEvents } from '../../components/detail/index.ts';
import { formatDateTime, formatNumber } from '../../format.ts';
import { linkTo } from '../../url.ts';
import { capabilityOf, capabilityRisk, isOpenToAll, mountRisk, risksOf, runsAsRoot } from './risks.ts';
import type { Risk } from './risks.ts';

/** How the container runs, what power over its host it has, and what happened to it. */
export function ContainerOverview({ detail }: { detail: ContainerDetail }) {
  return (
    <div className="detail-grid">
      <div className="stack">
        <Risks risks={risksOf(detail)} />
        <Image detail={detail} />
        <Mounts detail={detail} />
        <RecentEvents containerId={detail.container.id} all={linkTo.container(detail.container.id, 'events')} />
      </div>
      <div className="stack">
        <State detail={detail} />
        <Privileges detail={detail} />
        <Labels labels={detail.labels} />
      </div>
    </div>
  );
}

function Risks({ risks }: { risks: readonly Risk[] }) {
  return (
    <Card title="Power over the host" actions={risks.length > 0 && <span className="muted small">{risks.length} to look at</span>}>
      {risks.length === 0 ? (
        <p className="line soft"><ShieldCheck size={15} className="icon-good" aria-hidden="true" />Not privileged, not root, without risky capabilities, mounts or the host’s network.</p>
      ) : (
        <ul className="plain-list">
          {risks.map((risk) => (
            <li key={risk.title} className="note-row">
              {risk.level === 'danger' ? <ShieldAlert size={15} className="icon-danger" aria-label="Dangerous" /> : <TriangleAlert size={15} className="icon-warn" aria-label="Risky" />}
              <span className="break"><span className="strong">{risk.title}</span><br /><span className="soft">{risk.why}</span></span>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

function Image({ detail: { container, image } }: { detail: ContainerDetail }) {
  return (
    <Card title="Image">
      <div className="line-wrap">
        <span className="grow break">
          {container.imageId === null ? <span className="strong">{container.image}</span> : <Link href={linkTo.image(container.imageId)} className="strong">{container.image}</Link>}
          {image !== null && !container.image.endsWith(image.name) && <span className="muted"> now {image.name}</span>}
        </span>
        <SeverityCounts counts={container.vulnerabilities} state={container.scanState} reason={image?.reason ?? null} />
      </div>
      {container.vulnerabilities === null && <p className="soft">{image?.reason ?? 'Its content has not been read: whether it has vulnerabilities is not known.'}</p>}
    </Card>
  );
}

function State({ detail }: { detail: ContainerDetail }) {
  const { container } = detail;
  const at = (time: string | null) => (time === null ? null : <span title={formatDateTime(time)}><Time value={time} /></span>);
  return (
    <Card title="State">
      <Facts
        items={[
          ['Created', at(container.created)],
          ['Started', at(container.started)],
          ['Ended', container.state === 'running' ? null : at(detail.finished)],
          ['Exit code', container.state === 'running' || detail.exitCode === null ? null : <ExitCode key="code" code={detail.exitCode} />],
          ['Restarts', container.restarts === 0 ? '0' : <span key="restarts" className="icon-warn">{formatNumber(container.restarts)}</span>],
          ['Process', detail.pid === null || detail.pid === 0 ? null : String(detail.pid)],
          ['Host', <Link key="host" href={linkTo.host(container.hostId)}>{container.host}</Link>],
          ['Pod', container.pod],
          ['Namespace', container.namespace],
          ['Node', detail.node],
          ['Network', detail.networkMode],
          ['Ports', container.ports.length === 0 ? 'none published' : <ul key="ports">{container.ports.map((port) => <li key={port}><code>{port}</code>{isOpenToAll(port) && <span className="muted"> on all addresses</span>}</li>)}</ul>],
          ['First seen', at(container.firstSeen)],
          ['Last seen', at(container.lastSeen)],
        ]}
      />
      {detail.command.length > 0 && <div className="container-command"><CodeBlock code={detail.command.join(' ')} label="Command" /></div>}
    </Card>
  );
}

/** Ended by a signal: 128 and its number, as shells and engines count. */
const SIGNALS = new Map([[137, 'killed: by hand, or out of memory'], [139, 'a segmentation fault'], [143, 'asked to end'], [134, 'aborted'], [126, 'the command cannot be run'], [127, 'the command was not found']]);

function ExitCode({ code }: { code: number }) {
  const meaning = SIGNALS.get(code);
  return <span className={code === 0 ? undefined : 'icon-danger'}>{code}{meaning !== undefined && <span className="muted"> {meaning}</span>}</span>;
}

function Privileges({ detail: { container, capabilities } }: { detail: ContainerDetail }) {
  return (
    <Card title="Privileges">
      <Facts
        items={[
          ['User', runsAsRoot(container.user) ? <span key="user" className="icon-warn">root{container.user === null || container.user === '' ? ' (none is set)' : ''}</span> : container.user],
          ['Privileged', container.privileged ? <Badge key="privileged" tone="danger">yes</Badge> : 'no'],
          ['Capabilities', container.privileged ? 'all of them' : capabilities.length === 0 ? 'the engine’s default' : (
            <span key="capabilities" className="line-wrap">
              {capabilities.map((capability) => {
                const { added, name } = capabilityOf(capability);
                const risk = capabilityRisk(capability);
                return <Badge key={capability} tone={risk?.level ?? 'grey'} title={risk?.why ?? (added ? 'Added to the engine’s default' : 'Taken from the engine’s default')}>{added ? '+' : '−'}{name}</Badge>;
              })}
            </span>
          )],
        ]}
      />
    </Card>
  );
}

function Mounts({ detail: { mounts } }: { detail: ContainerDetail }) {
  return (
    <Card title="Mounts">
      {mounts.length === 0 ? <p className="soft">Nothing is mounted into it.</p> : (
        <div className="scroll-x" tabIndex={0} role="region" aria-label="Mounts">
          <table className="small-table">
            <thead><tr><th scope="col">From the host</th><th scope="col">In the container</th><th scope="col">Mode</th></tr></thead>
            <tbody>
              {mounts.map((mount) => {
                const risk = mountRisk(mount);
                return (
                  <tr key={`${mount.source} ${mount.destination}`}>
                    <td><code>{mount.source === '' ? 'volume' : mount.source}</code>{risk && <> <Badge tone={risk.level} title={risk.why}>risky</Badge></>}</td>
                    <td><code>{mount.destination}</code></td>
                    <td>{mount.mode === '' ? 'rw' : mount.mode}</td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      )}
    </Card>
  );
}

function Labels({ labels }: { labels: Record<string, string> }) {
  const all = Object.entries(labels);
  if (all.length === 0) return null;
  return <Card title="Labels" className="labels"><Facts items={all.map(([key, value]) => [key, value === '' ? <span key={key} className="muted">empty</span> : value])} /></Card>;
}
