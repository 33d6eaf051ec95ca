import { z } from 'zod';
import { role, time, uuid } from './common.ts';

export const password = z.string().min(12, 'At least 12 characters.').max(200);
export const email = z.email().max(200).transform((value) => value.toLowerCase());

const scope = z.array(z.string()).nullable().describe('Tags of the assets it may see; null for all.');

export const me = z.object({
  user: z.object({ id: uuid, name: z.string(), email: z.string(), role, scope }),
  /** Sent back in the header x-csrf-token with every change. */
  csrf: z.string(),
}).meta({ id: 'Me' });
export type Me = z.infer<typeof me>;

export const signIn = z.object({ email, password: z.string().max(200) });
export const setup = z.object({ code: z.string().max(200), name: z.string().min(1).max(100), email, password });
export const setupState = z.object({ needed: z.boolean(), oidc: z.object({ name: z.string() }).nullable(), version: z.string() });
export type SetupState = z.infer<typeof setupState>;

export const user = z.object({
  id: uuid, name: z.string(), email: z.string(), role, scope,
  disabled: z.boolean(), locked: z.boolean(), oidc: z.boolean(),
  created: time, lastSignIn: time.nullable(),
}).meta({ id: 'User' });
export type User = z.infer<typeof user>;
const humanRole = z.enum(['admin', 'manager', 'reader']);
export const userCreate = z.object({ name: z.string().min(1).max(100), email, password, role: humanRole, scope: scope.default(null) });
export const userChange = z.object({
  name: z.string().min(1).max(100).exactOptional(),
  role: humanRole.exactOptional(),
  scope: scope.exactOptional(),
  disabled: z.boolean().exactOptional(),
  unlock: z.literal(true).exactOptional(),
  password: password.exactOptional(),
});
export const ownChange = z.object({ name: z.string().min(1).max(100).exactOptional(), currentPassword: z.string().max(200).exactOptional(), password: password.exactOptional() });

export const apiToken = z.object({
  id: uuid, name: z.string(), prefix: z.string().describe('First characters, to recognise it by.'),
  role, scope, owner: z.string(), created: time, expires: time, lastUsed: time.nullable(), revoked: z.boolean(),
}).meta({ id: 'ApiToken' });
export type ApiToken = z.infer<typeof apiToken>;
export const apiTokenCreate = z.object({
  name: z.string().min(1).max(100),
  role: z.enum(['admin', 'manager', 'reader', 'ci']),
  scope: scope.default(null),
  days: z.int().min(1).max(730).default(90),
});
export const apiTokenCreated = z.object({ token: apiToken, secret: z.string().describe('Shown once.') });

export const auditEntry = z.object({
  id: z.string(), time, actor: z.string(), action: z.string(), subject: z.string(), address: z.string().nullable(),
  detail: z.record(z.string(), z.unknown()),
}).meta({ id: 'AuditEntry' });
export type AuditEntry = z.infer<typeof auditEntry>;

export const settings = z.object({
  oidc: z.object({
    name: z.string().min(1).max(50), issuer: z.url(), clientId: z.string().min(1).max(500),
    role: humanRole.describe('Role of people who sign in for the first time.'),
    hasSecret: z.boolean(),
  }).nullable(),
  retention: z.object({ eventDays: z.int().min(1).max(3650), goneDays: z.int().min(1).max(3650) }),
  sessionHours: z.int().min(1).max(720),
}).meta({ id: 'Settings' });
export type Settings = z.infer<typeof settings>;
export const settingsChange = z.object({
  oidc: z.object({
    name: z.string().min(1).max(50), issuer: z.url(), clientId: z.string().min(1).max(500),
    clientSecret: z.string().max(1000).exactOptional().describe('Kept as it is when absent.'),
    role: humanRole,
  }).nullable().exactOptional(),
  retention: settings.shape.retention.exactOptional(),
  sessionHours: settings.shape.sessionHours.exactOptional(),
});
