import { goPackage, semverOfGo } from '../go-module.ts';
import type { KnownProgram } from './program.ts';

/**
 * A Go distribution says its version in the file VERSION at its root. It brings two things that Go's
 * vulnerability database names: the standard library's source and the toolchain.
 * @see https://go.dev/doc/security/vuln/database
 */
export const golang: KnownProgram = {
  name: 'golang',
  kind: 'text',
  basenames: ['VERSION'],
  version: (file) => semverOfGo(/^go\S{1,64}/.exec(file.text.slice(0, 128))?.[0] ?? ''),
  packages: (version) => [goPackage('stdlib', version), goPackage('toolchain', version)],
};
