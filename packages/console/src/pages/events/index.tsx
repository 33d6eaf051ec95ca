import { EntityListPage } from '../../lists/EntityListPage.tsx';
import { events } from '../../lists/events.tsx';

export default function EventsPage() {
  return <EntityListPage list={events} />;
}
