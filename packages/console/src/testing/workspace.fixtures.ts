import type { AggregateResult, ApiToken, AuditEntry, Dashboard, EnrolmentToken, Overview, SensorView, Settings, Tag, User, Widget } from '@plimsoll/model/api';
import { refuse } from './fixture-server.ts';
import type { Answers } from './fixture-server.ts';
import { uuidOf } from './inventory.fixtures.ts';

/** A workspace that remembers: dashboards, sensors, users, tokens, tags and settings, for tests of their pages. */

const DAY_MS = 86_400_000;
const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();
const dayAgo = (days: number) => new Date(Date.now() - days * DAY_MS).toISOString().slice(0, 10);

export interface Workspace {
  dashboards: Dashboard[];
  sensors: SensorView[];
  enrolmentTokens: EnrolmentToken[];
  users: User[];
  tokens: ApiToken[];
  tags: Tag[];
  settings: Settings;
  audit: AuditEntry[];
  updating: boolean;
}

const user = (index: number, name: string, change: Partial<User> = {}): User => ({
  id: uuidOf(index), name, email: `${name.split(' ')[0]!.toLowerCase()}@example.com`, role: 'reader', scope: null, disabled: false, locked: false, oidc: false, created: ago(90_000 + index), lastSignIn: ago(index * 190), ...change,
});
const sensor = (index: number, host: string, change: Partial<SensorView> = {}): SensorView => ({
  id: uuidOf(200 + index), hostId: uuidOf(index), host, version: '0.2.0', state: 'live', enrolled: ago(30_000 + index * 999), lastSeen: ago(0.2), credentialIssued: ago(900), spooled: 0, dropped: 0, awayMinutes: 0, analysing: null, features: [], ...change,
});
const tag = (index: number, name: string, colour: Tag['colour'], assets: number, change: Partial<Tag> = {}): Tag => ({ id: uuidOf(300 + index), name, colour, entity: null, query: null, assets, created: ago(40_000 + index * 1000), ...change });
const token = (index: number, name: string, change: Partial<ApiToken> = {}): ApiToken => ({
  id: uuidOf(400 + index), name, prefix: `plm_a${index}b2c3`, role: 'ci', scope: null, owner: 'Ada Palmer', created: ago(20_000 + index * 77), expires: ago(-60_000), lastUsed: ago(index * 31), revoked: false, ...change,
});
export const widget = (id: string, change: Partial<Widget>): Widget => ({ id, kind: 'count', title: id, entity: 'images', query: '', by: null, days: null, limit: 10, x: 0, y: 0, w: 3, h: 3, ...change });

const WIDGETS: Widget[] = [
  widget('w1', { title: 'Urgent images in production', query: 'vulnerabilities.severity:5 and tag:production', days: 7 }),
  widget('w2', { title: 'Containers by state', kind: 'donut', entity: 'containers', by: 'state', x: 3, w: 4, h: 5 }),
  widget('w3', { title: 'Vulnerabilities by severity over 90 days', kind: 'trend', entity: 'vulnerabilities', by: 'severity', days: 90, x: 7, w: 5, h: 6 }),
  widget('w4', { title: 'Images by registry', kind: 'bar', by: 'repo.registry', y: 5, w: 5, h: 6 }),
  widget('w5', { title: 'Restarting containers', kind: 'table', entity: 'containers', query: 'restarts>3', x: 5, y: 6, w: 7, h: 7 }),
];

export function newWorkspace(): Workspace {
  return {
    dashboards: [
      { id: uuidOf(500), name: 'Payments', owner: 'Ada Palmer', mine: true, shared: false, widgets: WIDGETS, changed: ago(60) },
      { id: uuidOf(501), name: 'Cluster health', owner: 'Lin Ma', mine: false, shared: true, widgets: WIDGETS.slice(0, 3), changed: ago(600) },
    ],
    sensors: [
      sensor(0, 'prod-web-01', { analysing: `sha256:${'3f'.repeat(32)}`, features: ['host-packages'] }),
      sensor(1, 'prod-web-02'),
      sensor(2, 'prod-db-01', { state: 'away', lastSeen: ago(95), awayMinutes: 212, spooled: 48, dropped: 12 }),
      sensor(3, 'staging-01', { version: '0.1.9' }),
      sensor(4, 'ci-runner-07', { state: 'revoked', lastSeen: ago(9000), awayMinutes: 5000 }),
    ],
    enrolmentTokens: [
      { id: uuidOf(600), note: 'Frankfurt', created: ago(30), expires: ago(-1400), createdBy: 'Ada Palmer', used: null, host: null, uses: 0, maxUses: 12 },
      { id: uuidOf(601), note: '', created: ago(3000), expires: ago(1560), createdBy: 'Lin Ma', used: ago(2990), host: 'staging-01', uses: 1, maxUses: 1 },
    ],
    users: [
      user(1, 'Ada Palmer', { role: 'admin' }),
      user(2, 'Lin Ma', { role: 'manager', oidc: true }),
      user(3, 'Tomás Rivera', { scope: ['team-payments', 'pci', 'staging'], locked: true }),
      user(4, 'Grace Otieno', { disabled: true, lastSignIn: null }),
    ],
    tokens: [token(0, 'Pipeline of the shop'), token(1, 'Grafana', { role: 'reader', scope: ['production'] }), token(2, 'Old export', { role: 'manager', revoked: true }), token(3, 'Trial', { expires: ago(10), lastUsed: null })],
    tags: [
      tag(0, 'production', 'red', 412),
      tag(1, 'internet-facing', 'amber', 37, { entity: 'containers', query: 'ports:* and state:running' }),
      tag(2, 'team-payments', 'violet', 61),
      tag(3, 'fresh', 'teal', 128, { entity: 'images', query: 'created>now-7d' }),
    ],
    settings: { oidc: null, retention: { eventDays: 90, goneDays: 30 }, sessionHours: 24 },
    audit: Array.from({ length: 243 }, (_, index) => ({
      id: String(1000 - index), time: ago(index * 47), actor: index % 3 === 0 ? 'Ada Palmer' : index % 3 === 1 ? 'Lin Ma' : 'token plm_a0b2c3',
      action: ['signIn', 'tagChange', 'userChange', 'enrolmentTokenCreate', 'settingsChange'][index % 5]!, subject: ['', 'production', 'Tomás Rivera', 'Frankfurt', ''][index % 5]!,
      address: index % 4 === 3 ? null : '10.1.4.77', detail: index % 2 === 0 ? {} : { name: { from: 'prod', to: 'production' } },
    })),
    updating: false,
  };
}

const FIGURES = [4123, 802, 311, 96, 40, 12];

function aggregate(by: string | null, days: number, limit: number): AggregateResult {
  const last = by === null ? '' : by.slice(by.lastIndexOf('.') + 1);
  const values = (({ state: ['running', 'exited', 'paused', 'created'], severity: ['5', '4', '3', '2', '1'] } as Record<string, string[]>)[last] ?? ['docker.io', 'ghcr.io', 'registry.example.com', 'quay.io', 'registry.k8s.io', 'public.ecr.aws']).slice(0, limit);
  const titles = new Map([['5', 'Urgent'], ['4', 'Critical'], ['3', 'Serious'], ['2', 'Medium'], ['1', 'Minimal']]);
  const groups = by === null ? [] : values.map((value, index) => ({ value, label: titles.get(value) ?? value, count: FIGURES[last === 'severity' ? 4 - index : index]!, query: `${by}:${value}` }));
  return {
    total: 1284, groups, other: by !== null && last === 'registry' && limit < 6 ? 9 : 0,
    points: Array.from({ length: days }, (_, index) => {
      const wave = 1 + Math.sin(index / 9) * 0.12 - (days - 1 - index) * 0.002;
      return { day: dayAgo(days - 1 - index), count: Math.round(1284 * wave), groups: Object.fromEntries(groups.map((group) => [group.value, Math.round(group.count * wave)])) };
    }),
  };
}

export function overview(days: number): Overview {
  const counts = { 5: 41, 4: 890, 3: 4210, 2: 6033, 1: 1204 };
  const fix = (name: string, type: string, to: string, images: number, scale: number) => ({
    name, type, to, images, query: `vulnerabilities:(package:${name} and fixedVersion:"${to}")`,
    removes: { 5: Math.round(4 * scale), 4: Math.round(31 * scale), 3: Math.round(88 * scale), 2: Math.round(140 * scale), 1: Math.round(22 * scale), fixable: 9, kev: 1 },
  });
  return {
    hosts: { total: 212, docker: 180, live: 188, away: 19, none: 5 },
    images: { total: 5012, scanned: 4831, notScanned: 150, notJudged: 10, failed: 21, incomplete: 121, vulnerable: 3920, urgent: 41 },
    containers: { total: 4311, byState: { running: 3902, exited: 311, paused: 44, restarting: 12, created: 42 }, privileged: 17 },
    findings: { ...counts, fixable: 8122, kev: 13 },
    trend: Array.from({ length: days }, (_, index) => {
      const wave = 1 + Math.sin(index / 5) * 0.06 + (days - 1 - index) * 0.004;
      return { day: dayAgo(days - 1 - index), 5: Math.round(counts[5] * wave), 4: Math.round(counts[4] * wave), 3: Math.round(counts[3] * wave), 2: Math.round(counts[2] * wave), 1: Math.round(counts[1] * wave) };
    }),
    fixes: [
      fix('openssl', 'deb', '3.0.15-1~deb12u1', 412, 3.1), fix('log4j-core', 'maven', '2.17.1', 14, 2), fix('libxml2', 'apk', '2.12.9-r0', 233, 0.9), fix('golang.org/x/crypto', 'golang', '0.31.0', 187, 0.6),
      fix('glibc', 'deb', '2.36-9+deb12u9', 530, 0.5), fix('spring-web', 'maven', '6.1.14', 22, 0.3), fix('axios', 'npm', '1.8.2', 64, 0.1),
    ],
  };
}

export const NOTHING_YET: Overview = {
  hosts: { total: 0, docker: 0, live: 0, away: 0, none: 0 }, images: { total: 0, scanned: 0, notScanned: 0, notJudged: 0, failed: 0, incomplete: 0, vulnerable: 0, urgent: 0 },
  containers: { total: 0, byState: {}, privileged: 0 }, findings: { 1: 0, 2: 0, 3: 0, 4: 0, 5: 0, fixable: 0, kev: 0 }, trend: [], fixes: [],
};

const OK = { ok: true };
const found = <T extends { id: string }>(items: T[], id: string | undefined): T => items.find((item) => item.id === id) ?? refuse(404, 'not-found', 'Not found', `${id ?? ''} is not here.`);

/** Answers that read and change `workspace`. */
export function workspaceAnswers(workspace: Workspace): Answers {
  let made = 700;
  const id = () => uuidOf(made++);
  const without = <K extends 'dashboards' | 'users' | 'tags' | 'enrolmentTokens'>(key: K) => ({ params }: { params: Record<string, string> }) => {
    found(workspace[key] as { id: string }[], params.id);
    workspace[key] = (workspace[key] as { id: string }[]).filter((item) => item.id !== params.id) as Workspace[K];
    return OK;
  };
  const changed = <K extends 'users' | 'tags'>(key: K) => ({ params, body }: { params: Record<string, string>; body: unknown }) => {
    const { unlock, ...change } = body as { unlock?: boolean };
    return Object.assign(found(workspace[key] as { id: string }[], params.id), change, unlock === true ? { locked: false } : {});
  };
  return {
    aggregate: ({ query }) => aggregate(query.get('by'), Number(query.get('over') ?? 0), Number(query.get('limit') ?? 10)),
    overview: ({ query }) => overview(Number(query.get('days') ?? 30)),
    dashboards: () => ({ items: workspace.dashboards }),
    dashboardCreate: ({ body }) => {
      const board = { shared: false, widgets: [], ...(body as { name: string }), id: id(), owner: 'Ada Palmer', mine: true, changed: ago(0) };
      workspace.dashboards.push(board);
      return board;
    },
    dashboardChange: ({ params, body }) => {
      const board = found(workspace.dashboards, params.id);
      if (!board.mine) refuse(404, 'not-found', 'Not found', 'Not yours.');
      return Object.assign(board, body, { changed: ago(0) });
    },
    dashboardDelete: without('dashboards'),
    sensors: () => ({ items: workspace.sensors }),
    sensorRevoke: ({ params }) => {
      found(workspace.sensors, params.id).state = 'revoked';
      return OK;
    },
    enrolmentTokens: () => ({ items: workspace.enrolmentTokens }),
    enrolmentTokenCreate: ({ body }) => {
      const { note, maxUses } = body as { note: string; maxUses: number };
      const item = { id: id(), note, created: ago(0), expires: ago(-1440), createdBy: 'Ada Palmer', used: null, host: null, uses: 0, maxUses };
      workspace.enrolmentTokens.unshift(item);
      const secret = 'ple_4rT9c2Xq7LmZ0bVn8sKd';
      return { token: item, secret, commands: [
        { title: 'As a process', command: `npx plimsoll sensor --server 'http://plimsoll.example.com:8470' --token '${secret}'` },
        { title: 'As a container', command: `docker run -d --name plimsoll-sensor --restart unless-stopped \\\n  -e PLIMSOLL_TOKEN='${secret}' \\\n  -v /var/run/docker.sock:/var/run/docker.sock:ro \\\n  plimsoll:0.2.0 sensor` },
        { title: 'On each node of a Kubernetes cluster', command: `kubectl apply -f - <<'END'\napiVersion: v1\nkind: Secret\nmetadata: { name: plimsoll-sensor }\nstringData: { token: "${secret}" }\nEND` },
      ] };
    },
    enrolmentTokenDelete: without('enrolmentTokens'),
    users: () => ({ items: workspace.users }),
    userCreate: ({ body }) => {
      const { email, name, role, scope } = body as User;
      if (!email.includes('@')) refuse(400, 'invalid', 'Not valid', 'Some fields are not valid.', { fields: [{ path: 'body.email', message: 'Not an email address.' }] });
      const item = user(made++, name, { email, role, scope });
      workspace.users.push(item);
      return item;
    },
    userChange: changed('users'),
    userDelete: without('users'),
    tokens: () => ({ items: workspace.tokens }),
    tokenCreate: ({ body }) => {
      const item = token(made++, '', { ...(body as { name: string; role: ApiToken['role']; scope: string[] | null }), lastUsed: null });
      workspace.tokens.unshift(item);
      return { token: item, secret: 'plm_9Zk2Qw7Lr5Tn8Vb3Xc6Md1Fs' };
    },
    tokenRevoke: ({ params }) => {
      found(workspace.tokens, params.id).revoked = true;
      return OK;
    },
    tags: () => ({ items: workspace.tags }),
    tagCreate: ({ body }) => {
      const item = tag(made++, '', 'grey', 0, body as Partial<Tag>);
      workspace.tags.push(item);
      return item;
    },
    tagChange: changed('tags'),
    tagDelete: without('tags'),
    settings: () => workspace.settings,
    settingsChange: ({ body }) => {
      const { oidc, ...rest } = body as { oidc?: (Settings['oidc'] & { clientSecret?: string }) | null };
      if (oidc && !oidc.issuer.startsWith('https:')) refuse(400, 'issuer', 'Not valid', 'The issuer has to be an https address.', { fields: [{ path: 'body.oidc.issuer', message: 'Not an https address.' }] });
      Object.assign(workspace.settings, rest);
      if (oidc !== undefined) workspace.settings.oidc = oidc && { name: oidc.name, issuer: oidc.issuer, clientId: oidc.clientId, role: oidc.role, hasSecret: oidc.clientSecret !== undefined };
      return workspace.settings;
    },
    audit: ({ query }) => {
      const offset = Number(query.get('offset') ?? 0);
      return { items: workspace.audit.slice(offset, offset + Number(query.get('limit') ?? 50)), total: workspace.audit.length };
    },
    advisories: () => ({ built: ago(1700), updating: workspace.updating, failed: null, feeds: [{ name: 'osv', records: 412_003, asOf: dayAgo(2) }, { name: 'epss', records: 251_994, asOf: dayAgo(1) }, { name: 'kev', records: 1402, asOf: dayAgo(12) }] }),
    advisoriesUpdate: () => {
      workspace.updating = true;
      return OK;
    },
  };
}
