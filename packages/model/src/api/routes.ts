import { z } from 'zod';
import * as access from './access.ts';
import { count, nothing, ok, role, severityCounts, stream, time, uuid } from './common.ts';
import * as details from './details.ts';
import type { RouteSpec } from './route.ts';
import * as search from './search.ts';
import * as sensors from './sensors.ts';
import * as workspace from './workspace.ts';

const byId = z.object({ id: z.string().min(1).max(300) });
const byUuid = z.object({ id: uuid });
const listOf = <T extends z.ZodType>(item: T) => z.object({ items: z.array(item) });
const paging = z.object({ offset: z.coerce.number().int().min(0).max(1_000_000).default(0), limit: z.coerce.number().int().min(1).max(500).default(50) });
const sbomOf = z.object({ sbom: details.sbomView.nullable().describe('Null when it was not scanned.') });
const changes = z.object({ items: z.array(details.changeView), total: count });
const entity = z.object({ entity: search.entityName });

const MIB = 1024 * 1024;

/** Every route of the API, by name. */
export const ROUTES = {
  // Search: the same for each entity. `search` answers rows of the entity's own shape (see ROWS).
  search: { method: 'GET', path: '/api/v1/search/{entity}', summary: 'Rows that a query matches', tag: 'Search', needs: 'read', params: entity, query: search.searchQuery, response: search.pageOf(z.unknown()) },
  facets: { method: 'GET', path: '/api/v1/search/{entity}/facets', summary: 'Counts of values among the rows a query matches', tag: 'Search', needs: 'read', params: entity, query: search.facetsQuery, response: search.facetsResult },
  complete: { method: 'GET', path: '/api/v1/search/{entity}/complete', summary: 'What can stand at the cursor of a query', tag: 'Search', needs: 'read', params: entity, query: search.completeQuery, response: search.completeResult },
  fields: { method: 'GET', path: '/api/v1/search/{entity}/fields', summary: 'The fields that a query can name', tag: 'Search', needs: 'read', params: entity, response: search.fieldsResult },
  aggregate: { method: 'GET', path: '/api/v1/search/{entity}/aggregate', summary: 'Counts by group or by day, for widgets', tag: 'Search', needs: 'read', params: entity, query: search.aggregateQuery, response: search.aggregateResult },
  export: { method: 'GET', path: '/api/v1/search/{entity}/export', summary: 'All rows that a query matches, streamed', tag: 'Search', needs: 'read', params: entity, query: search.exportQuery, response: stream, produces: 'text/csv' },
  find: { method: 'GET', path: '/api/v1/find', summary: 'Hosts, images, containers, packages and vulnerabilities by a few letters', tag: 'Search', needs: 'read', query: z.object({ text: z.string().min(1).max(200) }), response: workspace.globalSearchResult },

  // Assets
  image: { method: 'GET', path: '/api/v1/images/{id}', summary: 'An image, where it is and what runs from it', tag: 'Assets', needs: 'read', params: byId, response: details.imageDetail },
  imageSbom: { method: 'GET', path: '/api/v1/images/{id}/sbom', summary: 'What is in the image and what is wrong with it', tag: 'Assets', needs: 'read', params: byId, response: sbomOf },
  imageChanges: { method: 'GET', path: '/api/v1/images/{id}/changes', summary: 'What changed in its findings and why', tag: 'Assets', needs: 'read', params: byId, query: paging, response: changes },
  imageDownload: { method: 'GET', path: '/api/v1/images/{id}/sbom/{format}', summary: 'The SBOM as a file', tag: 'Assets', needs: 'read', params: byId.extend({ format: z.enum(['cyclonedx', 'spdx', 'json']) }), response: stream, produces: 'application/json' },
  imageRescan: { method: 'POST', path: '/api/v1/images/{id}/rescan', summary: 'Have it analysed anew by a sensor that has it', tag: 'Assets', needs: 'manage', params: byId, response: ok },
  host: { method: 'GET', path: '/api/v1/hosts/{id}', summary: 'A host, its facts and its containers', tag: 'Assets', needs: 'read', params: byUuid, response: details.hostDetail },
  hostSbom: { method: 'GET', path: '/api/v1/hosts/{id}/sbom', summary: 'What is installed on the host itself and what is wrong with it', tag: 'Assets', needs: 'read', params: byUuid, response: sbomOf },
  hostChanges: { method: 'GET', path: '/api/v1/hosts/{id}/changes', summary: 'What changed in its findings and why', tag: 'Assets', needs: 'read', params: byUuid, query: paging, response: changes },
  hostDelete: { method: 'DELETE', path: '/api/v1/hosts/{id}', summary: 'Forget a host that is gone; its sensor is revoked', tag: 'Assets', needs: 'manage', params: byUuid, response: ok },
  container: { method: 'GET', path: '/api/v1/containers/{id}', summary: 'A container', tag: 'Assets', needs: 'read', params: byId, response: details.containerDetail },
  vulnerability: { method: 'GET', path: '/api/v1/vulnerabilities/{id}', summary: 'A vulnerability and who has it', tag: 'Assets', needs: 'read', params: byId, response: details.vulnerabilityDetail },
  submitSbom: { method: 'POST', path: '/api/v1/images', summary: 'Bring in the SBOM of an image that no sensor sees', tag: 'Assets', needs: 'submit', body: z.object({ sbom: z.string().describe('base64 of the gzipped JSON of an SBOM.'), references: z.array(z.string().max(512)).max(50).default([]) }), bodyLimit: 64 * MIB, response: z.object({ imageId: z.string(), vulnerabilities: severityCounts }) },

  // What one sees first
  overview: { method: 'GET', path: '/api/v1/overview', summary: 'The figures of the dashboard', tag: 'Overview', needs: 'read', query: z.object({ days: z.coerce.number().int().min(1).max(365).default(30) }), response: details.overview },
  coverage: { method: 'GET', path: '/api/v1/coverage', summary: 'What was looked at and what was not', tag: 'Overview', needs: 'read', response: details.coverageSummary },
  live: { method: 'GET', path: '/api/v1/live', summary: 'Changes as they happen: server-sent events', tag: 'Overview', needs: 'read', response: stream, produces: 'text/event-stream' },

  // Signing in
  setupState: { method: 'GET', path: '/api/v1/setup', summary: 'Whether a first user has to be made, and how one signs in', tag: 'Access', needs: 'public', response: access.setupState },
  setup: { method: 'POST', path: '/api/v1/setup', summary: 'Make the first user, an admin; once', tag: 'Access', needs: 'public', body: access.setup, response: access.me },
  signIn: { method: 'POST', path: '/api/v1/session', summary: 'Sign in', tag: 'Access', needs: 'public', body: access.signIn, response: access.me },
  me: { method: 'GET', path: '/api/v1/session', summary: 'Who is signed in', tag: 'Access', needs: 'read', response: access.me },
  signOut: { method: 'DELETE', path: '/api/v1/session', summary: 'Sign out', tag: 'Access', needs: 'own', response: ok },
  oidcStart: { method: 'GET', path: '/api/v1/oidc/start', summary: 'Go to the identity provider', tag: 'Access', needs: 'public', query: z.object({ to: z.string().max(2000).default('/') }), response: nothing },
  oidcReturn: { method: 'GET', path: '/api/v1/oidc/return', summary: 'Come back from the identity provider', tag: 'Access', needs: 'public', query: z.looseObject({ state: z.string().max(2000).exactOptional(), code: z.string().max(4000).exactOptional(), error: z.string().max(500).exactOptional() }), response: nothing },
  changeMe: { method: 'PATCH', path: '/api/v1/me', summary: 'Change one’s own name or password', tag: 'Access', needs: 'own', body: access.ownChange, response: access.me },
  users: { method: 'GET', path: '/api/v1/users', summary: 'Users', tag: 'Access', needs: 'admin', response: listOf(access.user) },
  userCreate: { method: 'POST', path: '/api/v1/users', summary: 'Add a user', tag: 'Access', needs: 'admin', body: access.userCreate, response: access.user },
  userChange: { method: 'PATCH', path: '/api/v1/users/{id}', summary: 'Change a user', tag: 'Access', needs: 'admin', params: byUuid, body: access.userChange, response: access.user },
  userDelete: { method: 'DELETE', path: '/api/v1/users/{id}', summary: 'Remove a user', tag: 'Access', needs: 'admin', params: byUuid, response: ok },
  tokens: { method: 'GET', path: '/api/v1/tokens', summary: 'API tokens: one’s own; an admin sees all', tag: 'Access', needs: 'own', response: listOf(access.apiToken) },
  tokenCreate: { method: 'POST', path: '/api/v1/tokens', summary: 'Make an API token, no stronger than oneself', tag: 'Access', needs: 'own', body: access.apiTokenCreate, response: access.apiTokenCreated },
  tokenRevoke: { method: 'DELETE', path: '/api/v1/tokens/{id}', summary: 'Revoke an API token', tag: 'Access', needs: 'own', params: byUuid, response: ok },
  audit: { method: 'GET', path: '/api/v1/audit', summary: 'Who changed what', tag: 'Access', needs: 'admin', query: paging, response: z.object({ items: z.array(access.auditEntry), total: count }) },
  settings: { method: 'GET', path: '/api/v1/settings', summary: 'Settings', tag: 'Access', needs: 'admin', response: access.settings },
  settingsChange: { method: 'PATCH', path: '/api/v1/settings', summary: 'Change settings', tag: 'Access', needs: 'admin', body: access.settingsChange, response: access.settings },

  // Workspace
  dashboards: { method: 'GET', path: '/api/v1/dashboards', summary: 'One’s own dashboards and the shared ones', tag: 'Workspace', needs: 'read', response: listOf(workspace.dashboard) },
  dashboardCreate: { method: 'POST', path: '/api/v1/dashboards', summary: 'Make a dashboard', tag: 'Workspace', needs: 'own', body: workspace.dashboardCreate, response: workspace.dashboard },
  dashboardChange: { method: 'PATCH', path: '/api/v1/dashboards/{id}', summary: 'Change one’s own dashboard', tag: 'Workspace', needs: 'own', params: byUuid, body: workspace.dashboardChange, response: workspace.dashboard },
  dashboardDelete: { method: 'DELETE', path: '/api/v1/dashboards/{id}', summary: 'Remove one’s own dashboard', tag: 'Workspace', needs: 'own', params: byUuid, response: ok },
  searches: { method: 'GET', path: '/api/v1/searches', summary: 'Saved searches: one’s own and the shared ones', tag: 'Workspace', needs: 'read', response: listOf(workspace.savedSearch) },
  searchCreate: { method: 'POST', path: '/api/v1/searches', summary: 'Save a search', tag: 'Workspace', needs: 'own', body: workspace.savedSearchCreate, response: workspace.savedSearch },
  searchDelete: { method: 'DELETE', path: '/api/v1/searches/{id}', summary: 'Remove one’s own saved search', tag: 'Workspace', needs: 'own', params: byUuid, response: ok },
  tags: { method: 'GET', path: '/api/v1/tags', summary: 'Tags', tag: 'Workspace', needs: 'read', response: listOf(workspace.tag) },
  tagCreate: { method: 'POST', path: '/api/v1/tags', summary: 'Make a tag, static or by query', tag: 'Workspace', needs: 'manage', body: workspace.tagCreate, response: workspace.tag },
  tagChange: { method: 'PATCH', path: '/api/v1/tags/{id}', summary: 'Change a tag', tag: 'Workspace', needs: 'manage', params: byUuid, body: workspace.tagChange, response: workspace.tag },
  tagDelete: { method: 'DELETE', path: '/api/v1/tags/{id}', summary: 'Remove a tag', tag: 'Workspace', needs: 'manage', params: byUuid, response: ok },
  tagAssign: { method: 'POST', path: '/api/v1/tags/{id}/assets', summary: 'Give a static tag to assets', tag: 'Workspace', needs: 'manage', params: byUuid, body: workspace.tagAssign, response: ok },
  tagTake: { method: 'DELETE', path: '/api/v1/tags/{id}/assets', summary: 'Take a static tag from assets', tag: 'Workspace', needs: 'manage', params: byUuid, body: workspace.tagAssign, response: ok },

  // Sensors, as people manage them
  sensors: { method: 'GET', path: '/api/v1/sensors', summary: 'Sensors', tag: 'Sensors', needs: 'read', response: listOf(sensors.sensorView) },
  sensorRevoke: { method: 'DELETE', path: '/api/v1/sensors/{id}', summary: 'Revoke a sensor’s credential', tag: 'Sensors', needs: 'manage', params: byUuid, response: ok },
  enrolmentTokens: { method: 'GET', path: '/api/v1/enrolment-tokens', summary: 'Tokens by which sensors can be added', tag: 'Sensors', needs: 'manage', response: listOf(sensors.enrolmentToken) },
  enrolmentTokenCreate: { method: 'POST', path: '/api/v1/enrolment-tokens', summary: 'Make a token to add a sensor, and the commands to copy', tag: 'Sensors', needs: 'manage', body: sensors.enrolmentTokenCreate, response: sensors.enrolmentTokenCreated },
  enrolmentTokenDelete: { method: 'DELETE', path: '/api/v1/enrolment-tokens/{id}', summary: 'Withdraw an enrolment token', tag: 'Sensors', needs: 'manage', params: byUuid, response: ok },

  // Sensors, as they speak for themselves
  sensorEnrol: { method: 'POST', path: '/api/v1/sensor/enrol', summary: 'Become a sensor', tag: 'Sensor protocol', needs: 'public', body: sensors.enrol, response: sensors.enrolled },
  sensorRenew: { method: 'POST', path: '/api/v1/sensor/credential', summary: 'A new credential; the old one holds until the new one is used', tag: 'Sensor protocol', needs: 'sensor', response: sensors.renewed },
  sensorReport: { method: 'POST', path: '/api/v1/sensor/messages', summary: 'Report messages', tag: 'Sensor protocol', needs: 'sensor', body: sensors.report, bodyLimit: 64 * MIB, response: sensors.reported },
  sensorWork: { method: 'POST', path: '/api/v1/sensor/work', summary: 'Say one lives, and get work', tag: 'Sensor protocol', needs: 'sensor', query: sensors.workQuery, body: sensors.heartbeat, response: sensors.work },

  // For machines
  health: { method: 'GET', path: '/healthz', summary: 'The process runs', tag: 'Operations', needs: 'public', response: ok },
  ready: { method: 'GET', path: '/readyz', summary: 'The database answers and is migrated', tag: 'Operations', needs: 'public', response: z.object({ ok: z.boolean(), database: z.string(), advisories: z.string().nullable() }) },
  metrics: { method: 'GET', path: '/metrics', summary: 'Prometheus metrics', tag: 'Operations', needs: 'read', response: stream, produces: 'text/plain' },
  advisories: { method: 'GET', path: '/api/v1/advisories', summary: 'The advisory database in use', tag: 'Operations', needs: 'read', response: z.object({ built: time.nullable(), feeds: z.array(z.object({ name: z.string(), records: count, asOf: z.string().nullable() })), updating: z.boolean(), failed: z.string().nullable() }) },
  advisoriesUpdate: { method: 'POST', path: '/api/v1/advisories/update', summary: 'Fetch the feeds now and match everything anew', tag: 'Operations', needs: 'manage', response: ok },
  openapi: { method: 'GET', path: '/api/v1/openapi.json', summary: 'This document', tag: 'Operations', needs: 'public', response: z.unknown() },
} as const satisfies Record<string, RouteSpec>;

export type RouteName = keyof typeof ROUTES;
export { role };
