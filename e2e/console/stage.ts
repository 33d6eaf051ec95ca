/** A server with the made inventory, judged, and a browser: what each file of the console's suite begins with. */
import type { HostRow, ImageRow } from '@plimsoll/model/api';
import type { Browser } from 'playwright-core';
import { launchBrowser, visit, type Visitor } from '../support/browser.ts';
import { makeWorkplace } from '../support/plimsoll.ts';
import { ADMIN, signInAsAdmin, startServerProcess, until, type Client, type ServerProcess } from '../support/server.ts';
import { COUNTS, IMAGES, report, type Inventory } from './inventory.ts';

export interface Person {
  email: string;
  password: string;
}

export interface Stage {
  server: ServerProcess;
  browser: Browser;
  admin: Client;
  inventory: Inventory;
  /** The admin, signed in, in a window of her own. */
  ada(path?: string, options?: Parameters<typeof visit>[2]): Promise<Visitor>;
  /** Somebody else, likewise. */
  visitor(person: Person, path?: string, options?: Parameters<typeof visit>[2]): Promise<Visitor>;
  /** Somebody without an account yet, who is given one. */
  person(role: 'reader' | 'manager' | 'ci', name: string): Promise<Person>;
  end(): Promise<void>;
}

export const PASSWORD = 'quite long and never used elsewhere';

/** A server as it is at its first start, and a browser. */
export async function bareStage(): Promise<Pick<Stage, 'server' | 'browser' | 'end'>> {
  const place = makeWorkplace();
  const [server, browser] = await Promise.all([startServerProcess({ dataDir: place.path('data') }), launchBrowser()]);
  return {
    server,
    browser,
    async end() {
      await browser.close();
      await server.stop();
      place.remove();
    },
  };
}

export async function stage(): Promise<Stage> {
  const bare = await bareStage();
  const { server, browser } = bare;
  const admin = await signInAsAdmin(server);
  const inventory = await report(server.url, admin);
  const scanned = Object.values(IMAGES).filter((image) => image.state === undefined).length;
  await until('all images are judged', async () => (await admin.search<ImageRow>('images')).rows.filter((row) => row.vulnerabilities !== null).length === scanned);
  await until('all containers are there', async () => (await admin.search('containers')).total === COUNTS.containers);
  await until('the host is judged', async () => (await admin.search<HostRow>('hosts')).rows.some((row) => row.vulnerabilities !== null));
  const visitor: Stage['visitor'] = async ({ email, password }, path = '/', options) => {
    const made = await visit(browser, server.url, options);
    const answer = await made.context.request.post('/api/v1/session', { data: { email, password } });
    if (!answer.ok()) throw new Error(`signing in answered ${answer.status()}: ${await answer.text()}`);
    await made.page.goto(path);
    await made.page.getByRole('button', { name: /account of/ }).waitFor();
    return made;
  };
  return {
    ...bare,
    admin,
    inventory,
    ada: (path, options) => visitor(ADMIN, path, options),
    visitor,
    async person(role, name) {
      const email = `${name.toLowerCase()}@example.org`;
      await admin.send('POST', '/api/v1/users', { name, email, role, password: PASSWORD });
      return { email, password: PASSWORD };
    },
  };
}
