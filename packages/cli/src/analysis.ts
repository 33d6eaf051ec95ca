import type { IdMap } from '@plimsoll/advisories';
import { InputError, type AdvisoryDatabase, type ScanReport } from '@plimsoll/model';
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { CommandContext } from './commands/command.ts';
import { startProgress } from './progress.ts';
import { SCANNER_GENERATION, VERSION } from './version.ts';

/** Options of every command that looks into an image. */
export const ANALYSIS_OPTIONS = {
  db: { type: 'string' },
  platform: { type: 'string' },
  'cache-dir': { type: 'string' },
  'no-cache': { type: 'boolean' },
  offline: { type: 'boolean' },
  insecure: { type: 'boolean' },
  base: { type: 'string' },
  ids: { type: 'string' },
  'allow-secrets': { type: 'string' },
} as const;

export const ANALYSIS_HELP = `  --db FILE            advisory database (default: the one of \`db update\`, else the bundled snapshot)
  --platform P         os/architecture[/variant] of a multi-platform image
  --base REF           the base image; otherwise it is found by layers or history
  --ids FILE           your own id map, CSV with the columns QID,CVE
  --allow-secrets FILE secrets that are meant to be there: JSON list of {rule, path, fingerprint}, any of them
  --cache-dir D        where analysed layers are kept (default: ~/.cache/plimsoll)
  --no-cache           neither read nor write that cache
  --offline            ask no other machine for anything
  --insecure           accept plain HTTP and unverified certificates from registries
`;

export interface AnalysisValues {
  db?: string | undefined;
  platform?: string | undefined;
  'cache-dir'?: string | undefined;
  'no-cache'?: boolean | undefined;
  offline?: boolean | undefined;
  insecure?: boolean | undefined;
  base?: string | undefined;
  ids?: string | undefined;
  'allow-secrets'?: string | undefined;
}

/** An id map or allow-list of more bytes than this is none. */
const MAX_SIDE_FILE = 256 << 20;

/** Scans and judges an image as the options say. The caller closes the database, if it needs it at all. */
export async function analyse(
  reference: string,
  values: AnalysisValues,
  context: CommandContext,
): Promise<{ report: ScanReport; database: AdvisoryDatabase; ids: IdMap | undefined }> {
  const [{ scanImage, MemoryLayerCache, openLayerCache, parseAllowList, parsePlatform, withoutAllowed }, { assess, locateDatabase, openDatabase, parseIdMap }] =
    await Promise.all([import('@plimsoll/scanner'), import('@plimsoll/advisories')]);
  const ids = values.ids === undefined ? undefined : parseIdMap(readSmallFile(values.ids, 'id map'));
  const allowFile = values['allow-secrets'];
  const allowed = allowFile === undefined ? [] : parseAllowList(readSmallFile(allowFile, 'list of allowed secrets'), allowFile);
  const located = locateDatabase({ flag: values.db, env: context.env, bundled: join(context.root, 'packages/advisories/data/snapshot.db') });
  if (!located) throw new InputError('database-missing', 'there is no advisory database; make one with plimsoll db update');
  const database = openDatabase(located.file);
  const progress = startProgress(context.stderr, 'Reading layers');
  try {
    const sbom = await scanImage(reference, {
      env: context.env,
      cache: values['no-cache'] ? new MemoryLayerCache() : openLayerCache(cacheFolder(values, context.env), SCANNER_GENERATION),
      platform: values.platform === undefined ? undefined : parsePlatform(values.platform),
      offline: values.offline,
      insecure: values.insecure,
      ...(values.base === undefined ? {} : { base: values.base }),
      onProgress: (done, total) => progress.update(done, total),
      onWalk: (entries) => progress.count(entries, 'Looking through files'),
    });
    progress.clear();
    return { report: assess({ ...sbom, secrets: withoutAllowed(sbom.secrets, allowed) }, database, { version: VERSION, ids }), database, ids };
  } finally {
    progress.clear();
  }
}

function readSmallFile(file: string, what: string): string {
  if (!existsSync(file)) throw new InputError('file-missing', `there is no file ${file}`);
  if (statSync(file).size > MAX_SIDE_FILE) throw new InputError('file-too-large', `${file} is larger than ${MAX_SIDE_FILE} bytes: it is no ${what}`);
  return readFileSync(file, 'utf8');
}

/**
 * The cache folder: `--cache-dir`, `PLIMSOLL_CACHE_DIR`, or the user's own by the XDG base directory specification.
 * @throws InputError when `--cache-dir` names none that can be made; the others are done without
 */
export function cacheFolder(values: { 'cache-dir'?: string | undefined }, env: NodeJS.ProcessEnv): string {
  const named = values['cache-dir'] ?? (env['PLIMSOLL_CACHE_DIR'] || undefined);
  if (named === '') throw new InputError('option-invalid', '--cache-dir names no folder');
  if (values['cache-dir'] !== undefined) makeFolder(values['cache-dir']);
  // The specification has relative paths ignored.
  const xdg = env['XDG_CACHE_HOME']?.startsWith('/') ? env['XDG_CACHE_HOME'] : join(homedir(), '.cache');
  return named ?? join(xdg, 'plimsoll');
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new InputError('cache-dir-unusable', `the folder ${folder} of --cache-dir cannot be made: ${(error as Error).message}`, { cause: error });
  }
}
