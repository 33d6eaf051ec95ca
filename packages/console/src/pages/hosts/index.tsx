import { EntityListPage } from '../../lists/EntityListPage.tsx';
import { hosts } from '../../lists/hosts.tsx';

export default function HostsPage() {
  return <EntityListPage list={hosts} />;
}
