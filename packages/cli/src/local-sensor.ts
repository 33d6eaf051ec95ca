import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { RunningServer } from '@plimsoll/server';
import type { Output } from './commands/command.ts';

export interface LocalSensorOptions {
  server: RunningServer;
  dataDir: string;
  /** Folder of the installation. */
  root: string;
  env: NodeJS.ProcessEnv;
  stderr: Output;
}

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 60_000;
/** The sensor writes what it has to disk within this; it is killed after. */
const STOP_MS = 5000;

/**
 * Runs a sensor for this machine beside the server, as a process of its own so that neither can hurt the other.
 * It is started again when it fails, later each time.
 */
export async function startLocalSensor({ server, dataDir, root, env, stderr }: LocalSensorOptions): Promise<{ stop(): Promise<void> }> {
  const stateDir = join(dataDir, 'sensor');
  let child: ChildProcess | undefined;
  let stopping = false;
  let wait = FIRST_WAIT_MS;
  let timer: NodeJS.Timeout | undefined;

  const start = async () => {
    // A token only where there is no credential yet: each is good for one sensor.
    const enrolled = existsSync(stateDir) && readdirSync(stateDir).some((name) => name.startsWith('credential'));
    const token = enrolled ? undefined : await server.enrolmentToken('this machine, started with the server');
    const began = Date.now();
    child = spawn(process.execPath, [join(root, 'bin', 'plimsoll.mjs'), 'sensor', '--exclude', dataDir], {
      // It ends when its standard input does: with this process, however that ends.
      stdio: ['pipe', 'ignore', 'pipe'],
      env: { ...env, PLIMSOLL_NO_BUILD: '1', PLIMSOLL_SERVER: server.localUrl, PLIMSOLL_STATE_DIR: stateDir, PLIMSOLL_SENSOR_ENDS_WITH_INPUT: '1', ...(token === undefined ? {} : { PLIMSOLL_TOKEN: token }) },
    });
    let said = '';
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-4000);
      if (env['PLIMSOLL_DEBUG']) stderr.write(text);
    });
    child.once('exit', (code) => {
      child = undefined;
      if (stopping) return;
      const last = said.trimEnd().split('\n').at(-1) ?? '';
      stderr.write(`plimsoll: the sensor of this machine ended (exit code ${code ?? 'none'}) and is started again: ${last}\n`);
      wait = Date.now() - began > LONGEST_WAIT_MS ? FIRST_WAIT_MS : Math.min(wait * 2, LONGEST_WAIT_MS);
      timer = setTimeout(() => void start().catch((error: unknown) => stderr.write(`plimsoll: the sensor of this machine cannot be started: ${String(error)}\n`)), wait);
    });
  };
  await start();

  return {
    async stop() {
      stopping = true;
      clearTimeout(timer);
      const running = child;
      if (!running) return;
      const ended = new Promise((resolve) => running.once('exit', resolve));
      running.kill('SIGTERM');
      const killer = setTimeout(() => running.kill('SIGKILL'), STOP_MS);
      await ended;
      clearTimeout(killer);
    },
  };
}
