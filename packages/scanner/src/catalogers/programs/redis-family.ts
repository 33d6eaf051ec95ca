import type { ProgramFile } from './program.ts';

/**
 * The version of Redis and of the servers made from it. They carry it twice: alone, among other version
 * texts (each command knows since when it is there); and at the head of the build id, run together with
 * build host, build time, and state of the source tree:
 * `6.2.5` `8f1c18bfd7fc` `-` `1728390128` `00000000` `0`. Only the version that heads a build id is the
 * program's own. Where both `7.0.1` and `7.0.15` could, a text `7.0.15` is there only if it is that version.
 *
 * @param marks texts of which the server has at least one, and its relatives have none: `Redis server v=`
 */
export function serverVersion(file: ProgramFile, ...marks: string[]): string | undefined {
  if (!marks.some((mark) => file.has(mark))) return undefined;
  const alone = new Set<string>();
  // Every such text ends at NUL and holds a dot; looking for single digits keeps the marker literal.
  for (let major = 1; major <= 9; major++) {
    for (const v of file.matches(`\0${major}.`, /^\0(\d\.\d{1,3}\.\d{1,3})\0/, { after: 12 })) alone.add(v);
  }
  const candidates = [...alone].sort((a, b) => b.length - a.length).slice(0, 64);
  return candidates.find((v) => {
    const buildId = new RegExp(`^${v.replaceAll('.', '\\.')}(?:[\\w.-]{0,100}-)?[12]\\d{9}[0-9a-f]{9,40}\\0`);
    return file.find(v, buildId, { after: 160 }) !== undefined;
  });
}
