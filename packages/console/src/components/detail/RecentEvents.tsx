import { useQuery } from '@tanstack/react-query';
import { quoteValue } from '@plimsoll/query/syntax';
import { searchRows } from '../../api/client.ts';
import { formatNumber, sentence } from '../../format.ts';
import { Card } from '../Card.tsx';
import { Link } from '../Link.tsx';
import { Loaded } from '../Loaded.tsx';
import { SeverityMark } from '../Severity.tsx';
import { Time } from '../Time.tsx';

const SHOWN = 8;

/** The last few things that happened to a container, kept up to date. `all`: where the rest is. */
export function RecentEvents({ containerId, all }: { containerId: string; all: string }) {
  const query = `containerId:${quoteValue(containerId)}`;
  const events = useQuery({
    queryKey: ['search', { entity: 'events' }, { query, limit: SHOWN }],
    queryFn: ({ signal }) => searchRows('events', { query, sort: '-time', limit: SHOWN }, signal),
  });
  return (
    <Card title="What happened" actions={events.data !== undefined && events.data.total > SHOWN && <Link href={all}>All {formatNumber(events.data.total)}</Link>}>
      <Loaded of={events}>
        {({ rows }) => (rows.length === 0 ? <p className="soft">Nothing since a sensor watches its host.</p> : (
          <ol className="recent-events">
            {rows.map((event) => (
              <li key={event.id}>
                <SeverityMark severity={event.severity} />
                <span className="break"><span className="strong">{sentence(event.kind)}</span> <span className="soft">{event.message}</span></span>
                <span className="push muted small"><Time value={event.time} /></span>
              </li>
            ))}
          </ol>
        ))}
      </Loaded>
    </Card>
  );
}
