import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram } from '../e2e/support/needs.ts';

/** What one run of a whole process cost. */
export interface Cost {
  /** Seconds from start to end. */
  wall: number;
  /** Seconds of processor time, user and system, of the process and the children it waited for. */
  cpu: number;
  /** Peak resident memory in MB (10⁶ bytes) of the process or of its largest child. */
  memory: number;
}

export interface Command {
  program: string;
  args: string[];
  env?: Record<string, string>;
  cwd?: string;
}

/** Runs a command once under GNU time, its output thrown away; an exit code other than 0 is an error. */
export async function measure(command: Command): Promise<Cost> {
  const time = findProgram('time');
  if (!time) throw new Error('The bench needs GNU time: install the package time.');
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-time-'));
  const report = join(folder, 'report');
  try {
    const started = process.hrtime.bigint();
    const { code, said } = await start(time, ['-f', '%U %S %M', '-o', report, command.program, ...command.args], command);
    const wall = Number(process.hrtime.bigint() - started) / 1e9;
    if (code !== 0) throw new Error(`${showCommand(command)} ended with ${String(code)}: ${said.slice(-1500)}`);
    const last = readFileSync(report, 'utf8').trim().split('\n').at(-1) ?? '';
    const [user = NaN, system = NaN, kibibytes = NaN] = last.split(' ').map(Number);
    return { wall, cpu: user + system, memory: (kibibytes * 1024) / 1e6 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function start(program: string, args: string[], command: Command): Promise<{ code: number; said: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: command.cwd, env: { ...process.env, ...command.env }, stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-4000);
    });
    child.on('error', reject);
    child.on('close', (code) => {
      resolve({ code: code ?? 128, said });
    });
  });
}

export function showCommand(command: Command): string {
  const env = Object.entries(command.env ?? {}).map(([key, value]) => `${key}=${value} `);
  return `${env.join('')}${command.program} ${command.args.join(' ')}`;
}

/** Middle value; the mean of the two middle ones for an even count. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new Error('no values to take a median of');
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

export interface Summary {
  wall: number;
  cpu: number;
  memory: number;
  /** Fastest and slowest wall time, to tell how noisy the machine was. */
  wallRange: [number, number];
  runs: number;
}

export function summarise(costs: readonly Cost[]): Summary {
  const walls = costs.map((cost) => cost.wall);
  return {
    wall: median(walls),
    cpu: median(costs.map((cost) => cost.cpu)),
    memory: median(costs.map((cost) => cost.memory)),
    wallRange: [Math.min(...walls), Math.max(...walls)],
    runs: costs.length,
  };
}
