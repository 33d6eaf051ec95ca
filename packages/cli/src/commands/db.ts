import { EXIT, InputError, type DatabaseInfo } from '@plimsoll/model';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArguments } from '../arguments.ts';
import { startProgress } from '../progress.ts';
import type { CommandContext } from './command.ts';

export const help = `Usage: plimsoll db update [--from MIRROR] [--ecosystems A,B,…] [--db-dir D]
       plimsoll db build --from DIR --out FILE
       plimsoll db status [--db FILE] [--verify]

update fetches the advisory feeds that changed (OSV, KEV, EPSS, CVE records) and makes the database anew;
       what was there stays until the new one is whole. --from takes a mirror: a folder or an address
       with osv/<Ecosystem>/all.zip, kev/, epss/ and cve5/ below it; the publishers' own unless given.
build  makes a database file from a folder of feeds.
status says which database is used, how old it is and what is in it; --verify reads it through.

Exit codes: 0 done, 2 usage or input error, 3 internal error.
`;

export async function run(args: readonly string[], context: CommandContext): Promise<number> {
  const [action, ...rest] = args;
  switch (action) {
    case 'update':
      return update(rest, context);
    case 'build':
      return build(rest, context);
    case 'status':
      return status(rest, context);
    case '--help':
    case '-h':
      context.stdout.write(help);
      return EXIT.ok;
    default:
      throw new InputError('operand-missing', `${action === undefined ? 'what to do with the database is missing' : `${JSON.stringify(action)} is nothing that db does`}: update, build or status`);
  }
}

async function update(args: readonly string[], context: CommandContext): Promise<number> {
  const { values } = parseArguments(args, { from: { type: 'string' }, ecosystems: { type: 'string' }, 'db-dir': { type: 'string' } }, []);
  if (values.help) return showHelp(context);
  const { updateDatabase, databaseFolder } = await import('@plimsoll/advisories');
  const progress = startProgress(context.stderr, 'Updating');
  try {
    const { info, file, changed } = await updateDatabase({
      dir: values['db-dir'] ?? databaseFolder(context.env),
      ...(values.from === undefined ? {} : { from: values.from }),
      ...(values.ecosystems === undefined ? {} : { ecosystems: values.ecosystems.split(',').map((name) => name.trim()).filter(Boolean) }),
      onProgress(step) {
        if (step.phase === 'download') progress.update(step.bytes?.received ?? 0, step.bytes?.total ?? 0, `Fetching ${step.feed} (${step.done + 1} of ${step.total})`);
        else progress.count(step.records, `Reading ${step.step}`);
      },
    });
    progress.clear();
    context.stdout.write(changed ? `${file} is up to date: ${summary(info)}\n` : `${file} was up to date already: ${summary(info)}\n`);
    return EXIT.ok;
  } finally {
    progress.clear();
  }
}

async function build(args: readonly string[], context: CommandContext): Promise<number> {
  const { values } = parseArguments(args, { from: { type: 'string' }, out: { type: 'string' }, built: { type: 'string' } }, []);
  if (values.help) return showHelp(context);
  if (values.from === undefined) throw new InputError('option-missing', '--from DIR, the folder of feeds, is missing');
  if (values.out === undefined) throw new InputError('option-missing', '--out FILE, the database to make, is missing');
  const { buildDatabase } = await import('@plimsoll/advisories');
  const progress = startProgress(context.stderr, 'Building');
  try {
    const info = await buildDatabase({
      from: values.from,
      out: values.out,
      ...(values.built === undefined ? {} : { built: values.built }),
      onProgress: (step) => progress.count(step.records, `Reading ${step.step} (${step.done + 1} of ${step.total})`),
    });
    progress.clear();
    context.stdout.write(`${values.out}: ${summary(info)}\n`);
    return EXIT.ok;
  } finally {
    progress.clear();
  }
}

async function status(args: readonly string[], context: CommandContext): Promise<number> {
  const { values } = parseArguments(args, { db: { type: 'string' }, verify: { type: 'boolean' } }, []);
  if (values.help) return showHelp(context);
  const { locateDatabase, openDatabase, verifyDatabase } = await import('@plimsoll/advisories');
  const located = locateDatabase({ flag: values.db, env: context.env, bundled: join(context.root, 'packages/advisories/data/snapshot.db') });
  if (!located) throw new InputError('database-missing', 'there is no advisory database; make one with plimsoll db update');
  if (values.verify) verifyDatabase(located.file);
  const database = openDatabase(located.file);
  const { info } = database;
  database.close();
  const by = { flag: 'named by --db', environment: 'named by PLIMSOLL_DB', cache: 'made by db update', bundled: 'the bundled snapshot' }[located.by];
  const { stdout } = context;
  stdout.write(`${located.file} (${by})\n`);
  stdout.write(`  size        ${(statSync(located.file).size / 1e6).toFixed(1)} MB${values.verify ? ', whole and undamaged' : ''}\n`);
  stdout.write(`  built       ${info.built}\n  advisories  ${info.advisories}\n  CVE records ${info.cves}\n\n`);
  const width = Math.max(...info.feeds.map((feed) => feed.name.length));
  for (const feed of info.feeds) {
    const sum = feed.sha256 ? `  sha256 ${feed.sha256.slice(0, 12)}…` : '';
    stdout.write(`  ${feed.name.padEnd(width)}  ${String(feed.records).padStart(8)} records, newest ${feed.asOf?.slice(0, 10) ?? 'unknown'}${sum}\n`);
  }
  stdout.write(`\n  covers ${info.ecosystems.join(', ')}\n`);
  return EXIT.ok;
}

function showHelp(context: CommandContext): number {
  context.stdout.write(help);
  return EXIT.ok;
}

function summary(info: DatabaseInfo): string {
  return `${info.advisories} advisories for ${info.ecosystems.length} ecosystems and releases, ${info.cves} CVE records`;
}
