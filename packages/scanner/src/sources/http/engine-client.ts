import { InputError } from '@plimsoll/model';
import type { EngineAddress } from './engine-address.ts';
import { forDisplay } from './reference.ts';
import { errorCode, errorText, exchange, readSmall, type HttpReply } from './transport.ts';

/** What `GET /images/{name}/json` tells, as far as it is used; unread fields are left out. */
export interface EngineImage {
  /** `sha256:…` of the config, or of the manifest with the containerd image store. */
  Id: string;
  RepoTags: string[];
  RepoDigests: string[];
  Created?: string;
  Size?: number;
  Os?: string;
  Architecture?: string;
  Variant?: string;
  /** Diff IDs, bottom first. */
  Layers: string[];
}

export interface EngineImageSummary {
  Id: string;
  RepoTags: string[];
  /** Seconds since 1970. */
  Created: number;
  Size: number;
}

export interface EngineHistoryStep {
  Id: string;
  /** Seconds since 1970. */
  Created: number;
  CreatedBy: string;
  Size: number;
  Comment: string;
}

export interface EngineVersion {
  /** Of the API, as spoken from here on: `1.47`. */
  apiVersion: string;
  /** Of the engine: `27.3.1`. */
  version?: string;
  os?: string;
  architecture?: string;
}

export interface EngineClientOptions {
  userAgent: string;
  /** Milliseconds without a byte. Default 60 s; an export may be silent for longer, see `exportImage`. */
  idleTimeout?: number | undefined;
  signal?: AbortSignal | undefined;
}

/** The newest API that this client was written for. Engines answer older ones as long as they are above their minimum. */
const NEWEST_API = [1, 51] as const;
const LARGEST_JSON = 32 * 1024 * 1024;
/** Engines write large images to a temporary place before the first byte of an export comes. */
const EXPORT_IDLE_TIMEOUT = 10 * 60_000;

/**
 * The parts of the Docker Engine API that reading images needs. Podman answers the same requests.
 * @see https://docs.docker.com/reference/api/engine/
 */
export class EngineClient {
  readonly #address: EngineAddress;
  readonly #options: EngineClientOptions;
  #prefix: Promise<string> | undefined;

  constructor(address: EngineAddress, options: EngineClientOptions) {
    this.#address = address;
    this.#options = options;
  }

  /**
   * Asks for the engine's API version.
   * @throws InputError `engine-unreachable`, `engine-permission`
   */
  async ping(): Promise<string> {
    const reply = await this.#send('/_ping');
    await readSmall(reply, 64 * 1024);
    if (reply.status !== 200) throw new InputError('engine-error', `the engine at ${this.#address.name} answered ${reply.status} to a ping; is it a container engine?`);
    const version = String(reply.headers['api-version'] ?? '');
    if (!/^1\.\d{1,3}$/.test(version)) throw new InputError('engine-error', `${this.#address.name} does not say which API version it speaks; is it a container engine?`);
    return version;
  }

  async version(): Promise<EngineVersion> {
    const apiVersion = await this.#negotiated();
    const fields = fieldsOf(await this.#json('/version', ''));
    return {
      apiVersion,
      ...textField(fields, 'Version', 'version'),
      ...textField(fields, 'Os', 'os'),
      ...textField(fields, 'Arch', 'architecture'),
    };
  }

  /** Images with their tags, newest first. Intermediate ones are left out. */
  async listImages(): Promise<EngineImageSummary[]> {
    const list = await this.#json('/images/json', '');
    if (!Array.isArray(list)) throw this.#unexpected('/images/json');
    return list
      .map((item: unknown) => {
        const fields = fieldsOf(item);
        return { Id: text(fields, 'Id'), RepoTags: texts(fields.get('RepoTags')), Created: number(fields, 'Created'), Size: number(fields, 'Size') };
      })
      .sort((a, b) => b.Created - a.Created);
  }

  /** @throws InputError `image-not-found` */
  async inspectImage(reference: string): Promise<EngineImage> {
    const fields = fieldsOf(await this.#json(`/images/${encodeName(reference)}/json`, reference));
    const id = text(fields, 'Id');
    if (id === '') throw this.#unexpected('/images/{name}/json');
    const size = fields.get('Size');
    return {
      Id: id,
      RepoTags: texts(fields.get('RepoTags')),
      RepoDigests: texts(fields.get('RepoDigests')),
      Layers: texts(fieldsOf(fields.get('RootFS')).get('Layers')),
      ...textField(fields, 'Created', 'Created'),
      ...textField(fields, 'Os', 'Os'),
      ...textField(fields, 'Architecture', 'Architecture'),
      ...textField(fields, 'Variant', 'Variant'),
      ...(typeof size === 'number' ? { Size: size } : {}),
    };
  }

  /** Newest step first, as the engine gives it. */
  async history(reference: string): Promise<EngineHistoryStep[]> {
    const list = await this.#json(`/images/${encodeName(reference)}/history`, reference);
    if (!Array.isArray(list)) throw this.#unexpected('/images/{name}/history');
    return list.map((item: unknown) => {
      const fields = fieldsOf(item);
      return { Id: text(fields, 'Id'), Created: number(fields, 'Created'), CreatedBy: text(fields, 'CreatedBy'), Size: number(fields, 'Size'), Comment: text(fields, 'Comment') };
    });
  }

  /**
   * Streams the image as the tar that `docker save` writes.
   * @param platform of a multi-platform image with the containerd image store, API 1.48 on
   * @throws InputError at the first chunk or later: `image-not-found`, `engine-broken`
   */
  async *exportImage(reference: string, platform?: { os: string; architecture: string; variant?: string }): AsyncGenerator<Buffer> {
    const version = await this.#negotiated();
    const query = platform !== undefined && Number(version.slice(2)) >= 48 ? `?platform=${encodeURIComponent(JSON.stringify(platform))}` : '';
    const reply = await this.#send(`/v${version}/images/${encodeName(reference)}/get${query}`, EXPORT_IDLE_TIMEOUT);
    if (reply.status !== 200) throw await this.#refusal(reply, reference);
    try {
      yield* reply.body;
    } catch (error) {
      if (error instanceof Error && error.name === 'AbortError') throw error;
      throw new InputError('engine-broken', `${forDisplay(reference)}: the engine at ${this.#address.name} broke off the export: ${errorText(error)}; try again`, { cause: error });
    }
  }

  /**
   * Asks for something else of the API: what `GET` of a path below the version gives, parsed but not trusted.
   * @returns undefined when the engine does not have it (404)
   * @throws InputError `engine-unreachable`, `engine-permission`, `engine-error`
   */
  async get(path: string): Promise<unknown> {
    const reply = await this.#send(`/v${await this.#negotiated()}${path}`);
    if (reply.status === 404) {
      reply.discard();
      return undefined;
    }
    if (reply.status !== 200) throw await this.#refusal(reply, '');
    return this.#parse(await this.#readAll(reply), path);
  }

  /**
   * Opens an answer that goes on for as long as both sides like, such as `/events`.
   * @param idleTimeout milliseconds without a byte after which it ends with an error
   */
  async stream(path: string, options: { idleTimeout: number; signal: AbortSignal }): Promise<AsyncIterable<Buffer>> {
    const reply = await this.#send(`/v${await this.#negotiated()}${path}`, options.idleTimeout, options.signal);
    if (reply.status !== 200) throw await this.#refusal(reply, '');
    return reply.body;
  }

  async #json(path: string, reference: string): Promise<unknown> {
    const reply = await this.#send(`/v${await this.#negotiated()}${path}`);
    if (reply.status !== 200) throw await this.#refusal(reply, reference);
    return this.#parse(await this.#readAll(reply), path);
  }

  #parse(bytes: Buffer, path: string): unknown {
    try {
      return JSON.parse(bytes.toString('utf8'));
    } catch {
      throw this.#unexpected(path);
    }
  }

  async #readAll(reply: HttpReply): Promise<Buffer> {
    let bytes: Buffer | undefined;
    try {
      bytes = await readSmall(reply, LARGEST_JSON);
    } catch (error) {
      throw this.#unreachable(error);
    }
    if (bytes === undefined) throw new InputError('engine-error', `the engine at ${this.#address.name} sent an answer larger than ${LARGEST_JSON} bytes`);
    return bytes;
  }

  /** The engine's own version, or the newest that is known here when the engine is newer. */
  #negotiated(): Promise<string> {
    this.#prefix ??= this.ping().then((version) => {
      const [major, newest] = NEWEST_API;
      return `${major}.${Math.min(Number(version.split('.')[1]), newest)}`;
    });
    // An engine that was not there may be there the next time.
    this.#prefix.catch(() => (this.#prefix = undefined));
    return this.#prefix;
  }

  async #send(path: string, idleTimeout = this.#options.idleTimeout ?? 60_000, signal = this.#options.signal): Promise<HttpReply> {
    const { url, socketPath, tls } = this.#address;
    try {
      return await exchange({
        url: new URL(path, url),
        headers: { 'user-agent': this.#options.userAgent },
        socketPath,
        tls,
        idleTimeout,
        signal,
      });
    } catch (error) {
      throw this.#unreachable(error);
    }
  }

  #unreachable(error: unknown): Error {
    if (error instanceof InputError || (error instanceof Error && error.name === 'AbortError')) return error;
    const { name, socketPath } = this.#address;
    const code = errorCode(error);
    if (code === 'EACCES' || code === 'EPERM') {
      return new InputError(
        'engine-permission',
        `no permission to use the engine at ${name}: add your account to the socket's group (sudo usermod -aG docker $USER, then log in again), run with sudo, or use a rootless engine`,
        { cause: error },
      );
    }
    const why = code === 'ENOENT' ? 'there is no such socket' : code === 'ECONNREFUSED' ? 'nothing listens there' : errorText(error);
    const advice = socketPath === undefined ? 'check DOCKER_HOST' : 'start the engine or set DOCKER_HOST; an archive (docker save) or a registry reference needs no engine';
    return new InputError('engine-unreachable', `no container engine at ${name}: ${why}; ${advice}`, { cause: error });
  }

  async #refusal(reply: HttpReply, reference: string): Promise<InputError> {
    const said = await messageOf(reply);
    const name = forDisplay(reference);
    if (reply.status === 404 && reference !== '') {
      return new InputError('image-not-found', `${name} is not among the engine's images; fetch it with "docker pull ${name}" or scan it as registry:${name}`);
    }
    return new InputError('engine-error', `the engine at ${this.#address.name} answered ${reply.status}${reference === '' ? '' : ` for ${name}`}${said === '' ? '' : `: ${said}`}`);
  }

  #unexpected(path: string): InputError {
    return new InputError('engine-error', `the engine at ${this.#address.name} answered ${path} with something else than expected; is it a container engine?`);
  }
}

/** Slashes, colons and `@` belong to a reference and stay; other characters that a path cannot hold are escaped. */
function encodeName(reference: string): string {
  // `..` would lead to other requests of the API.
  if (/(?:^|\/)\.{0,2}(?:\/|$)/.test(reference)) throw new InputError('reference-invalid', `"${forDisplay(reference)}" is not an image's name or ID`);
  return encodeURIComponent(reference).replace(/%2F/g, '/').replace(/%3A/g, ':').replace(/%40/g, '@');
}

async function messageOf(reply: HttpReply): Promise<string> {
  try {
    const bytes = await readSmall(reply, 64 * 1024);
    return forDisplay(text(fieldsOf(JSON.parse(bytes?.toString('utf8') ?? '')), 'message'));
  } catch {
    return '';
  }
}

type Fields = Map<string, unknown>;

function fieldsOf(value: unknown): Fields {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? new Map(Object.entries(value)) : new Map();
}

function text(fields: Fields, name: string): string {
  const value = fields.get(name);
  return typeof value === 'string' ? value : '';
}

function number(fields: Fields, name: string): number {
  const value = fields.get(name);
  return typeof value === 'number' ? value : 0;
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
}

/** The field under another name when it is a text with something in it. */
function textField<K extends string>(fields: Fields, name: string, as: K): Partial<Record<K, string>> {
  const value = text(fields, name);
  return value === '' ? {} : ({ [as]: value } as Partial<Record<K, string>>);
}
