import { RefreshCw } from 'lucide-react';
import { useApi, useChange } from '../../api/queries.ts';
import { useCan } from '../../api/session.ts';
import { Button, Card, EmptyState, Loaded, Notice, Time, toast } from '../../components/index.ts';
import { formatNumber, plural } from '../../format.ts';
import './settings.css';

const POLL_MS = 5000;
const DAY_MS = 86_400_000;
/** Feeds change every few days at most: one that stood still longer is worth a look. */
const OLD_DAYS = 7;

function ageOf(asOf: string | null): number | null {
  const time = asOf === null ? Number.NaN : Date.parse(asOf);
  return Number.isNaN(time) ? null : Math.max(0, Math.floor((Date.now() - time) / DAY_MS));
}

/** The advisory database: its feeds, how old they are, and a way to fetch them now. */
export function Advisories() {
  const advisories = useApi('advisories', {}, { every: POLL_MS });
  const update = useChange('advisoriesUpdate', ['advisories', 'coverage']);
  const manage = useCan('manage');
  const isUpdating = advisories.data?.updating === true;
  const button = manage ? (
    <Button
      icon={<RefreshCw size={14} className={isUpdating ? 'spinning' : undefined} />}
      busy={update.isPending}
      disabled={isUpdating}
      onClick={() => update.mutate({}, { onSuccess: () => toast('Fetching the feeds. Everything is matched anew when they are here.'), onError: toast })}
    >
      {isUpdating ? 'Updating…' : 'Update now'}
    </Button>
  ) : undefined;
  return (
    <Card title="Advisory database" actions={button} className="form-card">
      <Loaded of={advisories}>
        {({ built, feeds, failed }) => (
          <div className="stack">
            {failed !== null && <Notice tone="danger" title="The last update failed.">{failed}</Notice>}
            {built === null ? (
              <EmptyState title="No advisories yet">Until the feeds are fetched, no image can be judged: all stand as they are, and none as clean.</EmptyState>
            ) : (
              <>
                <p className="soft">Built <Time value={built} /> from {plural(feeds.length, 'feed')} with {formatNumber(feeds.reduce((sum, feed) => sum + feed.records, 0))} records. Images are matched anew after each update, without a rescan.</p>
                <table className="feeds">
                  <thead><tr><th scope="col">Feed</th><th scope="col" className="number">Records</th><th scope="col" className="number">As of</th></tr></thead>
                  <tbody>
                    {feeds.map((feed) => {
                      const age = ageOf(feed.asOf);
                      return (
                        <tr key={feed.name}>
                          <th scope="row">{feed.name}</th>
                          <td className="number">{formatNumber(feed.records)}</td>
                          <td className={age !== null && age > OLD_DAYS ? 'number feed-old' : 'number'}>{age === null ? 'unknown' : age === 0 ? 'today' : `${plural(age, 'day')} ago`}</td>
                        </tr>
                      );
                    })}
                  </tbody>
                </table>
              </>
            )}
          </div>
        )}
      </Loaded>
    </Card>
  );
}
