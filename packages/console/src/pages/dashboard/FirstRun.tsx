import { Boxes, Radio, ShieldCheck } from 'lucide-react';
import { useApi } from '../../api/queries.ts';
import { useCan } from '../../api/session.ts';
import { Card, Link, LinkButton } from '../../components/index.ts';
import { plural } from '../../format.ts';
import { linkTo } from '../../url.ts';

const ICON = { size: 20, 'aria-hidden': true } as const;

/** Before the first host: what to do, and what comes of it. Goes by itself once a sensor reports. */
export default function FirstRun() {
  const manage = useCan('manage');
  const coverage = useApi('coverage');
  const database = coverage.data?.database;
  return (
    <Card className="first-run">
      <div className="first-run-head">
        <h2>Nothing is watched yet</h2>
        <p className="soft">Plimsoll sees a host through a sensor that runs on it. Adding one takes a minute: a command to copy, no privileges beyond the container engine’s socket.</p>
        {manage ? (
          <LinkButton variant="primary" icon={<Radio size={15} />} href={`${linkTo.sensors()}?add=sensor`}>Add the first sensor</LinkButton>
        ) : (
          <p className="muted">Your role does not add sensors: ask a manager or an administrator of this Plimsoll.</p>
        )}
      </div>
      <ol className="first-run-steps">
        <li><Radio {...ICON} /><div><h3>1. A sensor reports</h3><p className="soft">The host, its images and its containers stand here seconds later, and change as they change.</p></div></li>
        <li><Boxes {...ICON} /><div><h3>2. Images are analysed where they are</h3><p className="soft">Only the list of what is in them travels. An image that is known already is not analysed again.</p></div></li>
        <li><ShieldCheck {...ICON} /><div><h3>3. Findings, and what to upgrade</h3><p className="soft">Every image is matched again when an advisory changes, without a rescan.</p></div></li>
      </ol>
      <p className="muted small first-run-foot">
        {coverage.data && (database ? <>{plural(coverage.data.feeds.length, 'advisory feed is', 'advisory feeds are')} here.</> : <>There is no advisory database yet: <Link href="/configuration/settings?tab=advisories">fetch the feeds</Link>, so that images can be judged.</>)}
      </p>
    </Card>
  );
}
