import type { KnownProgram } from './program.ts';

/** The Dart virtual machine: `3.0.5 (stable) (Mon Jun 12 …) on "linux_x64"`. */
export const dart: KnownProgram = {
  name: 'dart',
  basenames: ['dart', 'dartaotruntime', 'dartvm'],
  version: (file) =>
    file.find(' (stable) (', /(\d{1,2}\.\d{1,3}\.\d{1,3}) \(stable\) \([A-Z][a-z]{2} [A-Z][a-z]{2} /, { before: 12 }),
};
