import type { HostDetail } from '@plimsoll/model/api';
import { Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { useApi, useChange } from '../../api/queries.ts';
import { useCan } from '../../api/session.ts';
import { Badge, Button, ConfirmDialog, Notice, Page, StateBadge, Tabs, Tags, Time, toast } from '../../components/index.ts';
import type { Tab } from '../../components/index.ts';
import { awayFor, Changes, Containers, DetailPage, exactly, Findings, NotScanned, Packages, Sbom, UpgradeList, upgradeLink, useIdOfPage } from '../../components/detail/index.ts';
import { linkTo } from '../../url.ts';
import { HostOverview } from './Overview.tsx';

const LIST = { title: 'Hosts', href: linkTo.list('hosts') };

export default function HostPage() {
  const id = useIdOfPage();
  const detail = useApi('host', { params: { id } });
  return (
    <DetailPage of={detail} kind="host" list={LIST} missing="It may have been forgotten, or it is one that you may not see. A host that is still there comes back when its sensor is added again.">
      {(data) => <Host key={id} detail={data} />}
    </DetailPage>
  );
}

function Host({ detail }: { detail: HostDetail }) {
  const { host, facts, coverage } = detail;
  const { id } = host;
  const sbom = useApi('hostSbom', { params: { id } });
  const mayManage = useCan('manage');
  const [asks, setAsks] = useState(false);
  const forget = useChange('hostDelete', ['search', 'facets', 'overview', 'coverage', 'sensors']);
  const [, navigate] = useLocation();
  const upgradeHref = upgradeLink(linkTo.host(id, 'vulnerabilities'));
  const notScanned = <NotScanned kind="host" state={host.scanState} reason={host.sensor === 'none' ? 'No sensor reports from this host.' : null} />;
  const part = (render: Parameters<typeof Sbom>[0]['children']) => <Sbom of={sbom} missing={notScanned}>{render}</Sbom>;
  const view = sbom.data?.sbom;
  const tabs: Tab[] = [
    { id: 'overview', title: 'Overview', render: () => <HostOverview detail={detail} sbom={sbom} notScanned={notScanned} upgradeHref={upgradeHref} /> },
    { id: 'vulnerabilities', title: 'Vulnerabilities', count: view?.findings.length ?? null, render: () => part((content) => <Findings findings={content.findings} upgrades={content.upgrades} coverage={coverage} />) },
    { id: 'containers', title: 'Containers', count: host.containers, render: () => <Containers containers={detail.containers} total={host.containers} all={linkTo.list('containers', `host.name:${exactly(host.name)}`)} without="host" empty="No container exists on this host." /> },
    { id: 'packages', title: 'Packages', count: view?.packages.length ?? null, render: () => part((content) => <Packages packages={content.packages} layered={false} />) },
    { id: 'upgrades', title: 'Upgrades', count: view?.upgrades.length ?? null, render: () => part((content) => <div className="card card-pad"><UpgradeList upgrades={content.upgrades} findingsOf={upgradeHref} /></div>) },
    { id: 'history', title: 'History', render: () => <Changes route="hostChanges" id={id} kind="host" /> },
  ];
  return (
    <Page
      title={host.name}
      breadcrumbs={[LIST]}
      subtitle={
        <>
          <StateBadge state={host.sensor} />
          <SensorText host={host} />
          {host.os !== null && <span>{host.os}</span>}
          {host.isDockerHost && <Badge>Docker host</Badge>}
          {host.tags.length > 0 && <Tags names={host.tags} limit={6} />}
        </>
      }
      actions={mayManage && <Button variant="danger" icon={<Trash2 size={14} />} onClick={() => setAsks(true)}>Forget host</Button>}
    >
      {facts.note !== null && <Notice>{facts.note}</Notice>}
      {host.sensor === 'away' && <Notice tone="warn" title="What is shown here may be out of date.">Its sensor has not been heard of{host.sensorSeen === null ? '' : ` for ${awayFor(host.sensorSeen, Date.now())}`}. Check that the host is up, that the sensor runs and that it reaches this server.</Notice>}
      <Tabs tabs={tabs} label="Host" />
      <ConfirmDialog
        open={asks}
        onClose={() => setAsks(false)}
        title={`Forget ${host.name}?`}
        action="Forget host"
        onConfirm={async () => {
          await forget.mutateAsync({ params: { id } });
          toast(`${host.name} is forgotten.`);
          navigate(LIST.href);
        }}
      >
        Its containers, findings and history go, and its sensor is revoked. This cannot be taken back; to see the host again, its sensor has to be added anew.
      </ConfirmDialog>
    </Page>
  );
}

/** What stands beside the sensor's state: since when. */
function SensorText({ host }: { host: HostDetail['host'] }) {
  if (host.sensorSeen === null) return null;
  if (host.sensor === 'away') return <span className="icon-warn">away for {awayFor(host.sensorSeen, Date.now())}</span>;
  return <span>heard <Time value={host.sensorSeen} /></span>;
}
