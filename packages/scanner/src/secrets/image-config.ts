import type { HistoryStep } from '@plimsoll/model';
import { fingerprint, looksMadeUp, mask } from './plausibility.ts';
import { scanForSecrets, type FileSecret } from './scan.ts';

/** A secret in the image's config. `line` counts the entry within its list from 1. */
export interface ConfigSecret extends FileSecret {
  /** Where in the config: `config/Env/DB_PASSWORD`, `config/Labels/x`, `config/History/3`. */
  path: string;
  /** The variable's, label's or build argument's name. */
  name?: string;
  /** Index into `image.history`, for build arguments and commands. */
  historyStep?: number;
}

/** Names whose value is a secret. `GPG_KEY` and the like of official images name public keys, so `_KEY` alone is not enough. */
const SECRET_NAME =
  /(?:^|[_.-])(?:password|passwd|pass|pwd|passphrase|secret|token|credentials?|api_?key|(?:secret|private|access|auth|encryption|signing|master|account|license)_?key(?:_?base)?)$/i;

/** Values that switch or point to something. */
const NO_SECRET = /^(?:|true|false|yes|no|on|off|none|null|undefined|\d{1,5}|required|optional|disabled|enabled)$/i;
const LOCATION = /^(?:\.{0,2}\/|~\/|[a-z][a-z0-9+.-]*:\/\/[^:@/]+(?:\/|$)|arn:|projects\/)/i;

/** Names and commands are anybody's text; the config itself is at most a few megabytes. */
const LONGEST_TEXT = 64 * 1024;
const MOST_ENTRIES = 2_000;

/**
 * Finds secrets in the environment, the labels and the build history of an image: names that mean a
 * secret with a literal value, and values that a file rule knows.
 */
export function scanConfigForSecrets(
  env: readonly string[],
  labels: Readonly<Record<string, string>>,
  history: readonly Pick<HistoryStep, 'createdBy'>[],
): ConfigSecret[] {
  const found: ConfigSecret[] = [];
  env.slice(0, MOST_ENTRIES).forEach((entry, index) => {
    found.push(...secretsOfAssignment(entry, 'config/Env', index, 'in ENV'));
  });
  Object.entries(labels).slice(0, MOST_ENTRIES).forEach(([name, value], index) => {
    found.push(...secretsOfAssignment(`${name}=${value}`, 'config/Labels', index, 'in a label'));
  });
  history.slice(0, MOST_ENTRIES).forEach((step, index) => {
    for (const secret of secretsOfCommand(step.createdBy ?? '', index)) {
      // ENV instructions stand in the history too; one report of a value is enough.
      if (!found.some((other) => other.fingerprint === secret.fingerprint)) found.push(secret);
    }
  });
  return found;
}

function secretsOfAssignment(entry: string, where: string, index: number, place: string): ConfigSecret[] {
  const equals = entry.indexOf('=');
  if (equals < 1) return [];
  const name = entry.slice(0, equals);
  const value = entry.slice(equals + 1, equals + 1 + LONGEST_TEXT);
  const path = `${where}/${name.slice(0, 200)}`;
  const byRule = scanText(entry);
  if (byRule.length > 0) {
    return byRule.map((secret) => ({ ...secret, title: `${secret.title} ${place}`, path, name, line: index + 1 }));
  }
  if (!isLiteralSecret(name, value)) return [];
  return [
    {
      rule: 'config-secret',
      title: `Secret ${place}`,
      severity: 3,
      path,
      name,
      line: index + 1,
      masked: mask(value),
      fingerprint: fingerprint(value),
    },
  ];
}

function isLiteralSecret(name: string, value: string): boolean {
  const bare = value.replace(/^(["'])(.*)\1$/s, '$2');
  return SECRET_NAME.test(name) && !NO_SECRET.test(bare) && !LOCATION.test(bare) && !looksMadeUp(bare);
}

/**
 * Build arguments stand before a step's command as `|2 TOKEN=… USER=… /bin/sh -c …` (BuildKit writes
 * `RUN |2 …`): anybody with the image can read them.
 */
function secretsOfCommand(createdBy: string, historyStep: number): ConfigSecret[] {
  const command = createdBy.slice(0, LONGEST_TEXT);
  const path = `config/History/${historyStep}`;
  const line = historyStep + 1;
  const found: ConfigSecret[] = [];
  for (const assignment of buildArguments(command)) {
    for (const secret of secretsOfAssignment(assignment, 'config/History', historyStep, 'in a build argument')) {
      found.push({ ...secret, path, historyStep });
    }
  }
  for (const secret of scanText(command)) {
    if (found.some((other) => other.fingerprint === secret.fingerprint)) continue;
    found.push({ ...secret, title: `${secret.title} in a build step`, path, line, historyStep });
  }
  return found;
}

function buildArguments(command: string): string[] {
  const head = /^(?:RUN )?\|(\d{1,3}) /.exec(command);
  if (head === null) return [];
  const rest = command.slice(head[0].length);
  const shell = rest.search(/ (?:\/bin\/[a-z]+|\/usr\/bin\/[a-z]+|[a-z]+|powershell|cmd) (?:-[a-z]*c|\/S|-Command) /);
  const assignments = shell < 0 ? rest : rest.slice(0, shell);
  // Values may hold spaces, so an assignment lasts until the next name.
  return assignments.split(/ (?=[A-Za-z_][A-Za-z0-9_]{0,100}=)/).slice(0, Number(head[1]));
}

/** Runs the file rules over a text as if it were a shell script, where `NAME=value` assigns. */
function scanText(text: string): FileSecret[] {
  return scanForSecrets('config.sh', Buffer.from(text.slice(0, LONGEST_TEXT), 'latin1'));
}
