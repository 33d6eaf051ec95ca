import type { EntityName } from '@plimsoll/model/api';
import type { EntityList } from '../../lists/EntityListPage.tsx';
import { containers } from '../../lists/containers.tsx';
import { events } from '../../lists/events.tsx';
import { hosts } from '../../lists/hosts.tsx';
import { images } from '../../lists/images.tsx';
import { packages } from '../../lists/packages.tsx';
import { registries } from '../../lists/registries.tsx';
import { vulnerabilities } from '../../lists/vulnerabilities.tsx';

/** The list of each entity: its columns are those of a table widget. */
export const LISTS: { [E in EntityName]: EntityList<E> } = { hosts, images, containers, registries, packages, vulnerabilities, events };
