import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { engineSockets, findProgram } from './needs.ts';
import { mustRun, type RunOptions, type RunResult } from './run.ts';

/** A Docker Engine to test against. */
export interface DockerEngine {
  /** Path of its socket. */
  socket: string;
  /** The same for DOCKER_HOST: `unix:///…`. */
  host: string;
  /** Runs the docker client against this engine; fails when the client does. */
  docker(args: string[], options?: RunOptions): Promise<RunResult>;
  /** Stops the engine and removes its data when it was started here; otherwise does nothing. */
  stop(): Promise<void>;
}

export interface EngineOptions {
  /** Where a started engine keeps images; kept after `stop`. Default: a temporary folder, removed by `stop`. */
  dataDir?: string;
  /** Start a fresh engine even when one is running. */
  own?: boolean;
}

/** Uses the engine that runs on this machine, or starts one (as root) on a socket of its own. */
export async function startDockerEngine(options: EngineOptions = {}): Promise<DockerEngine> {
  if (!options.own) {
    for (const socket of engineSockets()) {
      if (existsSync(socket) && (await answers(socket))) return engineAt(socket, async () => undefined);
    }
  }
  return startDaemon(options.dataDir);
}

/** Runs `work` with an engine and stops the engine after, whatever happens. */
export async function withDockerEngine<T>(work: (engine: DockerEngine) => Promise<T>, options?: EngineOptions): Promise<T> {
  const engine = await startDockerEngine(options);
  try {
    return await work(engine);
  } finally {
    await engine.stop();
  }
}

async function startDaemon(dataDir?: string): Promise<DockerEngine> {
  const dockerd = findProgram('dockerd');
  if (!dockerd) throw new Error('No Docker Engine is running and there is no dockerd on PATH to start one.');
  // Kept short: a socket's path may have 107 bytes (unix(7)), and containerd's lies deeper still.
  const dir = mkdtempSync(join(tmpdir(), 'plimsoll-engine-'));
  const socket = join(dir, 'docker.sock');
  const log = join(dir, 'log');
  if (dataDir) mkdirSync(dataDir, { recursive: true });
  const logFd = openSync(log, 'w');
  const daemon = spawn(
    dockerd,
    [
      ...['--host', `unix://${socket}`],
      ...['--data-root', dataDir ?? join(dir, 'data')],
      ...['--exec-root', join(dir, 'exec')],
      ...['--pidfile', join(dir, 'pid')],
      // Neither a bridge nor firewall rules: containers use the host's network or none, and the
      // engine works where it may not change the machine's network.
      '--bridge=none',
      '--iptables=false',
      '--ip6tables=false',
    ],
    { stdio: ['ignore', logFd, logFd] },
  );
  closeSync(logFd);
  const release = endsWithUs(daemon);
  const stop = async () => {
    release();
    await end(daemon);
    await unmountBelow(dir);
    rmSync(dir, { recursive: true, force: true });
  };
  for (let tries = 0; tries < 300; tries++) {
    if (daemon.exitCode !== null || daemon.signalCode !== null) break;
    if (existsSync(socket) && (await answers(socket))) return engineAt(socket, stop);
    await sleep(200);
  }
  const said = readFileSync(log, 'utf8').trim().split('\n').slice(-5).join('\n');
  await stop();
  throw new Error(`dockerd did not start: ${said}`);
}

/** The daemon leaves network namespaces mounted when it ends; a mount point cannot be removed. */
async function unmountBelow(dir: string): Promise<void> {
  const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n').map((line) => line.split(' ')[1] ?? '');
  for (const mount of mounts.filter((path) => path.startsWith(`${dir}/`)).reverse()) await mustRun('umount', [mount]);
}

function engineAt(socket: string, stop: () => Promise<void>): DockerEngine {
  const host = `unix://${socket}`;
  return {
    socket,
    host,
    docker: (args, options = {}) => mustRun('docker', args, { ...options, env: { ...options.env, DOCKER_HOST: host } }),
    stop,
  };
}

/** Asks the engine's ping endpoint. */
function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const ask = request({ socketPath, path: '/_ping', timeout: 2000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    ask.on('timeout', () => ask.destroy());
    ask.on('error', () => {
      resolve(false);
    });
    ask.end();
  });
}

/** Has the child ended when this process is, by itself or by a signal. Gives the undoing. */
export function endsWithUs(child: ChildProcess): () => void {
  const atExit = () => child.kill('SIGTERM');
  const atSignal = (signal: NodeJS.Signals) => {
    child.kill('SIGTERM');
    undo();
    process.kill(process.pid, signal);
  };
  const undo = () => {
    process.off('exit', atExit);
    process.off('SIGINT', atSignal);
    process.off('SIGTERM', atSignal);
  };
  process.on('exit', atExit);
  process.on('SIGINT', atSignal);
  process.on('SIGTERM', atSignal);
  return undo;
}

/** Ends a child gently, so that it unmounts and removes what it holds; by force after 20 s. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => { resolve(); }));
  child.kill('SIGTERM');
  const force = setTimeout(() => child.kill('SIGKILL'), 20_000);
  await ended;
  clearTimeout(force);
}
