import { formatPurl } from '@plimsoll/model';
import type { KnownProgram, ProgramFile } from './program.ts';

/**
 * A Java runtime image has a file `release` of KEY="value" lines at its root. Where it was left out, the
 * virtual machine's library names its version itself.
 * @see https://openjdk.org/jeps/220
 */
export const java: KnownProgram = {
  name: 'java',
  kind: 'text',
  basenames: ['release'],
  version: (file) => javaVersion(value(file, 'JAVA_VERSION') ?? ''),
  packages: (version, file) => {
    const vendor = value(file, 'IMPLEMENTOR');
    return [{
      name: 'java',
      version,
      type: 'generic',
      purl: formatPurl({ type: 'generic', name: 'java', version }),
      ...(vendor === undefined ? {} : { vendor }),
    }];
  },
};

/** HotSpot's virtual machine: `OpenJDK 64-Bit Server VM (…) for linux-amd64 JRE (17.0.2+8), built on …`. */
export const javaVirtualMachine: KnownProgram = {
  name: 'java',
  basenames: ['libjvm.so'],
  version: (file) => javaVersion(file.find(' JRE (', /^ JRE \(([\d._]{1,32})/) ?? ''),
};

function value(file: ProgramFile, key: string): string | undefined {
  const line = new RegExp(`^${key}="([^"\r\n]{1,256})"`, 'm');
  return line.exec(file.text.slice(0, 64 * 1024))?.[1];
}

/**
 * Java 8 and older count `1.8.0_411` where newer ones count `17.0.2`; Bitnami's advisories have
 * `8.0.411` for the former.
 */
function javaVersion(text: string): string | undefined {
  const old = /^1\.(\d)\.(\d)(?:_(\d{1,4}))?$/.exec(text);
  if (old) return `${old[1]}.${old[2]}.${Number(old[3] ?? 0)}`;
  return /^\d{1,3}(?:\.\d{1,4}){0,5}$/.test(text) ? text : undefined;
}
