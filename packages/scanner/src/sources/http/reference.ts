import { InputError } from '@plimsoll/model';

/** A reference to an image in a registry, complete: with registry and full repository name. */
export interface ImageReference {
  /** Host and port: `docker.io`, `localhost:5000`, `[::1]:5000`. */
  registry: string;
  /** `library/alpine` */
  repository: string;
  /** `latest` where the text names neither tag nor digest. */
  tag?: string;
  /** `sha256:…`; where set, it decides and the tag is only for people. */
  digest?: string;
}

export const DEFAULT_REGISTRY = 'docker.io';

const HOST = /^(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})(?:\.[A-Za-z0-9][A-Za-z0-9-]{0,62}){0,20}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?$/;
/** Path components as the distribution spec writes them: lower case, parts joined by `.`, `_`, `__` or dashes. */
const COMPONENT = /^[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*$/;
const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^(?:sha256:[a-f0-9]{64}|sha512:[a-f0-9]{128})$/;

/** The spec leaves it to registries; Docker's own limit for registry and repository together. */
const LONGEST_NAME = 255;

/**
 * Reads `[registry/]repository[:tag][@digest]`. The first part is a registry when it could not be a
 * repository's: it holds a dot or a colon or is `localhost`. Without one the image is Docker Hub's,
 * and there a name of one part stands in `library/`.
 * @see https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests
 * @throws InputError `reference-invalid`
 */
export function parseReference(text: string): ImageReference {
  const fail = (why: string): InputError =>
    new InputError('reference-invalid', `"${forDisplay(text)}" is not an image reference: ${why} (expected [registry/]name[:tag][@sha256:…])`);
  if (text === '') throw fail('it is empty');
  if (text.length > 1_024) throw fail('it is too long');
  if (/\s/.test(text)) throw fail('it holds white space');
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) throw fail('leave out the scheme');

  const at = text.indexOf('@');
  const digest = at < 0 ? undefined : text.slice(at + 1);
  if (digest !== undefined && !DIGEST.test(digest)) throw fail('the digest must be sha256: and 64 hex digits in lower case');
  let name = at < 0 ? text : text.slice(0, at);

  let tag: string | undefined;
  const colon = name.lastIndexOf(':');
  if (colon > name.lastIndexOf('/')) {
    tag = name.slice(colon + 1);
    name = name.slice(0, colon);
    if (!TAG.test(tag)) throw fail('a tag has up to 128 letters, digits, dots, dashes and underscores');
  }

  const slash = name.indexOf('/');
  const first = slash < 0 ? '' : name.slice(0, slash);
  const namesRegistry = first === 'localhost' || /[.:A-Z]/.test(first);
  let registry = DEFAULT_REGISTRY;
  let repository = name;
  if (namesRegistry) {
    if (!HOST.test(first)) throw fail(`"${forDisplay(first)}" is not a registry's host`);
    registry = first.toLowerCase();
    repository = name.slice(slash + 1);
  }
  if (registry === 'index.docker.io' || registry === 'registry-1.docker.io') registry = DEFAULT_REGISTRY;
  if (registry === DEFAULT_REGISTRY && !repository.includes('/')) repository = `library/${repository}`;

  for (const component of repository.split('/')) {
    if (COMPONENT.test(component)) continue;
    if (/[A-Z]/.test(component)) throw fail('the name must be in lower case');
    throw fail(component === '' || component === 'library' ? 'the name is missing' : `"${forDisplay(component)}" cannot be part of a name`);
  }
  if (registry.length + repository.length > LONGEST_NAME) throw fail(`the name is longer than ${LONGEST_NAME} characters`);
  if (tag === undefined && digest === undefined) tag = 'latest';
  return { registry, repository, ...(tag === undefined ? {} : { tag }), ...(digest === undefined ? {} : { digest }) };
}

/** The reference in full: `docker.io/library/alpine:3.19@sha256:…`. */
export function formatReference({ registry, repository, tag, digest }: ImageReference): string {
  return `${registry}/${repository}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}

export function isDigest(text: string): boolean {
  return DIGEST.test(text);
}

export function isTag(text: string): boolean {
  return TAG.test(text);
}

/** What the person typed, without control characters and not at length. */
export function forDisplay(text: string): string {
  const clean = text.replace(/[^\x20-\x7e]/g, '?');
  return clean.length > 200 ? `${clean.slice(0, 200)}…` : clean;
}
