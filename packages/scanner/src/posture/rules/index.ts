import baseNotPinned from './base-not-pinned.ts';
import dockerSocket from './docker-socket.ts';
import latestTag from './latest-tag.ts';
import namedUser from './named-user.ts';
import noHealthcheck from './no-healthcheck.ts';
import openPermissions from './open-permissions.ts';
import osEndOfSupport from './os-end-of-support.ts';
import packageCacheLeft from './package-cache-left.ts';
import pipedDownload from './piped-download.ts';
import remoteAdd from './remote-add.ts';
import runsAsRoot from './runs-as-root.ts';
import secretInEnv from './secret-in-env.ts';
import setuidFiles from './setuid-files.ts';
import sshServer from './ssh-server.ts';
import sudo from './sudo.ts';
import unverifiedDownload from './unverified-download.ts';
import worldWritable from './world-writable.ts';
import type { PostureRule } from '../rule.ts';

/** All rules. A rule is one file in this folder and one line here. */
export const POSTURE_RULES: readonly PostureRule[] = [
  secretInEnv,
  dockerSocket,
  osEndOfSupport,
  runsAsRoot,
  setuidFiles,
  worldWritable,
  unverifiedDownload,
  baseNotPinned,
  latestTag,
  namedUser,
  noHealthcheck,
  openPermissions,
  packageCacheLeft,
  pipedDownload,
  remoteAdd,
  sshServer,
  sudo,
];
