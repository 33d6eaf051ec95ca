import { EntityListPage } from '../../lists/EntityListPage.tsx';
import { packages } from '../../lists/packages.tsx';

export default function PackagesPage() {
  return <EntityListPage list={packages} />;
}
