import { isModuleVersion } from './go-module.ts';

/**
 * Finds the version that a Go program's builders handed to the linker, as in
 * `go build -ldflags "-X main.version=v1.2.3"`. The flag sets a string variable of a package; which one
 * holds the program's version is a habit, not a rule, so only plain cases are taken.
 * @see https://pkg.go.dev/cmd/link
 */

/** The variable, best first, without regard to case. */
const VARIABLES = ['version', 'appversion', 'buildversion', 'gitversion', 'semver', 'release', 'tag'];

/**
 * Libraries that hold the version of whichever program uses them. Any other package outside of the main
 * module may be told its own version, not the program's.
 */
const VERSION_HOLDERS = ['github.com/prometheus/common/version', 'github.com/carlmjohnson/versioninfo'];

const MAX_FLAGS = 64 * 1024;

/**
 * @param flags the value of the build setting `-ldflags`
 * @param modulePath path of the main module
 * @returns a version with leading `v`; undefined when the flags give none, or several that differ
 */
export function versionFromLinkerFlags(flags: string, modulePath: string): string | undefined {
  let best = VARIABLES.length;
  let versions = new Set<string>();
  for (const [name, value] of definitions(flags.slice(0, MAX_FLAGS))) {
    const dot = name.lastIndexOf('.');
    const packagePath = name.slice(0, dot);
    const rank = VARIABLES.indexOf(name.slice(dot + 1).toLowerCase());
    if (rank < 0 || rank > best || !belongsTo(packagePath, modulePath)) continue;
    // `1.2` is common for x.y.0; anything else that is no semantic version (dates, commits) is not comparable.
    const version = `v${value.replace(/^v/, '').replace(/^(\d+\.\d+)$/, '$1.0')}`;
    if (!isModuleVersion(version)) continue;
    if (rank < best) versions = new Set();
    best = rank;
    versions.add(version);
  }
  const [only] = versions;
  return versions.size === 1 ? only : undefined;
}

function belongsTo(packagePath: string, modulePath: string): boolean {
  if (packagePath === 'main' || packagePath === modulePath || packagePath.startsWith(`${modulePath}/`)) return true;
  if (VERSION_HOLDERS.includes(packagePath)) return true;
  // Kubernetes' libraries are developed and released within its own repository.
  return modulePath === 'k8s.io/kubernetes' && packagePath.startsWith('k8s.io/component-base/');
}

/** The `-X name=value` pairs of the linker's flags. */
function* definitions(flags: string): Generator<[name: string, value: string]> {
  const words = splitWords(flags);
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!.replace(/^--/, '-');
    const definition = word === '-X' ? words[++i] : word.startsWith('-X=') ? word.slice(3) : undefined;
    const equals = definition?.indexOf('=') ?? -1;
    if (definition && equals > 0) yield [definition.slice(0, equals), definition.slice(equals + 1)];
  }
}

/** Splits at white space; single and double quotes keep words together, as the go command splits flags. */
function splitWords(text: string): string[] {
  const words: string[] = [];
  const pattern = /(?:[^\s'"]+|'[^']*'?|"[^"]*"?)+/g;
  for (const [word] of text.matchAll(pattern)) words.push(word.replace(/['"]/g, ''));
  return words;
}
