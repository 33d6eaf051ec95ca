export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Takes one line for whoever runs the sensor. Never gets a credential or token. */
export type Log = (level: LogLevel, message: string, fields?: Record<string, string | number | boolean>) => void;

/** How a sensor runs. Everything has a default but the server and where to keep its state. */
export interface SensorOptions {
  /** Address of the server: `https://plimsoll.example.org`. */
  server: string;
  /** Enrolment token. Needed the first time only; a token other than the one used before enrols anew. */
  token?: string | undefined;
  /** Folder for the credential and the spool; made with mode 0700. */
  stateDir: string;
  /** Of the host, instead of its host name. */
  name?: string | undefined;
  /** Tags of the host. */
  tags?: readonly string[] | undefined;
  /** Path of the engine's socket, or an address as DOCKER_HOST has it. Default: Docker as its client finds it, else containerd. */
  engine?: string | undefined;
  /** Where the host's root file system is mounted. Default: `/`, and nothing when the sensor runs in a container. */
  hostRoot?: string | undefined;
  /** Folders that the list of the host's own packages leaves out, beside those of `not-installed.ts`. */
  exclude?: readonly string[] | undefined;
  /** Report the host's own packages (default: true). */
  hostPackages?: boolean | undefined;
  /** Ask the metadata services of cloud providers who the host is (default: true). */
  cloud?: boolean | undefined;
  /** PEM file of certificate authorities to trust for the server, beside nothing else. */
  caFile?: string | undefined;
  /** Bytes that the spool may take on disk. Default: 256 MiB. */
  spoolLimit?: number | undefined;
  /** Folder for analysed layers, so that images that share layers are read once. Default: in the state folder. */
  cacheDir?: string | undefined;
  /** Names the build of the cataloguers: cached layers of another one are not used. */
  scannerGeneration?: string | undefined;
  /**
   * Program and arguments that run `serveScan` of this package in a process of its own. Then a scan can neither
   * slow the sensor down nor end it. Without it scans run within the sensor.
   */
  scanCommand?: readonly [string, ...string[]] | undefined;
  /** The sensor's release. */
  version: string;
  env?: NodeJS.ProcessEnv | undefined;
  log?: Log | undefined;
}
