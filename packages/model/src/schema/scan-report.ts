import { z } from 'zod';
import { PACKAGE_TYPES } from '../package.ts';

/**
 * The `ScanReport` document as a zod schema, for whoever reads one that may have come from elsewhere.
 * The types in `finding.ts` are the source; the test beside this file holds both to the same shape.
 * Unknown keys are let through by the JSON Schema and dropped here: minor versions add keys.
 *
 * zod is loaded with this module, so nothing on the way to a scan may import it.
 */

const count = z.int().min(0);
const digest = z.string().regex(/^[a-z0-9]+(?:[+._-][a-z0-9]+)*:[A-Za-z0-9=_-]{1,512}$/).meta({ id: 'digest' });
const severity = z
  .union([z.literal(1), z.literal(2), z.literal(3), z.literal(4), z.literal(5)])
  .meta({ id: 'severity', description: '5 urgent, 4 critical, 3 serious, 2 medium, 1 minimal.' });
const status = z.enum(['fixed', 'unfixed', 'ignored', 'end-of-life', 'not-affected']).meta({ id: 'status' });
const packageType = z.enum(PACKAGE_TYPES).meta({ id: 'packageType' });
const layerIndex = count.describe('Index into image.layers, 0 being the lowest layer.');

const sourcePackage = z.object({ name: z.string(), version: z.string() }).meta({ id: 'sourcePackage' });

const cvssScore = z.object({
  version: z.string().describe('2.0, 3.0, 3.1 or 4.0.'),
  vector: z.string(),
  score: z.number().min(0).max(10),
  source: z.string().describe('Who scored: cna, nvd, cisa-adp, or a feed.'),
}).meta({ id: 'cvssScore' });

const baseImage = z.object({
  reference: z.string().exactOptional(),
  digest: z.string().exactOptional(),
  foundBy: z.enum(['flag', 'history', 'layers']),
  layers: count.describe('How many layers, from the lowest, belong to the base image.'),
}).meta({ id: 'baseImage' });

const layer = z.object({
  index: count,
  diffId: digest.exactOptional().describe('Digest of the uncompressed layer.'),
  digest: digest.exactOptional().describe('Digest of the layer as stored.'),
  size: count.exactOptional().describe('Bytes, uncompressed.'),
  mediaType: z.string().exactOptional(),
  historyStep: count.exactOptional().describe('Index into image.history.'),
  createdBy: z.string().exactOptional().describe('The build step that made the layer.'),
  fromBase: z.boolean().exactOptional().describe('Absent when no base image is known.'),
}).meta({ id: 'layer' });

const historyStep = z.object({
  created: z.string().exactOptional(),
  createdBy: z.string().exactOptional(),
  comment: z.string().exactOptional(),
  emptyLayer: z.boolean(),
}).meta({ id: 'historyStep' });

const imageConfig = z.object({
  user: z.string().exactOptional(),
  env: z.array(z.string()).exactOptional(),
  entrypoint: z.array(z.string()).exactOptional(),
  cmd: z.array(z.string()).exactOptional(),
  workingDir: z.string().exactOptional(),
  exposedPorts: z.array(z.string()).exactOptional(),
  volumes: z.array(z.string()).exactOptional(),
  labels: z.record(z.string(), z.string()).exactOptional(),
  healthcheck: z.array(z.string()).exactOptional(),
}).meta({ id: 'imageConfig' });

export const image = z.object({
  reference: z.string().describe('What the person typed, without the scheme.'),
  kind: z.enum(['oci', 'oci-archive', 'docker-archive', 'docker', 'registry', 'dir', 'rootfs-archive', 'sbom']),
  id: digest.exactOptional().describe('Digest of the image config.'),
  digest: digest.exactOptional().describe('Digest of the manifest.'),
  tags: z.array(z.string()),
  repoDigests: z.array(z.string()),
  platform: z
    .object({ os: z.string(), architecture: z.string(), variant: z.string().exactOptional() })
    .exactOptional(),
  created: z.string().exactOptional(),
  size: count.exactOptional().describe('Bytes of all layers, uncompressed.'),
  layers: z.array(layer),
  history: z.array(historyStep),
  config: imageConfig.exactOptional(),
  base: baseImage.exactOptional(),
}).meta({ id: 'image' });

export const os = z.object({
  id: z.string(),
  idLike: z.array(z.string()),
  versionId: z.string().exactOptional(),
  codename: z.string().exactOptional(),
  prettyName: z.string(),
  ecosystem: z.string().exactOptional().describe("Name of OSV's ecosystem, release included: Debian:12."),
  endOfSupport: z.string().exactOptional().describe('YYYY-MM-DD.'),
  endOfExtendedSupport: z.string().exactOptional().describe('YYYY-MM-DD.'),
}).meta({ id: 'os' });

export const installedPackage = z.object({
  name: z.string(),
  version: z.string(),
  type: packageType,
  purl: z.string(),
  arch: z.string().exactOptional(),
  source: sourcePackage.exactOptional().describe('The source package it was built from.'),
  licenses: z.array(z.string()).exactOptional(),
  modularity: z.string().exactOptional().describe('RPM module: name:stream:version:context.'),
  vendor: z.string().exactOptional(),
  cataloger: z.string().describe('Name of the cataloguer that found it.'),
  paths: z.array(z.string()).describe('Evidence files, without a leading slash.'),
  layer: layerIndex,
  ownedBy: z.string().exactOptional().describe('The OS package that installed the evidence file.'),
}).meta({ id: 'installedPackage' });

const evidence = z.object({
  advisory: z.string(),
  ecosystem: z.string(),
  package: z.string().describe("Name the advisory uses, which may be the source package's."),
  version: z.string().describe('The version that was compared.'),
  range: z.string().describe('The affected range for people: >= 1.1.1, < 1.1.1d-r0.'),
  fixedVersion: z.string().exactOptional(),
  url: z.string().exactOptional(),
}).meta({ id: 'evidence' });

const finding = z.object({
  id: z.string().describe("The CVE where there is one, otherwise the advisory's id."),
  aliases: z.array(z.string()),
  qids: z.array(z.string()).exactOptional().describe('Ids from the id map that was loaded.'),
  severity,
  severityReason: z.string(),
  vendorSeverity: z.string().exactOptional(),
  cvss: cvssScore.exactOptional().describe('The score that the severity was taken from.'),
  scores: z.array(cvssScore).exactOptional().describe('Every base score known.'),
  cwes: z.array(z.string()),
  kev: z
    .object({ dateAdded: z.string(), dueDate: z.string().exactOptional(), ransomware: z.boolean() })
    .exactOptional()
    .describe('Set when the CVE is in the catalogue of known exploited vulnerabilities.'),
  epss: z
    .object({
      score: z.number().min(0).max(1),
      percentile: z.number().min(0).max(1),
      date: z.string().exactOptional(),
    })
    .exactOptional()
    .describe('Probability that it is exploited within 30 days.'),
  package: z.object({
    name: z.string(),
    version: z.string(),
    type: packageType,
    purl: z.string(),
    source: sourcePackage.exactOptional(),
    paths: z.array(z.string()),
    ownedBy: z.string().exactOptional(),
  }),
  fixedVersion: z.string().exactOptional().describe('The smallest version that has the fix; absent when there is none.'),
  status,
  evidence: z.array(evidence).describe('Why it is reported.'),
  layer: z.object({
    index: count,
    diffId: digest.exactOptional(),
    digest: digest.exactOptional(),
    createdBy: z.string().exactOptional(),
    fromBase: z.boolean().exactOptional(),
  }),
  published: z.string().exactOptional(),
  modified: z.string().exactOptional(),
  links: z.array(z.object({ type: z.string(), url: z.string() })),
}).meta({ id: 'finding' });

const upgrade = z.object({
  name: z.string(),
  type: packageType,
  packages: z.array(z.object({ name: z.string(), version: z.string(), to: z.string() })),
  to: z.string(),
  removes: z
    .object({ 1: count, 2: count, 3: count, 4: count, 5: count })
    .describe('How many findings go away, by severity.'),
  findings: z.array(z.string()),
  layer: layerIndex,
  fromBase: z.boolean().exactOptional(),
}).meta({ id: 'upgrade' });

export const secret = z.object({
  rule: z.string(),
  title: z.string(),
  severity: z.int().min(1).max(5),
  path: z.string(),
  line: z.int().min(1),
  masked: z.string().describe('A masked excerpt. The secret itself is never kept.'),
  fingerprint: z.string().exactOptional().describe("First 16 hex digits of the secret's SHA-256, for allow-lists."),
  layer: layerIndex,
}).meta({ id: 'secret' });

export const postureIssue = z.object({
  rule: z.string(),
  title: z.string(),
  severity: z.int().min(1).max(5),
  subject: z.string().exactOptional(),
  advice: z.string(),
  layer: layerIndex.exactOptional(),
}).meta({ id: 'postureIssue' });

export const warning = z.object({
  code: z.string(),
  message: z.string(),
  layer: layerIndex.exactOptional(),
  path: z.string().exactOptional(),
  incomplete: z.boolean().describe('True when packages may be missing because of it.'),
}).meta({ id: 'warning' });

export const scanReportSchema = z.object({
  schemaVersion: z.string().regex(/^1\.\d+\.\d+$/),
  tool: z.object({ name: z.literal('plimsoll'), version: z.string() }),
  scannedAt: z.string().describe('ISO 8601 time.'),
  image,
  os: os.exactOptional(),
  packages: z.array(installedPackage),
  findings: z.array(finding).describe('One per vulnerability and installed package.'),
  upgrades: z.array(upgrade).describe('Upgrades and what they remove, those that remove most first.'),
  secrets: z.array(secret),
  posture: z.array(postureIssue),
  base: baseImage.exactOptional(),
  hiddenBaseFindings: count.exactOptional().describe('How many findings of the base image were left out, when that was asked for.'),
  complete: z.boolean().describe('False when something could not be read; warnings say what.'),
  warnings: z.array(warning),
  coverage: z
    .array(z.object({ reason: z.string(), packages: count, ecosystem: z.string().exactOptional() }))
    .describe('Packages that no loaded feed could judge.'),
  database: z
    .object({
      built: z.string(),
      feeds: z.array(z.object({ name: z.string(), records: count, asOf: z.string().exactOptional() })),
    })
    .exactOptional()
    .describe('Absent when nothing was matched.'),
});
