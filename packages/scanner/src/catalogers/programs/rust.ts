import type { KnownProgram } from './program.ts';

/** A Rust toolchain: its compiler and standard library note the compiler that made them, which is of their own release. */
export const rust: KnownProgram = {
  name: 'rust',
  basenames: ['rustc', /^librustc_driver-[0-9a-f]{8,32}\.so$/, /^libstd-[0-9a-f]{8,32}\.so$/],
  version: (file) => /rustc version (1\.\d{1,3}\.\d{1,3}(?:-nightly|-beta(?:\.\d{1,2})?)?)/.exec(file.sectionText('.comment'))?.[1],
};
