import { ROUTES, type Permission, type Role, type RouteName } from '@plimsoll/model/api';
import type { Caller } from '../context.ts';

/**
 * Who may call what. This table decides for every route; handlers only narrow it to the assets, dashboards
 * and tokens that are the caller's.
 */
export const ROLE_PERMISSIONS: Record<Role, readonly Permission[]> = {
  admin: ['public', 'read', 'own', 'manage', 'admin', 'submit'],
  manager: ['public', 'read', 'own', 'manage', 'submit'],
  reader: ['public', 'read', 'own'],
  ci: ['public', 'submit'],
  sensor: ['public', 'sensor'],
};

/** What somebody may who is nobody. */
const NOBODY: readonly Permission[] = ['public'];

/**
 * A caller with a scope sees some assets only. Tags are what scopes are made of, so whoever hands out tags or
 * lets in sensors hands out access: of what `manage` allows, only these are left, whose handlers look at the
 * asset's tags. Nothing of `admin` is left.
 */
const SCOPED_MANAGE: ReadonlySet<RouteName> = new Set(['imageRescan', 'hostDelete']);

/** Figures over everything, which a scope cannot narrow. */
const UNSCOPED_READ: ReadonlySet<RouteName> = new Set(['metrics']);

export type Decision = 'allowed' | 'denied' | 'unknown-caller';

/** Whether a caller may call a route. `unknown-caller`: somebody might, but this one has not said who they are. */
export function decide(caller: Pick<Caller, 'role' | 'scope'>, route: RouteName): Decision {
  const { needs } = ROUTES[route];
  const held = caller.role === null ? NOBODY : ROLE_PERMISSIONS[caller.role];
  if (!held.includes(needs)) return caller.role === null ? 'unknown-caller' : 'denied';
  if (caller.scope === null) return 'allowed';
  if (needs === 'admin') return 'denied';
  if (needs === 'manage') return SCOPED_MANAGE.has(route) ? 'allowed' : 'denied';
  return UNSCOPED_READ.has(route) ? 'denied' : 'allowed';
}

/** Whether all that `role` may, `maker` may too. */
export function isNoStronger(role: Role, maker: Role): boolean {
  return ROLE_PERMISSIONS[role].every((permission) => ROLE_PERMISSIONS[maker].includes(permission));
}

/** The role a token has today: its own, or its owner's where the owner may less by now; null where neither is a part of the other. */
export function effectiveRole(token: Role, owner: Role): Role | null {
  if (isNoStronger(token, owner)) return token;
  return isNoStronger(owner, token) ? owner : null;
}

/** Whether a scope shows nothing that `maker` does not show. Null shows all. */
export function isNarrower(scope: readonly string[] | null, maker: readonly string[] | null): boolean {
  return maker === null || (scope !== null && scope.every((tag) => maker.includes(tag)));
}

/** A scope that shows nothing that either hides. */
export function narrowest(one: string[] | null, other: string[] | null): string[] | null {
  if (one === null) return other;
  return other === null ? one : one.filter((tag) => other.includes(tag));
}
