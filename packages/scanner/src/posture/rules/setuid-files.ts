import type { PostureRule } from '../rule.ts';

const SETUID = 0o4000;
const SETGID = 0o2000;

/**
 * Programs that distributions set setuid or setgid themselves, in every base image of theirs. They count
 * less, since they are known and maintained; still a container rarely needs them.
 */
const USUAL = new Set([
  'su', 'mount', 'umount', 'passwd', 'chsh', 'chfn', 'newgrp', 'gpasswd', 'chage', 'expiry', 'wall', 'write', 'ping', 'ping6',
  'unix_chkpwd', 'pam_timestamp_check', 'ssh-agent', 'ssh-keysign', 'dbus-daemon-launch-helper', 'bbsuid', 'crontab', 'fusermount',
  'fusermount3', 'newuidmap', 'newgidmap', 'userhelper', 'dotlockfile', 'utempter', 'polkit-agent-helper-1', 'pkexec', 'sudo',
]);

const rule: PostureRule = {
  id: 'setuid-file',
  title: 'Program that runs with its owner’s or group’s rights',
  severity: 3,
  advice: 'Remove the bit (chmod u-s,g-s FILE) or the program, or start containers with no-new-privileges.',
  find({ fileFacts }) {
    return fileFacts
      .filter(({ kind, mode }) => kind === 'file' && (mode & (SETUID | SETGID)) !== 0 && (mode & 0o111) !== 0)
      .map(({ path, mode, uid, layer }) => {
        const isUsual = USUAL.has(path.slice(path.lastIndexOf('/') + 1)) && (mode & 0o002) === 0;
        // Anybody may put another program in its place and so become its owner.
        const isReplaceable = (mode & SETUID) !== 0 && (mode & 0o002) !== 0;
        const owner = (mode & SETUID) !== 0 ? `setuid ${uid === 0 ? 'root' : uid}` : 'setgid';
        return { subject: `/${path} (${owner})`, layer, severity: isReplaceable ? 4 : isUsual ? 1 : (mode & SETUID) !== 0 ? 3 : 2 };
      });
  },
};
export default rule;
