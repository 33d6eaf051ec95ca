import { EntityListPage } from '../../lists/EntityListPage.tsx';
import { containers } from '../../lists/containers.tsx';

export default function ContainersPage() {
  return <EntityListPage list={containers} />;
}
