import { EntityListPage } from '../../lists/EntityListPage.tsx';
import { images } from '../../lists/images.tsx';

export default function ImagesPage() {
  return <EntityListPage list={images} />;
}
