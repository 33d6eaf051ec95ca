import { createPrivateKey, randomUUID, sign, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { mustRun } from './run.ts';

/** A token server as registries use it: https://distribution.github.io/distribution/spec/auth/token/ */
export interface TokenServer {
  realm: string;
  service: string;
  issuer: string;
  /** PEM file of the certificate that the registry is to trust. */
  certificate: string;
  /** The scopes that were asked for, in order, for tests that look at them. */
  asked: string[];
  stop(): Promise<void>;
}

export interface TokenServerOptions {
  /** Folder for its key and certificate. */
  dir: string;
  user: string;
  password: string;
}

interface Access {
  type: string;
  name: string;
  actions: string[];
}

/**
 * Starts one on a free loopback port. Whoever names the account gets every action asked for,
 * anyone else only `pull`, as public registries do.
 */
export async function startTokenServer(options: TokenServerOptions): Promise<TokenServer> {
  const keyFile = join(options.dir, 'token-key.pem');
  const certificate = join(options.dir, 'token-cert.pem');
  await mustRun('openssl', [
    ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=plimsoll tests'],
    ...['-keyout', keyFile, '-out', certificate],
  ]);
  const key = createPrivateKey(readFileSync(keyFile));
  const x5c = [new X509Certificate(readFileSync(certificate)).raw.toString('base64')];
  const issuer = 'plimsoll-tests';
  const service = 'test-registry';
  const basic = `Basic ${Buffer.from(`${options.user}:${options.password}`).toString('base64')}`;
  const asked: string[] = [];

  const token = (account: string, access: Access[]): string => {
    const now = Math.floor(Date.now() / 1000);
    const header = { typ: 'JWT', alg: 'RS256', x5c };
    const claims = { iss: issuer, sub: account, aud: service, nbf: now - 10, iat: now, exp: now + 300, jti: randomUUID(), access };
    const text = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
    return `${text}.${sign('sha256', Buffer.from(text), key).toString('base64url')}`;
  };

  const server = createServer((ask, answer) => {
    const url = new URL(ask.url ?? '/', 'http://localhost');
    const given = ask.headers.authorization;
    if (given !== undefined && given !== basic) {
      answer.writeHead(401, { 'content-type': 'application/json' });
      answer.end('{"details":"incorrect username or password"}');
      return;
    }
    const scopes = url.searchParams.getAll('scope').flatMap((scope) => scope.split(' '));
    asked.push(...scopes);
    const access = scopes.map(parseScope).filter((each) => each !== undefined);
    for (const each of access) if (given === undefined) each.actions = each.actions.filter((action) => action === 'pull');
    answer.writeHead(200, { 'content-type': 'application/json' });
    answer.end(JSON.stringify({ token: token(given === undefined ? '' : options.user, access), expires_in: 300 }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  return {
    realm: `http://127.0.0.1:${String(port)}/token`,
    service,
    issuer,
    certificate,
    asked,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

/** `repository:library/alpine:pull,push` */
function parseScope(scope: string): Access | undefined {
  const match = /^([a-z]+):(.+):([a-z,*]+)$/.exec(scope);
  return match ? { type: match[1]!, name: match[2]!, actions: match[3]!.split(',') } : undefined;
}
