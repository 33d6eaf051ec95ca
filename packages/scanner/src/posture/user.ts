import type { ImageConfig } from '@plimsoll/model';

/** The account of `User`, which may be `user`, `user:group`, `uid` or `uid:gid`; empty for none, which means root. */
export function userOf(config: ImageConfig): string {
  return (config.user ?? '').split(':', 1)[0]!.trim();
}
