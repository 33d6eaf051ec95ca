import type { ContainerDetail } from '@plimsoll/model/api';
import { useApi } from '../../api/queries.ts';
import { Badge, CopyText, EmptyState, Link, LinkButton, Page, SeverityBar, StateBadge, Tabs, Tags, Time } from '../../components/index.ts';
import type { Tab } from '../../components/index.ts';
import { DetailPage, EntityTable, Findings, NotScanned, quoteValue, Sbom, useIdOfPage } from '../../components/detail/index.ts';
import { formatNumber, shortId } from '../../format.ts';
import { events } from '../../lists/events.tsx';
import { linkTo } from '../../url.ts';
import { ContainerOverview } from './Overview.tsx';

const LIST = { title: 'Containers', href: linkTo.list('containers') };
const SAME_IN_ALL = ['container', 'image', 'host'];

export default function ContainerPage() {
  const id = useIdOfPage();
  const detail = useApi('container', { params: { id } });
  return (
    <DetailPage of={detail} kind="container" list={LIST} missing="Containers that were removed are kept for a while, then forgotten; or it is on a host that you may not see.">
      {(data) => <Container key={id} detail={data} />}
    </DetailPage>
  );
}

function Container({ detail }: { detail: ContainerDetail }) {
  const { container, image } = detail;
  const tabs: Tab[] = [
    { id: 'overview', title: 'Overview', render: () => <ContainerOverview detail={detail} /> },
    { id: 'vulnerabilities', title: 'Vulnerabilities', render: () => <Vulnerabilities detail={detail} /> },
    {
      id: 'events',
      title: 'Events',
      render: () => (
        <EntityTable
          entity="events"
          query={`containerId:${quoteValue(container.id)}`}
          columns={events.columns}
          without={SAME_IN_ALL}
          href={() => null}
          label="Events"
          empty={<EmptyState title="No events">What happened to it since a sensor watches its host stands here. Events are kept for a time only.</EmptyState>}
        />
      ),
    },
  ];
  return (
    <Page
      title={container.name}
      breadcrumbs={[LIST]}
      subtitle={
        <>
          <StateBadge state={container.state} title={container.status} />
          {container.status !== null && <span>{container.status}</span>}
          <CopyText text={container.id} shown={shortId(container.id)} />
          <span className="line">on <Link href={linkTo.host(container.hostId)}>{container.host}</Link></span>
          {container.privileged && <Badge tone="danger">Privileged</Badge>}
          {container.tags.length > 0 && <Tags names={container.tags} limit={6} />}
        </>
      }
      actions={container.imageId !== null && <LinkButton href={linkTo.image(container.imageId)}>Open image</LinkButton>}
    >
      {container.vulnerabilities !== null && (
        <div className="detail-head">
          <SeverityBar counts={container.vulnerabilities} legend />
          <p className="detail-figures">
            <span><span className="strong">{formatNumber(container.vulnerabilities.fixable)}</span> with a fix</span>
            <span className={container.vulnerabilities.kev > 0 ? 'figure-danger' : undefined}><span className="strong">{formatNumber(container.vulnerabilities.kev)}</span> known exploited</span>
            {image?.lastScanned != null && <span className="muted">image scanned <Time value={image.lastScanned} /></span>}
          </p>
        </div>
      )}
      <Tabs tabs={tabs} label="Container" />
    </Page>
  );
}

/** Those of its image, as they are now. */
function Vulnerabilities({ detail: { container, image } }: { detail: ContainerDetail }) {
  const none = <NotScanned kind="image" state={image?.scanState ?? 'not-scanned'} reason={image === null ? 'No sensor has reported the image it comes from.' : image.reason} />;
  return container.imageId === null || image === null ? none : <OfImage id={container.imageId} missing={none} />;
}

function OfImage({ id, missing }: { id: string; missing: React.ReactNode }) {
  const sbom = useApi('imageSbom', { params: { id } });
  const detail = useApi('image', { params: { id } });
  return (
    <Sbom of={sbom} missing={missing}>
      {(content) => (detail.data ? <Findings findings={content.findings} upgrades={content.upgrades} layers={content.layers} coverage={detail.data.coverage} /> : null)}
    </Sbom>
  );
}
