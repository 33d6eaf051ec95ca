import { z } from 'zod';
import { count, severityCounts, time, uuid } from './common.ts';
import { containerRow, hostRow, imageRow, vulnerabilityRow } from './search.ts';

/** One finding as the pages of images and hosts show it. */
export const findingView = z.object({
  id: z.string(),
  aliases: z.array(z.string()),
  severity: z.int().min(1).max(5),
  severityReason: z.string(),
  cvss: z.number().nullable(),
  epss: z.number().nullable(),
  kev: z.string().nullable(),
  package: z.string(),
  version: z.string(),
  type: z.string(),
  purl: z.string(),
  paths: z.array(z.string()),
  fixedVersion: z.string().nullable(),
  status: z.string(),
  advisories: z.array(z.object({ id: z.string(), url: z.string().nullable(), range: z.string() })),
  layer: z.int(),
  fromBase: z.boolean().nullable(),
  links: z.array(z.object({ type: z.string(), url: z.string() })),
  firstSeen: time.nullable(),
}).meta({ id: 'FindingView' });
export type FindingView = z.infer<typeof findingView>;

export const packageView = z.object({
  name: z.string(),
  version: z.string(),
  type: z.string(),
  purl: z.string(),
  source: z.string().nullable(),
  licenses: z.array(z.string()),
  paths: z.array(z.string()),
  layer: z.int(),
  vulnerabilities: severityCounts,
}).meta({ id: 'PackageView' });
export type PackageView = z.infer<typeof packageView>;

export const layerView = z.object({
  index: z.int(),
  diffId: z.string().nullable(),
  digest: z.string().nullable(),
  size: z.number().nullable(),
  createdBy: z.string().nullable(),
  fromBase: z.boolean().nullable(),
  packages: count,
  vulnerabilities: severityCounts,
}).meta({ id: 'LayerView' });
export type LayerView = z.infer<typeof layerView>;

export const upgradeView = z.object({
  name: z.string(),
  type: z.string(),
  from: z.array(z.string()),
  to: z.string(),
  removes: severityCounts,
  findings: z.array(z.string()),
  layer: z.int(),
  fromBase: z.boolean().nullable(),
}).meta({ id: 'UpgradeView' });
export type UpgradeView = z.infer<typeof upgradeView>;

/** What keeps the answer from being whole. */
export const coverageView = z.object({
  state: z.string(),
  packages: count.nullable(),
  judged: count.nullable().describe('Packages that some feed could judge.'),
  gaps: z.array(z.object({ reason: z.string(), packages: count, ecosystem: z.string().nullable() })),
  warnings: z.array(z.object({ code: z.string(), message: z.string(), incomplete: z.boolean() })),
  feeds: z.array(z.object({ name: z.string(), records: count, asOf: z.string().nullable() })),
  matchedAt: time.nullable(),
}).meta({ id: 'Coverage' });
export type CoverageView = z.infer<typeof coverageView>;

/** What one SBOM, of an image or a host, says: only there when it was scanned. */
export const sbomView = z.object({
  findings: z.array(findingView),
  packages: z.array(packageView),
  layers: z.array(layerView),
  upgrades: z.array(upgradeView),
  posture: z.array(z.object({ rule: z.string(), title: z.string(), severity: z.int(), subject: z.string().nullable(), advice: z.string() })),
  secrets: z.array(z.object({ rule: z.string(), title: z.string(), severity: z.int(), path: z.string(), line: z.int(), masked: z.string(), layer: z.int() })),
  base: z.object({ reference: z.string().nullable(), digest: z.string().nullable(), foundBy: z.string(), layers: count }).nullable(),
  endOfSupport: z.string().nullable(),
}).meta({ id: 'SbomView' });
export type SbomView = z.infer<typeof sbomView>;

export const CHANGE_CAUSES = ['new-image', 'new-host', 'new-advisory', 'changed-feed', 'changed-packages', 'exception', 'gone'] as const;
export const changeView = z.object({
  id: z.string(),
  time,
  cause: z.enum(CHANGE_CAUSES),
  reason: z.string().describe('For people: what did it.'),
  appeared: z.array(z.object({ id: z.string(), package: z.string(), severity: z.int() })).describe('At most 200.'),
  gone: z.array(z.object({ id: z.string(), package: z.string(), severity: z.int() })).describe('At most 200.'),
  appearedCount: count,
  goneCount: count,
}).meta({ id: 'Change' });
export type ChangeView = z.infer<typeof changeView>;

export const imageDetail = z.object({
  image: imageRow,
  platform: z.string().nullable(),
  labels: z.record(z.string(), z.string()),
  config: z.object({
    user: z.string().nullable(),
    entrypoint: z.array(z.string()),
    cmd: z.array(z.string()),
    env: z.array(z.string()).describe('Names only: values may be secrets.'),
    ports: z.array(z.string()),
    volumes: z.array(z.string()),
    workingDir: z.string().nullable(),
  }).nullable(),
  hosts: z.array(z.object({ id: uuid, name: z.string(), containers: count, present: z.boolean(), lastSeen: time })),
  containers: z.array(containerRow).describe('At most 500; the containers page has all.'),
  coverage: coverageView,
}).meta({ id: 'ImageDetail' });
export type ImageDetail = z.infer<typeof imageDetail>;

export const hostDetail = z.object({
  host: hostRow,
  facts: z.object({
    account: z.string().nullable(),
    instance: z.string().nullable(),
    instanceType: z.string().nullable(),
    lastUser: z.string().nullable(),
    osVersion: z.string().nullable(),
    machineId: z.string().nullable(),
    cluster: z.string().nullable(),
    node: z.string().nullable(),
    note: z.string().nullable().describe('What the sensor says of where it runs: in Docker Desktop, say.'),
    sensorVersion: z.string().nullable(),
    bootedAt: time.nullable(),
  }),
  atRisk: severityCounts.describe('Open findings of the images that its running containers come from.'),
  containers: z.array(containerRow).describe('At most 500.'),
  coverage: coverageView,
}).meta({ id: 'HostDetail' });
export type HostDetail = z.infer<typeof hostDetail>;

export const containerDetail = z.object({
  container: containerRow,
  command: z.array(z.string()),
  labels: z.record(z.string(), z.string()),
  mounts: z.array(z.object({ source: z.string(), destination: z.string(), mode: z.string() })),
  capabilities: z.array(z.string()).describe('Added ones with +, dropped ones with -.'),
  networkMode: z.string().nullable(),
  pid: z.int().nullable(),
  exitCode: z.int().nullable(),
  finished: time.nullable(),
  node: z.string().nullable(),
  image: imageRow.nullable(),
}).meta({ id: 'ContainerDetail' });
export type ContainerDetail = z.infer<typeof containerDetail>;

export const vulnerabilityDetail = z.object({
  vulnerability: vulnerabilityRow,
  scores: z.array(z.object({ version: z.string(), vector: z.string(), score: z.number(), source: z.string() })),
  cwes: z.array(z.string()),
  advisories: z.array(z.object({ id: z.string(), ecosystem: z.string(), package: z.string(), ranges: z.string(), fixed: z.string().nullable(), url: z.string().nullable() })),
  affected: z.array(z.object({
    package: z.string(), version: z.string(), type: z.string(), fixedVersion: z.string().nullable(), images: count, hosts: count,
  })),
  links: z.array(z.object({ type: z.string(), url: z.string() })),
}).meta({ id: 'VulnerabilityDetail' });
export type VulnerabilityDetail = z.infer<typeof vulnerabilityDetail>;

/** The figures of the first screen, in one answer. */
export const overview = z.object({
  hosts: z.object({ total: count, docker: count, live: count, away: count, none: count }),
  images: z.object({ total: count, scanned: count, notScanned: count.describe('Waiting, or being analysed.'), notJudged: count, failed: count, incomplete: count, vulnerable: count, urgent: count }),
  containers: z.object({ total: count, byState: z.record(z.string(), count), privileged: count }),
  findings: severityCounts,
  trend: z.array(z.object({ day: z.string(), 1: count, 2: count, 3: count, 4: count, 5: count })),
  fixes: z.array(z.object({ name: z.string(), type: z.string(), to: z.string(), images: count, removes: severityCounts, query: z.string() })).describe('Upgrades that remove most, over all images.'),
}).meta({ id: 'Overview' });
export type Overview = z.infer<typeof overview>;

/** What was looked at: stands beside every "nothing found". */
export const coverageSummary = z.object({
  hosts: z.object({ total: count, live: count, away: count, none: count }),
  images: z.object({ total: count, scanned: count, incomplete: count, notScanned: count, failed: count, reasons: z.array(z.object({ reason: z.string(), count })) }),
  feeds: z.array(z.object({ name: z.string(), records: count, asOf: z.string().nullable(), ageDays: count.nullable() })),
  database: z.object({ built: time, checkedAt: time.nullable() }).nullable(),
  awayMinutes: count.describe('Minutes that sensors were away, last 7 days.'),
  eventsDropped: count.describe('Events that sensors had to drop, last 7 days.'),
}).meta({ id: 'CoverageSummary' });
export type CoverageSummary = z.infer<typeof coverageSummary>;
