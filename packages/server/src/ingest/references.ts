import type { ImageReference } from '@plimsoll/model/api';

/**
 * References to images, as engines and people write them, with the defaults that Docker gives them:
 * `nginx` is `docker.io/library/nginx`.
 * Grammar: https://pkg.go.dev/github.com/distribution/reference
 */

const REGISTRY = /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|\[[0-9A-Fa-f:]{2,45}\])(?::[0-9]{1,5})?$/;
const PATH_PART = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const DIGEST = /^[a-z0-9]{1,20}:[0-9a-f]{32,128}$/;
const MAX_LENGTH = 512;
const DEFAULT_REGISTRY = 'docker.io';
const DEFAULT_FOLDER = 'library/';

/** Reads a reference; undefined when it is none, such as `<none>:<none>`. */
export function parseReference(text: string): ImageReference | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  const at = text.indexOf('@');
  const digest = at < 0 ? null : text.slice(at + 1);
  if (digest !== null && !DIGEST.test(digest)) return undefined;
  const named = at < 0 ? text : text.slice(0, at);
  // A colon after the last slash starts the tag; before it, a registry's port.
  const colon = named.indexOf(':', named.lastIndexOf('/') + 1);
  const tag = colon < 0 ? null : named.slice(colon + 1);
  if (tag !== null && !TAG.test(tag)) return undefined;

  const path = colon < 0 ? named : named.slice(0, colon);
  const slash = path.indexOf('/');
  const first = slash < 0 ? '' : path.slice(0, slash);
  const hasRegistry = first.includes('.') || first.includes(':') || first === 'localhost' || first !== first.toLowerCase();
  let registry = hasRegistry ? first.toLowerCase() : DEFAULT_REGISTRY;
  let repository = hasRegistry ? path.slice(slash + 1) : path;
  if (registry === 'index.docker.io' || registry === 'registry-1.docker.io') registry = DEFAULT_REGISTRY;
  if (registry === DEFAULT_REGISTRY && !repository.includes('/')) repository = DEFAULT_FOLDER + repository;
  if (!REGISTRY.test(registry) || !repository.split('/').every((part) => PATH_PART.test(part))) return undefined;
  // A repository that looks like an image ID is one: engines list untagged images so.
  if (tag === null && digest === null && /^library\/[0-9a-f]{64}$/.test(repository)) return undefined;
  return { registry, repository, tag: tag === null && digest === null ? 'latest' : tag, digest };
}

/** In full, with every default written out: one text for one reference. */
export function fullName({ registry, repository, tag, digest }: ImageReference): string {
  return `${registry}/${repository}${tag === null ? '' : `:${tag}`}${digest === null ? '' : `@${digest}`}`;
}

/** As people write it: `nginx:1.27`, `grafana/grafana:11`, `ghcr.io/acme/shop:3`. */
export function familiarName({ registry, repository, tag, digest }: ImageReference): string {
  const host = registry === DEFAULT_REGISTRY ? '' : `${registry}/`;
  const path = host === '' && repository.startsWith(DEFAULT_FOLDER) ? repository.slice(DEFAULT_FOLDER.length) : repository;
  if (tag !== null) return `${host}${path}:${tag}`;
  const [algorithm = '', hex = ''] = digest?.split(':') ?? [];
  return `${host}${path}@${algorithm}:${hex.slice(0, 12)}`;
}

/** The first twelve digits, as engines show them. */
export function shortId(imageId: string): string {
  return imageId.slice(imageId.indexOf(':') + 1).slice(0, 12);
}

/**
 * The name to show of an image: of its references the one that says most, the same whatever order they come in.
 * The short image ID when it has none.
 */
export function displayName(imageId: string, references: readonly ImageReference[]): string {
  const [best] = [...references].sort((a, b) => rank(a) - rank(b) || compare(familiarName(a), familiarName(b)));
  return best ? familiarName(best) : shortId(imageId);
}

/** Tags say more than digests, and any tag more than `latest`. */
function rank({ tag }: ImageReference): number {
  if (tag === null) return 2;
  return tag === 'latest' ? 1 : 0;
}

function compare(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** What an image is called, in full, sorted, each once; what is no reference is left out. */
export function fullNames(references: readonly string[]): string[] {
  const names = new Set<string>();
  for (const text of references) {
    const reference = parseReference(text);
    if (reference) names.add(fullName(reference));
  }
  return [...names].sort();
}
