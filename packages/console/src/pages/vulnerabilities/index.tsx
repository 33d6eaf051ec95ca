import { EntityListPage } from '../../lists/EntityListPage.tsx';
import { vulnerabilities } from '../../lists/vulnerabilities.tsx';

export default function VulnerabilitiesPage() {
  return <EntityListPage list={vulnerabilities} />;
}
