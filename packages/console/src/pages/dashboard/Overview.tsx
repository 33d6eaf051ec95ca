import type { CoverageSummary, Overview as OverviewData } from '@plimsoll/model/api';
import { CircleAlert, CircleCheck, TriangleAlert } from 'lucide-react';
import { lazy, Suspense, useMemo } from 'react';
import type { ReactNode } from 'react';
import { useApi } from '../../api/queries.ts';
import { Card, Donut, ErrorState, Link, Select, SeverityBadge, SeverityCounts, SeverityLegend, Skeleton, SkeletonLines, Stat, Stats, TrendChart } from '../../components/index.ts';
import { formatMinutes, formatNumber, plural } from '../../format.ts';
import { totalOf } from '../../severity.ts';
import { linkTo } from '../../url.ts';
import { DAYS, daysOf, isFirstRun, oldestFirst, OLD_FEED_DAYS, severityBars, standingOf, stateSlices, trendSeries } from './figures.ts';
import type { Standing } from './figures.ts';

const FirstRun = lazy(() => import('./FirstRun.tsx'));

const TREND_HEIGHT = 216;
const MOST_FIXES = 8;
const MOST_FEEDS = 4;

/** How far back the trend goes. */
function OverviewDays({ days, onDays }: { days: string; onDays: (days: string) => void }) {
  const shown = String(daysOf(days));
  return (
    <Select
      aria-label="Days shown"
      className="overview-days"
      value={shown}
      onValue={onDays}
      options={[...new Set([...DAYS, shown])].map((value) => ({ value, label: `Last ${value} days` }))}
    />
  );
}

/** What everybody sees first: what there is, what is wrong with it, what to do about it, and what was not looked at. */
export function Overview({ days, onDays }: { days: string; onDays: (days: string) => void }) {
  const overview = useApi('overview', { query: { days: daysOf(days) } }, { keep: true });
  const coverage = useApi('coverage');
  if (overview.isError && !overview.data) return <ErrorState error={overview.error} retry={() => void overview.refetch()} />;
  if (!overview.data) return <Loading />;
  const data = overview.data;
  if (isFirstRun(data)) return <Suspense fallback={<Loading />}><FirstRun /></Suspense>;
  return (
    <>
      <Figures data={data} />
      <div className="overview-grid">
        <Card title="Open findings by severity" className="overview-third">
          <Findings data={data} />
        </Card>
        <Card title="Findings over time" className="overview-rest" actions={<OverviewDays days={days} onDays={onDays} />}><Trend data={data} /></Card>
        <Card title="Containers by state" className="overview-third">
          {data.containers.total === 0 ? <p className="muted">No containers were reported.</p> : <Donut slices={stateSlices(data.containers.byState)} unit="containers" />}
          {data.containers.privileged > 0 && <p className="small overview-note"><Link href={linkTo.list('containers', 'privileged:true')}>{plural(data.containers.privileged, 'container runs', 'containers run')} privileged</Link></p>}
        </Card>
        <Card title="Top fixes" className="overview-rest" flush actions={data.fixes.length > 0 ? <SeverityLegend /> : undefined}><Fixes data={data} /></Card>
      </div>
      <Card title="What was looked at">
        {coverage.data ? <Coverage data={coverage.data} /> : coverage.isError ? <ErrorState error={coverage.error} retry={() => void coverage.refetch()} /> : <SkeletonLines lines={3} />}
      </Card>
    </>
  );
}

function Figures({ data: { hosts, images, containers } }: { data: OverviewData }) {
  const notLive = [hosts.away > 0 && `${formatNumber(hosts.away)} away`, hosts.none > 0 && `${formatNumber(hosts.none)} without sensor`].filter((text) => text !== false);
  const unseen = images.notScanned + images.notJudged + images.failed;
  const why = [images.notScanned > 0 && `${formatNumber(images.notScanned)} waiting`, images.notJudged > 0 && `${formatNumber(images.notJudged)} no feed judges`, images.failed > 0 && `${formatNumber(images.failed)} failed`].filter((text) => text !== false);
  return (
    <Stats>
      <Stat label="Container hosts" value={formatNumber(hosts.docker)} detail={`${formatNumber(hosts.live)} of ${plural(hosts.total, 'host')} live`} href={linkTo.list('hosts', 'isDockerHost:true')} />
      <Stat label="Hosts not live" value={formatNumber(hosts.away + hosts.none)} detail={notLive.length === 0 ? 'All sensors report' : notLive.join(', ')} href={linkTo.list('hosts', 'sensor:[away, none, revoked]')} {...(hosts.away + hosts.none > 0 ? { tone: 'warn' as const } : {})} />
      <Stat label="Images" value={formatNumber(images.total)} detail={`${formatNumber(images.scanned)} scanned`} href={linkTo.list('images')} />
      <Stat label="Not scanned" value={formatNumber(unseen)} detail={images.total === 0 ? 'No images yet' : why.length === 0 ? 'Every image was looked at' : why.join(', ')} href={linkTo.list('images', 'scanState:[not-scanned, not-judged, analysing, failed]')} {...(unseen > 0 ? { tone: 'warn' as const } : {})} />
      <Stat label="Vulnerable images" value={formatNumber(images.vulnerable)} detail={`of ${formatNumber(images.scanned)} scanned`} href={linkTo.list('images', 'vulnerabilities.severity:*')} />
      <Stat label="Urgent images" value={formatNumber(images.urgent)} detail="with a severity 5 finding" href={linkTo.list('images', 'vulnerabilities.severity:5')} {...(images.urgent > 0 ? { tone: 'danger' as const } : {})} />
      <Stat label="Containers" value={formatNumber(containers.total)} detail={`${formatNumber(containers.byState.running ?? 0)} running`} href={linkTo.list('containers')} />
    </Stats>
  );
}

function Findings({ data: { findings, images } }: { data: OverviewData }) {
  const total = totalOf(findings);
  if (images.scanned === 0 && total === 0) return <p className="muted">No image was scanned yet: nothing is known of their vulnerabilities.</p>;
  return (
    <div className="stack">
      <SeverityBars findings={findings} />
      <p className="small muted overview-note">
        <span><span className="strong">{formatNumber(total)}</span> in all</span>
        <span><Link href={linkTo.list('vulnerabilities', 'fixable:true')}>{formatNumber(findings.fixable)}</Link> have a fix</span>
        <span><Link href={linkTo.list('vulnerabilities', 'kev:true')}>{formatNumber(findings.kev)}</Link> known exploited</span>
      </p>
    </div>
  );
}

/** Names and figures beside the bars, not on them: they can be read on every colour. */
function SeverityBars({ findings }: { findings: OverviewData['findings'] }) {
  const bars = severityBars(findings);
  const most = Math.max(1, ...bars.map((bar) => bar.value));
  return (
    <ul className="severity-bars">
      {bars.map((bar) => (
        <li key={bar.level}>
          <Link href={bar.href} className="severity-bars-row">
            <SeverityBadge severity={bar.level} />
            <span className="severity-bars-track" aria-hidden="true"><span style={{ width: `${(bar.value / most) * 100}%`, background: `var(--sev${bar.level}-fill)` }} className={bar.value === 0 ? undefined : 'severity-bars-bar'} /></span>
            <span className="strong number">{formatNumber(bar.value)}</span>
          </Link>
        </li>
      ))}
    </ul>
  );
}

function Trend({ data: { trend } }: { data: OverviewData }) {
  const days = useMemo(() => trend.map((day) => day.day), [trend]);
  const series = useMemo(() => trendSeries(trend), [trend]);
  if (trend.length < 2) return <p className="muted">One figure is kept a day: the first line is drawn tomorrow.</p>;
  return <TrendChart days={days} series={series} stacked height={TREND_HEIGHT} label="Open findings by severity, day by day" />;
}

function Fixes({ data: { fixes, images } }: { data: OverviewData }) {
  if (fixes.length === 0) return <p className="muted overview-none">{images.scanned === 0 ? 'Once images are scanned, the upgrades that remove most stand here.' : 'No upgrade is known that would remove a finding.'}</p>;
  return (
    <ul className="fixes">
      {fixes.slice(0, MOST_FIXES).map((fix) => (
        <li key={`${fix.type} ${fix.name} ${fix.to}`}>
          <Link href={linkTo.list('images', fix.query)} className="fix">
            <span className="fix-what clip"><span className="strong">{fix.name}</span> <span className="muted">{fix.type}</span></span>
            <span className="fix-to mono clip" title={`Upgrade to ${fix.to}`}><span className="visually-hidden">upgrade to </span>→ {fix.to}</span>
            <span className="fix-images soft">{plural(fix.images, 'image')}</span>
            <SeverityCounts counts={fix.removes} />
          </Link>
        </li>
      ))}
    </ul>
  );
}

const MARKS: Record<Standing, ReactNode> = {
  good: <CircleCheck size={15} className="standing-good" role="img" aria-label="Good:" />,
  warn: <TriangleAlert size={15} className="standing-warn" role="img" aria-label="Attention:" />,
  danger: <CircleAlert size={15} className="standing-danger" role="img" aria-label="Problem:" />,
};

function Part({ standing, title, children }: { standing: Standing; title: string; children: ReactNode }) {
  return (
    <div className="coverage-part">
      <h3>{MARKS[standing]} {title}</h3>
      <div className="soft">{children}</div>
    </div>
  );
}

function Coverage({ data }: { data: CoverageSummary }) {
  const { hosts, images, feeds, database, awayMinutes, eventsDropped } = data;
  const standing = standingOf(data);
  return (
    <div className="coverage">
      <Part standing={standing.hosts} title="Hosts">
        <p>{formatNumber(hosts.live)} of {plural(hosts.total, 'host')} with a live sensor.</p>
        {hosts.away > 0 && <p><Link href={linkTo.list('hosts', 'sensor:away')}>{plural(hosts.away, 'host')}</Link> with a sensor that is away.</p>}
        {hosts.none > 0 && <p><Link href={linkTo.list('hosts', 'sensor:[none, revoked]')}>{plural(hosts.none, 'host')}</Link> without a sensor.</p>}
      </Part>
      <Part standing={standing.images} title="Images">
        <p>{formatNumber(images.scanned)} of {plural(images.total, 'image')} scanned{images.incomplete > 0 && <>, <Link href={linkTo.list('images', 'scanState:incomplete')}>{formatNumber(images.incomplete)} incompletely</Link></>}.</p>
        {images.reasons.slice(0, 3).map(({ reason, count }) => <p key={reason}>{formatNumber(count)}: {reason}</p>)}
      </Part>
      <Part standing={standing.feeds} title="Advisories">
        {database === null ? (
          <p>No advisory database yet: nothing is judged. <Link href="/configuration/settings?tab=advisories">Fetch the feeds</Link></p>
        ) : (
          <ul>
            {oldestFirst(feeds).slice(0, MOST_FEEDS).map(({ name, ageDays, records }) => (
              <li key={name} title={`${formatNumber(records)} records`}>
                <span className="strong">{name}</span>{' '}
                <span className={ageDays !== null && ageDays > OLD_FEED_DAYS ? 'standing-warn' : undefined}>{ageDays === null ? 'of unknown age' : ageDays === 0 ? 'of today' : `${plural(ageDays, 'day')} old`}</span>
              </li>
            ))}
            {feeds.length > MOST_FEEDS && <li><Link href="/configuration/settings?tab=advisories">{plural(feeds.length - MOST_FEEDS, 'newer feed')}</Link></li>}
          </ul>
        )}
      </Part>
      <Part standing={standing.away} title="Last 7 days">
        <p>{awayMinutes === 0 ? 'No sensor was away.' : `Sensors were away for ${formatMinutes(awayMinutes)} in all.`}</p>
        <p>{eventsDropped === 0 ? 'No event was dropped.' : `${plural(eventsDropped, 'event')} had to be dropped.`}</p>
      </Part>
    </div>
  );
}

function Loading() {
  return (
    <div className="stack" role="status" aria-label="Loading">
      <div className="stats">{Array.from({ length: 7 }, (_, index) => <div key={index} className="stat"><Skeleton width="60%" /><Skeleton width="40%" height="26px" /><Skeleton width="75%" /></div>)}</div>
      <div className="overview-grid">
        {['third', 'rest', 'third', 'rest'].map((part, index) => <Card key={index} className={`overview-${part}`}><SkeletonLines lines={6} /></Card>)}
      </div>
    </div>
  );
}
