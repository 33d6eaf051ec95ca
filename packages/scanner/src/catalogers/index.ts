import { apk } from './apk.ts';
import type { Cataloger } from './cataloger.ts';
import { composer } from './composer.ts';
import { dpkg } from './dpkg.ts';
import { goBinary } from './go-binary.ts';
import { java } from './java.ts';
import { knownPrograms } from './known-programs.ts';
import { npm } from './npm.ts';
import { nuget } from './nuget.ts';
import { python } from './python.ts';
import { rpm } from './rpm.ts';
import { rubygems } from './rubygems.ts';
import { rustAuditable } from './rust-auditable.ts';

/** Every cataloguer. */
export const CATALOGERS: readonly Cataloger[] = [
  dpkg,
  apk,
  rpm,
  npm,
  python,
  rubygems,
  java,
  composer,
  nuget,
  goBinary,
  rustAuditable,
  knownPrograms,
];
