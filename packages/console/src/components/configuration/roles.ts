import type { Role } from '@plimsoll/model/api';

/** What each role may do, in a few words. */
export const ROLE_TEXTS: Record<Role, { title: string; hint: string }> = {
  admin: { title: 'Admin', hint: 'Everything, with users and settings.' },
  manager: { title: 'Manager', hint: 'Sensors, tags and rescans; no users, no settings.' },
  reader: { title: 'Reader', hint: 'Looks, and keeps own dashboards and searches.' },
  ci: { title: 'CI', hint: 'Submits images from a pipeline and gets the verdict; sees nothing else.' },
  sensor: { title: 'Sensor', hint: 'A sensor’s own credential.' },
};
/** Strongest first: nobody gives more than they have. */
const STRENGTH: readonly Role[] = ['admin', 'manager', 'reader', 'ci'];

/** The roles that somebody with this role can give to a token, strongest first. */
export function rolesWithin<R extends Role>(own: Role, roles: readonly R[]): R[] {
  const from = STRENGTH.indexOf(own);
  return roles.filter((role) => from >= 0 && STRENGTH.indexOf(role) >= from);
}

export function roleOptions<R extends Role>(roles: readonly R[]): { value: R; label: string }[] {
  return roles.map((value) => ({ value, label: ROLE_TEXTS[value].title }));
}
