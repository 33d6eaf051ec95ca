import type { PostureRule } from '../rule.ts';

/** Meant for everybody, and made anew or covered by a mount when a container starts. */
const SHARED = /^(?:tmp|var\/tmp|dev|proc|sys|run|var\/run|run\/lock|var\/lock|run\/shm|usr\/tmp)(?:\/|$)/;
const RUNS = /^(?:(?:usr\/(?:local\/)?)?s?bin|(?:usr\/)?lib(?:64|exec)?|etc|root|opt)(?:\/|$)/;

const rule: PostureRule = {
  id: 'world-writable',
  title: 'Anybody may write here',
  severity: 2,
  advice: 'Take the right away (chmod o-w), or set the sticky bit on a folder that is meant for all (chmod +t).',
  find({ fileFacts }) {
    return fileFacts
      .filter(({ kind, mode, path }) => (mode & 0o002) !== 0 && (kind === 'file' || (mode & 0o1000) === 0) && !SHARED.test(path))
      .map(({ kind, path, layer }) => ({
        subject: `/${path}${kind === 'dir' ? '/' : ''}`,
        layer,
        // Programs and settings that any account may change are a way to the next one.
        severity: RUNS.test(path) ? 3 : 2,
      }));
  },
};
export default rule;
