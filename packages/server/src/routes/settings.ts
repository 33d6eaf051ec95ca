import type { Settings } from '@plimsoll/model/api';
import { isIssuerAllowed } from '../access/oidc.ts';
import { readSettings, writeSettings, type StoredSettings } from '../access/stored-settings.ts';
import type { Handlers, Secrets } from '../context.ts';
import { badRequest } from '../http/problems.ts';

function view({ oidc, retention, sessionHours }: StoredSettings): Settings {
  if (!oidc) return { oidc, retention, sessionHours };
  const { sealedSecret, ...shown } = oidc;
  return { oidc: { ...shown, hasSecret: sealedSecret !== null }, retention, sessionHours };
}

interface OidcChange extends Omit<NonNullable<StoredSettings['oidc']>, 'sealedSecret'> {
  clientSecret?: string;
}

function changeOidc({ clientSecret, ...shown }: OidcChange, before: StoredSettings['oidc'], secrets: Secrets): StoredSettings['oidc'] {
  if (!isIssuerAllowed(shown.issuer)) throw badRequest('The issuer has to be an https address.', 'issuer', [{ path: 'body.oidc.issuer', message: 'Not an https address.' }]);
  if (clientSecret !== undefined) return { ...shown, sealedSecret: clientSecret === '' ? null : secrets.seal(clientSecret) };
  // Somebody who changes the issuer must not get the secret sent to it that belongs to another.
  const kept = before?.issuer === shown.issuer && before.clientId === shown.clientId ? before.sealedSecret : null;
  return { ...shown, sealedSecret: kept };
}

export const handlers = {
  async settings({ services: { db } }) {
    return view(await readSettings(db));
  },

  async settingsChange({ body: { oidc, ...others }, services: { db, secrets } }) {
    return await db.transaction(async (tx) => {
      const before = await readSettings(tx);
      await writeSettings(tx, { ...others, ...(oidc !== undefined && { oidc: oidc && changeOidc(oidc, before.oidc, secrets) }) });
      return view(await readSettings(tx));
    });
  },
} satisfies Partial<Handlers>;
