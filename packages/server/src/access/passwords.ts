import { hash, verify } from '@node-rs/argon2';

/** OWASP's recommendation for argon2id: 19 MiB, two passes, one lane. */
const PARAMETERS = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

export async function hashPassword(password: string): Promise<string> {
  return await hash(password, PARAMETERS);
}

let stranger: Promise<string> | undefined;

/** Costs the same where there is no hash to compare with: how long it takes must not tell who is a user. */
export async function verifyPassword(hashed: string | null, password: string): Promise<boolean> {
  stranger ??= hashPassword('nobody has this password');
  const matches = await verify(hashed ?? (await stranger), password);
  return matches && hashed !== null;
}
