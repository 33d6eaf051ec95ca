import { createHash, randomUUID } from 'node:crypto';
import { chmodSync, closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '@plimsoll/model';
import { z } from 'zod';
import { syncFolder } from '../spool/segment.ts';

const savedIdentity = z.object({
  credential: z.string().min(1).max(4096),
  renewAfter: z.string(),
  sensorId: z.string(),
  hostId: z.string(),
  machineId: z.string(),
  /** SHA-256 of the token that was used: another token means to enrol anew. */
  token: z.string(),
});
/** What makes this sensor itself to the server. */
export type Identity = z.infer<typeof savedIdentity>;

const LARGEST_FILE = 64 * 1024;

/** The folder of a sensor's own files: `credential.json` (mode 0600), `machine-id` where there is none to be had, `host-scan-due`, the spool. */
export class StateDir {
  readonly path: string;

  /** @throws InputError `state-dir-unusable` */
  constructor(path: string) {
    this.path = path;
    try {
      mkdirSync(path, { recursive: true, mode: 0o700 });
    } catch (error) {
      throw unusable(path, error);
    }
  }

  /** @throws InputError when it is there and cannot be read */
  readIdentity(): Identity | undefined {
    const text = this.#read('credential.json');
    if (text === undefined) return undefined;
    const identity = savedIdentity.safeParse(parsed(text));
    if (!identity.success) throw new InputError('state-dir-unusable', `${join(this.path, 'credential.json')} is damaged; remove it and start the sensor with a new enrolment token`);
    return identity.data;
  }

  writeIdentity(identity: Identity): void {
    this.#write('credential.json', `${JSON.stringify(identity)}\n`);
  }

  /** An id that stands for the machine where it has none: made once, kept here. */
  ownMachineId(): string {
    const known = this.#read('machine-id')?.trim();
    if (known !== undefined && /^[0-9a-f-]{8,64}$/.test(known)) return known;
    const id = randomUUID();
    this.#write('machine-id', `${id}\n`);
    return id;
  }

  /** Whether the server asked for the host's own packages and has not got them: a sensor that is killed goes on with it. */
  get owesHostScan(): boolean {
    return this.#read('host-scan-due') !== undefined;
  }

  set owesHostScan(owes: boolean) {
    if (owes === this.owesHostScan) return;
    if (owes) this.#write('host-scan-due', '');
    else rmSync(join(this.path, 'host-scan-due'), { force: true });
  }

  #read(name: string): string | undefined {
    const file = join(this.path, name);
    try {
      const bytes = readFileSync(file);
      return bytes.length > LARGEST_FILE ? '' : bytes.toString('utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw unusable(file, error);
    }
  }

  /** The old content or the new is there, whenever it is cut off. */
  #write(name: string, text: string): void {
    const file = join(this.path, name);
    try {
      const fd = openSync(`${file}.new`, 'w', 0o600);
      try {
        chmodSync(`${file}.new`, 0o600);
        writeSync(fd, text);
        fsyncSync(fd);
      } finally {
        closeSync(fd);
      }
      renameSync(`${file}.new`, file);
      syncFolder(this.path);
    } catch (error) {
      throw unusable(file, error);
    }
  }
}

export function tokenHash(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function unusable(path: string, error: unknown): InputError {
  return new InputError('state-dir-unusable', `${path} cannot be used: ${(error as Error).message}; name a folder that the sensor may write with --state-dir`, { cause: error });
}
