import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Client } from 'pg';
import { startServerProcess } from '../../e2e/support/server.ts';
import { QUESTIONS, TYPED } from './questions.ts';
import { Random } from './random.ts';

/**
 * People who ask at the same time, over HTTP, of the built server with a database that `generate` filled: `run --database postgres://…
 * [--people 20] [--seconds 30] [--think 1000]`. Each opens a table, which asks for its page and its facets at once, types into the query bar,
 * or looks at the dashboard, and then reads for `think` milliseconds on average: 0 asks again at once.
 */

/** The same at every run, as the database is. Seals nothing but made-up things. */
const KEY = '00'.repeat(32);

interface Take {
  name: string;
  milliseconds: number;
}

const { values } = parseArgs({
  options: { database: { type: 'string' }, people: { type: 'string', default: '20' }, seconds: { type: 'string', default: '30' }, think: { type: 'string', default: '1000' }, seed: { type: 'string', default: '1' } },
});

/** One API token for each person: the limit on calls is each caller's. */
async function makeTokens(database: string, people: number): Promise<{ tokens: string[]; remove: () => Promise<void> }> {
  const client = new Client({ connectionString: database });
  await client.connect();
  const name = `bench-${randomBytes(4).toString('hex')}@example.com`;
  const { rows } = await client.query<{ id: string }>(`insert into users (name, email, role) values ('Bench', $1, 'reader') returning id`, [name]);
  const tokens = Array.from({ length: people }, () => `plt_${randomBytes(32).toString('base64url')}`);
  for (const token of tokens) {
    await client.query(`insert into api_tokens (token_hash, prefix, name, owner_id, role, expires_at) values ($1, 'plt_', 'bench', $2, 'reader', now() + interval '1 hour')`, [createHash('sha256').update(token).digest(), rows[0]!.id]);
  }
  return { tokens, remove: async () => { await client.query('delete from users where id = $1', [rows[0]!.id]); await client.end(); } };
}

const agent = new Agent({ keepAlive: true });
function get(url: string, token: string): Promise<number> {
  return new Promise((resolve, reject) => {
    request(url, { agent, headers: { authorization: `Bearer ${token}` } }, (response) => {
      let size = 0;
      response.on('data', (chunk: Buffer) => (size += chunk.length));
      response.on('end', () => (response.statusCode === 200 ? resolve(size) : reject(new Error(`${response.statusCode} ${url}`))));
      response.on('error', reject);
    }).on('error', reject).end();
  });
}

async function person(url: string, token: string, random: Random, until: number, think: number, takes: Take[]): Promise<void> {
  const api = `${url}/api/v1`;
  const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, think * 2 * random.next()));
  await pause();
  while (performance.now() < until) {
    const what = random.next();
    const started = performance.now();
    let name: string;
    if (what < 0.65) {
      const question = random.pick(QUESTIONS);
      const query = encodeURIComponent(question.query(random));
      name = `${question.name} (${question.entity})`;
      await Promise.all([get(`${api}/search/${question.entity}?query=${query}`, token), get(`${api}/search/${question.entity}/facets?query=${query}`, token)]);
    } else if (what < 0.95) {
      const [entity, text] = random.pick(TYPED)(random);
      name = 'completion';
      await get(`${api}/search/${entity}/complete?query=${encodeURIComponent(text)}`, token);
    } else {
      name = 'dashboard';
      await get(`${api}/overview`, token);
    }
    takes.push({ name, milliseconds: performance.now() - started });
    await pause();
  }
}

function table(takes: readonly Take[]): string {
  const at = (sorted: readonly number[], part: number): string => String(Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]!));
  const line = (name: string, some: readonly Take[]): string => {
    const sorted = some.map(({ milliseconds }) => milliseconds).sort((a, b) => a - b);
    return `| ${name} | ${sorted.length} | ${at(sorted, 0.5)} | ${at(sorted, 0.95)} | ${at(sorted, 1)} |`;
  };
  const groups = grouped(takes);
  const tables = takes.filter(({ name }) => name.endsWith(')'));
  return ['| what | times | p50 ms | p95 ms | longest |', '| --- | ---: | ---: | ---: | ---: |', line('**any first page with facets**', tables), ...[...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, some]) => line(name, some))].join('\n');
}

function grouped(takes: readonly Take[]): Map<string, Take[]> {
  const groups = new Map<string, Take[]>();
  for (const take of takes) groups.set(take.name, [...(groups.get(take.name) ?? []), take]);
  return groups;
}

async function main(database: string): Promise<void> {
  const people = Number(values.people);
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-bench-'));
  // No jobs: matching would judge the made-up packages by real advisories.
  const server = await startServerProcess({ dataDir: join(folder, 'data'), args: ['--no-jobs'], env: { DATABASE_URL: database, PLIMSOLL_SECRET_KEY: KEY } });
  const { url } = server;
  const { tokens, remove } = await makeTokens(database, people);
  const takes: Take[] = [];
  try {
    // Nobody's first minute after a start: the database has read its pages, the server its statements.
    await Promise.all(tokens.slice(0, 2).map((token, index) => person(url, token, new Random(index + 1000), performance.now() + 5000, 0, [])));
    const until = performance.now() + Number(values.seconds) * 1000;
    await Promise.all(tokens.map((token, index) => person(url, token, new Random(Number(values.seed) * 100 + index), until, Number(values.think), takes)));
    console.log(`${people} people, ${values.think} ms between questions, ${Math.round((takes.length / Number(values.seconds)) * 10) / 10} questions a second\n`);
    console.log(table(takes));
  } finally {
    await remove();
    agent.destroy();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

const database = values.database ?? process.env['DATABASE_URL'];
if (database === undefined) {
  console.error('Say where the fleet is: --database postgres://user@host/name, or DATABASE_URL.');
  process.exitCode = 2;
} else {
  await main(database);
}
