import type { KnownProgram } from './program.ts';

/** A release of Erlang/OTP says its version in `releases/25/OTP_VERSION`; the programs know only the major one. */
export const erlang: KnownProgram = {
  name: 'erlang',
  kind: 'text',
  basenames: ['OTP_VERSION'],
  accepts: (path) => /(?:^|\/)releases\/\d{1,3}\/OTP_VERSION$/.test(path),
  version: (file) => /^\s*(\d{1,3}(?:\.\d{1,3}){1,4})\s*$/.exec(file.text.slice(0, 256))?.[1],
};
