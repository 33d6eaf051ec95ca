import { spawn } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import { InputError } from '@plimsoll/model';
import { scanAndPack, scanJob, type ScanJob } from './scan.ts';

/** What a scan process answers, in JSON: the packed SBOM, or why there is none. */
type Answer = { sbom: string } | { code: string; reason: string };

/** Largest answer: the largest packed SBOM and the JSON around it. */
const MAX_ANSWER = 49 * 1024 * 1024;
const MAX_SAID = 8 * 1024;
/** A heap that is larger would rather take the memory of what runs on the host. */
const HEAP_MIB = 1536;

/**
 * The other end of `scanInProcess`: takes one job in JSON from the standard input and writes the answer to the
 * standard output. Nothing else may be written there.
 */
export async function serveScan(): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  let answer: Answer;
  try {
    const job = scanJob.parse(JSON.parse(Buffer.concat(chunks).toString('utf8')));
    answer = { sbom: await scanAndPack(job, new AbortController().signal) };
  } catch (error) {
    answer = failureOf(error);
  }
  await new Promise<void>((resolve, reject) => process.stdout.write(JSON.stringify(answer), (error) => (error ? reject(error) : resolve())));
}

export function failureOf(error: unknown): { code: string; reason: string } {
  const reason = (error instanceof Error ? error.message : String(error)).slice(0, 1000);
  return { code: error instanceof InputError ? error.code : 'internal', reason: reason || 'unknown' };
}

/**
 * Scans in a process of its own with a low priority, which is ended when the signal is aborted.
 * @returns the packed SBOM
 * @throws InputError why there is none; the signal's reason when it was aborted
 */
export async function scanInProcess(command: readonly [string, ...string[]], job: ScanJob, env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<string> {
  const [program, ...args] = command;
  const options = `${env['NODE_OPTIONS'] ?? ''} --max-old-space-size=${HEAP_MIB}`.trim();
  // What reads hostile images need not know the way to become a sensor.
  const { PLIMSOLL_TOKEN: _token, ...harmless } = env;
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], env: { ...harmless, NODE_OPTIONS: options, PLIMSOLL_NO_BUILD: '1' } });
  const kill = () => child.kill('SIGKILL');
  signal.addEventListener('abort', kill, { once: true });
  process.once('exit', kill);
  try {
    if (child.pid !== undefined) lowerPriority(child.pid);
    const chunks: Buffer[] = [];
    let size = 0;
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= MAX_ANSWER) chunks.push(chunk);
      else kill();
    });
    child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString('utf8')).slice(-MAX_SAID)));
    // A process that dies at once takes no input; its end tells more.
    child.stdin.on('error', () => undefined);
    child.stdin.end(JSON.stringify(job));
    const ended = await new Promise<string>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, killedBy) => resolve(killedBy ?? `code ${code}`));
    });
    signal.throwIfAborted();
    const answer = answerOf(Buffer.concat(chunks));
    if (!answer) throw new InputError('scan-crashed', `the scan ended with ${ended} and without a result${lastLine(said)}`);
    if ('sbom' in answer) return answer.sbom;
    throw new InputError(answer.code, answer.reason);
  } finally {
    signal.removeEventListener('abort', kill);
    process.off('exit', kill);
  }
}

function answerOf(bytes: Buffer): Answer | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    if (value === null || typeof value !== 'object') return undefined;
    if ('sbom' in value && typeof value.sbom === 'string') return { sbom: value.sbom };
    if ('code' in value && typeof value.code === 'string' && 'reason' in value && typeof value.reason === 'string') return { code: value.code, reason: value.reason };
  } catch {
    // No answer.
  }
  return undefined;
}

/** The line of what a dying process said that names the error. */
function lastLine(said: string): string {
  const line = said.split('\n').map((text) => text.trim()).filter((text) => /error/i.test(text)).at(-1);
  return line === undefined ? '' : `: ${line.slice(0, 300)}`;
}

/** What runs on the host goes first. */
function lowerPriority(pid: number): void {
  try {
    // The lowest would get next to nothing on a busy machine, and findings would be late by hours.
    setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // It has ended, or the system does not allow it: the scan goes on as it is.
  }
}
