import type { EntityName } from '@plimsoll/model/api';
import type { Random } from './random.ts';

/** What people ask of a fleet. Each is one of many: few are asked twice in the same words. */
export interface Question {
  name: string;
  entity: EntityName;
  query: (random: Random) => string;
}

const REGISTRIES = ['docker.io', 'registry.example.com:5000', 'harbor.example.com', 'images.example.net'];
const APPS = ['shop', 'cart', 'auth', 'mail', 'report', 'gateway', 'worker', 'cron', 'media', 'feed'];
const PACKAGES = ['openssl', 'curl', 'zlib', 'bash', 'glibc', 'perl', 'lodash', 'express', 'semver', 'netty-codec-http', 'jackson-databind', 'requests', 'grpc'];
const TEAMS = ['payments', 'search', 'platform', 'data', 'mobile', 'identity', 'billing', 'growth'];
const STATES = ['running', 'exited', 'paused', 'restarting', 'created'];
const some = (random: Random, list: readonly string[]): string => random.pick(list);
const days = (random: Random): number => 1 + random.below(200);

export const QUESTIONS: readonly Question[] = [
  { name: 'all of one kind', entity: 'containers', query: () => '' },
  { name: 'all images', entity: 'images', query: () => '' },
  { name: 'severity and registry', entity: 'images', query: (r) => `vulnerabilities.severity:${1 + r.below(5)} and repo.registry:"${some(r, REGISTRIES)}"` },
  { name: 'cloud hosts', entity: 'hosts', query: (r) => `isDockerHost:true and provider:(AWS or Azure or GCP) and cpus>=${2 ** r.below(6)}` },
  { name: 'one package, below a version', entity: 'images', query: (r) => `software:(name:${some(r, PACKAGES)} and version<${1 + r.below(9)}.${r.below(20)})` },
  { name: 'who has a vulnerability', entity: 'images', query: (r) => `vulnerabilities.id:CVE-${2020 + r.below(7)}-${20000 + r.below(40000)}` },
  { name: 'containers with a vulnerability', entity: 'containers', query: (r) => `vulnerabilities:(severity:5 and package:${some(r, PACKAGES)}) and state:running` },
  { name: 'lately built', entity: 'images', query: (r) => `created>now-${days(r)}d` },
  { name: 'by label', entity: 'containers', query: (r) => `label:"app=${some(r, APPS)}" and state:${some(r, STATES)}` },
  { name: 'privileged in production', entity: 'containers', query: (r) => `privileged:true and host:(provider:${some(r, ['AWS', 'Azure', 'GCP'])} and tag:${some(r, TEAMS)})` },
  { name: 'a word', entity: 'containers', query: (r) => `${some(r, APPS)} and restarts>${r.below(50)}` },
  { name: 'exploited and fixable', entity: 'vulnerabilities', query: (r) => `kev:true and fixable:true and epss>0.${r.below(100)}` },
  { name: 'worst vulnerabilities', entity: 'vulnerabilities', query: (r) => `severity>=${3 + r.below(3)} and published>now-${days(r)}d` },
  { name: 'packages by name', entity: 'packages', query: (r) => `name:${some(r, PACKAGES)}` },
  { name: 'events of a day', entity: 'events', query: (r) => `time>now-${1 + r.below(5)}d and severity>=${1 + r.below(4)}` },
];

/** What a person has typed so far, for completion. */
export const TYPED: readonly ((random: Random) => [entity: string, text: string])[] = [
  (r) => ['images', `software.name:${some(r, PACKAGES).slice(0, 1 + r.below(4))}`],
  (r) => ['images', `vulnerabilities.id:CVE-20${20 + r.below(7)}-${2 + r.below(5)}`],
  (r) => ['containers', `host.name:${some(r, ['prod', 'stag', 'deve']).slice(0, 1 + r.below(4))}`],
  (r) => ['containers', `label:"app=${some(r, APPS).slice(0, 1 + r.below(3))}`],
  (r) => ['containers', `image:${some(r, REGISTRIES).slice(0, 1 + r.below(6))}`],
  (r) => ['hosts', `provider:${some(r, ['A', 'G', 'Az'])}`],
  (r) => ['vulnerabilities', `package.name:${some(r, PACKAGES).slice(0, 2)}`],
  (r) => ['images', some(r, ['vuln', 'sof', 'cre', 'repo', 'sev'])],
];
