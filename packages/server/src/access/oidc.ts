import type { FastifyReply, FastifyRequest } from 'fastify';
import * as client from 'openid-client';
import sql from 'sql-template-tag';
import { z } from 'zod';
import type { Database, Services } from '../context.ts';
import { baseUrl } from '../http/base-url.ts';
import { badRequest, forbidden, HttpProblem } from '../http/problems.ts';
import { clearCookie, cookieName, setCookie } from './sessions.ts';
import { readSettings, type StoredSettings } from './stored-settings.ts';

/** Sign-in by an OpenID Connect provider: authorization code flow with PKCE, state and nonce. */

const COOKIE = 'plimsoll-oidc';
const MINUTES_TO_RETURN = 10;
const DISCOVERY_MINUTES = 10;
const TIMEOUT_SECONDS = 10;

type Provider = NonNullable<StoredSettings['oidc']>;

/** What has to be remembered while the person is at the provider. It travels sealed in a cookie. */
const pending = z.object({ purpose: z.literal('oidc'), state: z.string(), nonce: z.string(), verifier: z.string(), to: z.string(), expires: z.number() });

/** Secrets and identities travel there: https, but for a provider on this machine. */
export function isIssuerAllowed(issuer: string): boolean {
  const { protocol, hostname } = new URL(issuer);
  return protocol === 'https:' || (protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(hostname));
}

/** A path of the console; anything else, another site above all, is its first page. */
export function localPath(to: string): string {
  const base = 'http://console.invalid';
  if (!to.startsWith('/') || !URL.canParse(to, base)) return '/';
  const url = new URL(to, base);
  // `//host` and `/\host` are other hosts to a browser; the parser reads them as it does.
  if (url.origin !== base || /^\/(?:sign-in|setup)\b/.test(url.pathname) || url.pathname.startsWith('//')) return '/';
  return url.pathname + url.search + url.hash;
}

/** @returns the provider's address to send the browser to. */
export async function startOidc(to: string, request: FastifyRequest, reply: FastifyReply, services: Services): Promise<string> {
  const configuration = await configure(await providerOf(services), services);
  const verifier = client.randomPKCECodeVerifier();
  const attempt: z.infer<typeof pending> = {
    purpose: 'oidc', state: client.randomState(), nonce: client.randomNonce(), verifier, to: localPath(to), expires: Date.now() + MINUTES_TO_RETURN * 60_000,
  };
  setCookie(request, reply, services, COOKIE, services.secrets.seal(JSON.stringify(attempt)), MINUTES_TO_RETURN * 60);
  return client.buildAuthorizationUrl(configuration, {
    redirect_uri: returnAddress(services),
    scope: 'openid email profile',
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state: attempt.state,
    nonce: attempt.nonce,
  }).href;
}

export interface SignedIn {
  userId: string;
  name: string;
  /** Path of the console to go on with. */
  to: string;
}

/** @throws HttpProblem whose detail a person may read: the attempt is too old, the provider refused, nobody may sign in so. */
export async function finishOidc(request: FastifyRequest, reply: FastifyReply, services: Services): Promise<SignedIn> {
  const attempt = openAttempt(request.cookies[cookieName(request, services, COOKIE)], services);
  clearCookie(request, reply, services, COOKIE);
  const provider = await providerOf(services);
  const configuration = await configure(provider, services);
  const address = new URL(returnAddress(services));
  address.search = new URL(request.url, address).search;
  const claims = await identityOf(configuration, address, attempt, services);
  const user = await userFor(claims, provider, services.db);
  return { ...user, to: attempt.to };
}

function returnAddress({ config }: Services): string {
  return `${baseUrl(config)}/api/v1/oidc/return`;
}

async function providerOf({ db }: Services): Promise<Provider> {
  const { oidc } = await readSettings(db);
  if (!oidc) throw badRequest('Single sign-on is not set up: an admin does so under Configuration → Settings.', 'oidc-not-set-up');
  return oidc;
}

const configurations = new WeakMap<Services, { key: string; until: number; configuration: client.Configuration }>();

async function configure(provider: Provider, services: Services): Promise<client.Configuration> {
  const key = JSON.stringify(provider);
  const known = configurations.get(services);
  if (known?.key === key && known.until > Date.now()) return known.configuration;
  const secret = provider.sealedSecret === null ? undefined : services.secrets.open(provider.sealedSecret);
  const isLocal = new URL(provider.issuer).protocol === 'http:' && isIssuerAllowed(provider.issuer);
  try {
    const configuration = await client.discovery(
      new URL(provider.issuer), provider.clientId, secret, secret === undefined ? client.None() : undefined,
      { timeout: TIMEOUT_SECONDS, ...(isLocal && { execute: [client.allowInsecureRequests] }) },
    );
    configurations.set(services, { key, until: Date.now() + DISCOVERY_MINUTES * 60_000, configuration });
    return configuration;
  } catch (error) {
    services.log.warn({ err: error, issuer: provider.issuer }, 'The identity provider cannot be used');
    throw new HttpProblem(502, 'oidc-provider', `The identity provider ${provider.name} does not answer as one. The server’s log says how.`, { cause: error });
  }
}

function openAttempt(cookie: string | undefined, { secrets }: Services): z.infer<typeof pending> {
  if (cookie !== undefined) {
    try {
      const attempt = pending.parse(JSON.parse(secrets.open(cookie)));
      if (attempt.expires > Date.now()) return attempt;
    } catch {
      // Not sealed by this server: as good as none.
    }
  }
  throw badRequest('This sign-in took too long or began elsewhere. Start again.', 'oidc-stale');
}

interface Claims {
  sub: string;
  email: string | undefined;
  verified: boolean;
  name: string | undefined;
}

async function identityOf(configuration: client.Configuration, address: URL, attempt: z.infer<typeof pending>, { log }: Services): Promise<Claims> {
  try {
    const tokens = await client.authorizationCodeGrant(configuration, address, {
      pkceCodeVerifier: attempt.verifier, expectedState: attempt.state, expectedNonce: attempt.nonce, idTokenExpected: true,
    });
    const fromToken = tokens.claims()!;
    // Providers may keep the address out of the ID token (OpenID Connect Core 1.0, 5.4).
    const more = fromToken['email'] === undefined && configuration.serverMetadata().userinfo_endpoint !== undefined
      ? await client.fetchUserInfo(configuration, tokens.access_token, fromToken.sub)
      : {};
    const all: Record<string, unknown> = { ...fromToken, ...more };
    return {
      sub: fromToken.sub,
      email: typeof all['email'] === 'string' ? all['email'].toLowerCase() : undefined,
      verified: all['email_verified'] === true || all['email_verified'] === 'true',
      name: typeof all['name'] === 'string' && all['name'] !== '' ? all['name'].slice(0, 100) : undefined,
    };
  } catch (error) {
    log.warn({ err: error }, 'A sign-in by the identity provider failed');
    throw new HttpProblem(401, 'oidc-refused', 'The identity provider did not confirm who you are. Start again.', { cause: error });
  }
}

interface Found {
  id: string;
  name: string;
  disabled: boolean;
  oidc_subject: string | null;
}

/** By subject, which never changes hands; a first time by the address, if the provider vouches for it. */
async function userFor(claims: Claims, provider: Provider, db: Database): Promise<{ userId: string; name: string }> {
  // A subject is unique for its issuer only.
  const subject = `${provider.issuer} ${claims.sub}`;
  return await db.transaction(async (tx) => {
    const known = await tx.one<Found>(sql`update users set last_sign_in_at = now() where oidc_subject = ${subject} returning id, name, disabled, oidc_subject`);
    if (known) return enabled(known);
    if (claims.email === undefined || !claims.verified) {
      throw forbidden('The identity provider does not vouch for your email address (email_verified), so nobody knows whose account this is.', 'oidc-email');
    }
    const inserted = await tx.one<Found>(sql`
      insert into users (name, email, oidc_subject, role, last_sign_in_at)
      values (${claims.name ?? claims.email}, ${claims.email}, ${subject}, ${provider.role}, now())
      on conflict (email) do nothing returning id, name, disabled, oidc_subject`);
    if (inserted) return enabled(inserted);
    const linked = await tx.one<Found>(sql`
      update users set oidc_subject = ${subject}, last_sign_in_at = now()
      where email = ${claims.email} and oidc_subject is null and not disabled returning id, name, disabled, oidc_subject`);
    if (!linked) throw forbidden('The account with your email address is disabled or belongs to another identity. Ask an admin.', 'oidc-account');
    return enabled(linked);
  });
}

function enabled(user: Found): { userId: string; name: string } {
  if (user.disabled) throw forbidden('This account is disabled. Ask an admin.', 'oidc-account');
  return { userId: user.id, name: user.name };
}
