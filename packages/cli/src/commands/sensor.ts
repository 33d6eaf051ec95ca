import { EXIT, InputError } from '@plimsoll/model';
import { join } from 'node:path';
import { parseArguments } from '../arguments.ts';
import { dataFolder } from '../places.ts';
import { untilStopped } from '../signals.ts';
import { SCANNER_GENERATION, VERSION } from '../version.ts';
import type { CommandContext } from './command.ts';

export const help = `Usage: plimsoll sensor --server URL [--token T] [OPTIONS]

Reports this host, its images and its containers to a server, and analyses images where they are: only the
list of what is in them travels. One sensor a host.

  --server URL        the server (PLIMSOLL_SERVER)
  --token T           one-time token to become a sensor, from Configuration, Sensors; the first time only.
                      Better in PLIMSOLL_TOKEN: other users of the machine see arguments
  --state-dir DIR     credential and spool (PLIMSOLL_STATE_DIR, else sensor/ below the data folder)
  --name NAME         name to show, instead of the host's own
  --tag TAG           tag for the host; may be given several times
  --engine ADDRESS    the engine's socket, when it is not where its client looks
  --host-root DIR     the host's root file system, where it is mounted into the sensor's container
  --exclude DIR       folder that holds nothing installed; may be given several times. Left out in any case:
                      temporary files, caches (/var/cache, and of package managers in homes), logs, data of
                      databases and engines, and file systems mounted below the root
  --no-host-packages  leave out the host's own packages
  --no-cloud          do not ask the cloud's metadata services who the host is
  --ca-file FILE      certificate authorities of the server, PEM

What it needs, and why:
  The engine's socket, to list containers and images, to hear of changes, and to read images. Whoever may use
  that socket may do anything with the engine: give it to nobody else. The sensor only reads.
  A folder it may write, for its credential, for what the server has not taken yet (at most 256 MiB) and for
  layers it has read (at most 1 GiB).
  The way to the server. Nothing connects to the sensor.
It needs no privileges beyond that: no root, no capabilities, no namespaces of the host. What can be given on top, and
taken back: the host's root file system, read-only, by --host-root, for the host's own name, packages and last user
when the sensor runs in a container.

Exit codes: 0 stopped, 2 usage or input error (a revoked credential too), 3 internal error.
`;

export async function run(args: readonly string[], context: CommandContext): Promise<number> {
  // The process that reads one image for the sensor: see `scanCommand`.
  if (args[0] === SCAN_PROCESS) {
    const { serveScan } = await import('@plimsoll/sensor');
    await serveScan();
    return EXIT.ok;
  }
  const { values } = parseArguments(
    args,
    {
      server: { type: 'string' },
      token: { type: 'string' },
      'state-dir': { type: 'string' },
      name: { type: 'string' },
      tag: { type: 'string', multiple: true },
      engine: { type: 'string' },
      'host-root': { type: 'string' },
      exclude: { type: 'string', multiple: true },
      'no-host-packages': { type: 'boolean' },
      'no-cloud': { type: 'boolean' },
      'ca-file': { type: 'string' },
    },
    [],
  );
  if (values.help) {
    context.stdout.write(help);
    return EXIT.ok;
  }
  const { env, stderr } = context;
  const server = values.server ?? (env['PLIMSOLL_SERVER'] || undefined);
  if (server === undefined) throw new InputError('option-missing', '--server URL, the address of the server, is missing');
  const { runSensor } = await import('@plimsoll/sensor');
  const stopping = new AbortController();
  void untilStopped().then(() => stopping.abort());
  // A server's own sensor: its standard input closes when the server is gone, killed or not.
  if (env['PLIMSOLL_SENSOR_ENDS_WITH_INPUT']) process.stdin.once('close', () => stopping.abort()).resume();
  await runSensor(
    {
      server,
      token: values.token ?? (env['PLIMSOLL_TOKEN'] || undefined),
      stateDir: values['state-dir'] ?? (env['PLIMSOLL_STATE_DIR'] || join(dataFolder(undefined, env), 'sensor')),
      name: values.name,
      tags: values.tag,
      engine: values.engine,
      hostRoot: values['host-root'],
      exclude: values.exclude,
      hostPackages: !values['no-host-packages'],
      cloud: !values['no-cloud'],
      caFile: values['ca-file'],
      scannerGeneration: SCANNER_GENERATION,
      scanCommand: [process.execPath, join(context.root, 'bin', 'plimsoll.mjs'), 'sensor', SCAN_PROCESS],
      version: VERSION,
      env,
      log: (level, message, fields = {}) => {
        if (level === 'debug' && !env['PLIMSOLL_DEBUG']) return;
        stderr.write(`${JSON.stringify({ time: new Date().toISOString(), level, message, ...fields })}\n`);
      },
    },
    stopping.signal,
  );
  return EXIT.ok;
}

const SCAN_PROCESS = '--scan-process';
