import type { ImageDetail } from '@plimsoll/model/api';
import { Download, RotateCw } from 'lucide-react';
import { urlOf } from '../../api/client.ts';
import { useApi, useChange } from '../../api/queries.ts';
import { useCan } from '../../api/session.ts';
import { Button, CopyText, Menu, Notice, Page, SeverityBar, StateBadge, Tabs, Tags, Time, toast } from '../../components/index.ts';
import type { Tab } from '../../components/index.ts';
import { Changes, Containers, DetailPage, exactly, Findings, NotScanned, Packages, Sbom, UpgradeList, upgradeLink, useIdOfPage } from '../../components/detail/index.ts';
import { formatNumber, shortId } from '../../format.ts';
import { linkTo } from '../../url.ts';
import { Layers } from './Layers.tsx';
import { ImageOverview } from './Overview.tsx';
import { Posture } from './Posture.tsx';

const LIST = { title: 'Images', href: linkTo.list('images') };

export default function ImagePage() {
  const id = useIdOfPage();
  const detail = useApi('image', { params: { id } });
  return (
    <DetailPage of={detail} kind="image" list={LIST} missing="It may have been removed from every host that held it, or it is on hosts that you may not see. Look for it by its name or by the start of its id.">
      {(data) => <Image key={id} detail={data} />}
    </DetailPage>
  );
}

function Image({ detail }: { detail: ImageDetail }) {
  const { image, coverage } = detail;
  const { id } = image;
  const sbom = useApi('imageSbom', { params: { id } });
  const rescan = useChange('imageRescan', ['image', 'search']);
  const mayManage = useCan('manage');
  const scanned = image.vulnerabilities !== null;
  const file = (format: 'cyclonedx' | 'spdx' | 'json') => urlOf('imageDownload', { params: { id, format } });
  const askAgain = mayManage && (
    <Button
      icon={<RotateCw size={14} />}
      busy={rescan.isPending}
      disabled={image.hosts === 0 || image.scanState === 'analysing'}
      title={image.hosts === 0 ? 'No host holds it any more' : 'Have a sensor read its content anew'}
      onClick={() => rescan.mutate({ params: { id } }, { onSuccess: () => toast('A sensor that has the image analyses it anew.'), onError: toast })}
    >
      {scanned ? 'Rescan' : 'Scan now'}
    </Button>
  );
  const upgradeHref = upgradeLink(linkTo.image(id, 'vulnerabilities'));
  const notScanned = <NotScanned kind="image" state={image.scanState} reason={image.reason} />;
  const part = (render: Parameters<typeof Sbom>[0]['children']) => <Sbom of={sbom} missing={notScanned}>{render}</Sbom>;
  const view = sbom.data?.sbom;
  const tabs: Tab[] = [
    { id: 'overview', title: 'Overview', render: () => <ImageOverview detail={detail} sbom={sbom} notScanned={notScanned} upgradeHref={upgradeHref} /> },
    { id: 'vulnerabilities', title: 'Vulnerabilities', count: view?.findings.length ?? null, render: () => part((content) => <Findings findings={content.findings} upgrades={content.upgrades} layers={content.layers} coverage={coverage} />) },
    { id: 'layers', title: 'Layers', count: view?.layers.length ?? null, render: () => part((content) => <Layers layers={content.layers} base={content.base} href={(layer) => `${linkTo.image(id, 'vulnerabilities')}&layer=${layer}`} />) },
    { id: 'packages', title: 'Packages', count: view?.packages.length ?? null, render: () => part((content) => <Packages packages={content.packages} layered />) },
    { id: 'upgrades', title: 'Upgrades', count: view?.upgrades.length ?? null, render: () => part((content) => <div className="card card-pad"><UpgradeList upgrades={content.upgrades} findingsOf={upgradeHref} /></div>) },
    { id: 'posture', title: 'Posture & secrets', count: view ? view.posture.length + view.secrets.length : null, render: () => part((content) => <Posture sbom={content} />) },
    { id: 'containers', title: 'Containers', count: image.containers, render: () => <Containers containers={detail.containers} total={image.containers} all={linkTo.list('containers', `imageId:${exactly(id)}`)} without="image" empty="No container from this image exists on any host." /> },
    { id: 'history', title: 'History', render: () => <Changes route="imageChanges" id={id} kind="image" /> },
  ];
  return (
    <Page
      title={image.name}
      breadcrumbs={[LIST]}
      subtitle={
        <>
          <StateBadge state={image.scanState} title={image.reason} />
          <CopyText text={id} shown={shortId(id)} />
          {image.lastScanned !== null && <span>scanned <Time value={image.lastScanned} /></span>}
          {image.tags.length > 0 && <Tags names={image.tags} limit={6} />}
        </>
      }
      actions={
        <>
          {askAgain}
          <Menu
            trigger={<Button icon={<Download size={14} />} disabled={!scanned} title={scanned ? undefined : 'There is no SBOM before the first scan'}>SBOM</Button>}
            items={[
              { label: 'CycloneDX', href: file('cyclonedx'), download: true },
              { label: 'SPDX', href: file('spdx'), download: true },
              { label: 'Plimsoll JSON', href: file('json'), download: true },
            ]}
          />
        </>
      }
    >
      {image.scanState === 'incomplete' && <Notice tone="warn" title="Not everything could be judged.">{image.reason ?? 'The overview says what is missing.'}</Notice>}
      {image.vulnerabilities !== null && (
        <div className="detail-head">
          <SeverityBar counts={image.vulnerabilities} legend />
          <p className="detail-figures">
            <span><span className="strong">{formatNumber(image.vulnerabilities.fixable)}</span> with a fix</span>
            <span className={image.vulnerabilities.kev > 0 ? 'figure-danger' : undefined}><span className="strong">{formatNumber(image.vulnerabilities.kev)}</span> known exploited</span>
          </p>
        </div>
      )}
      <Tabs tabs={tabs} label="Image" />
    </Page>
  );
}
