import { EntityListPage } from '../../lists/EntityListPage.tsx';
import { registries } from '../../lists/registries.tsx';

export default function RegistriesPage() {
  return <EntityListPage list={registries} />;
}
