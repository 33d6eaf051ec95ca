import { commandsOf } from '../instructions.ts';
import type { PostureRule } from '../rule.ts';

interface Manager {
  name: string;
  installs: RegExp;
  /** In the same step, since a later one cannot take bytes out of this layer. */
  cleans: RegExp;
}

const MANAGERS: readonly Manager[] = [
  { name: 'apt-get', installs: /^(?:sudo )?(?:[A-Z_]+=\S* )*apt(?:-get)?\b.*\binstall\b/s, cleans: /\brm\b[^;&|]{0,200}\/var\/lib\/apt\/lists|--mount=type=(?:cache|tmpfs)/ },
  { name: 'apk', installs: /^(?:sudo )?apk\b(?!.*--no-cache).*\badd\b/s, cleans: /\brm\b[^;&|]{0,200}\/var\/cache\/apk|--no-cache|--mount=type=(?:cache|tmpfs)/ },
  { name: 'dnf', installs: /^(?:sudo )?(?:dnf|yum|microdnf)\b.*\binstall\b/s, cleans: /\b(?:dnf|yum|microdnf)\b[^;&|]{0,100}\bclean all\b|\brm\b[^;&|]{0,200}\/var\/cache\/(?:dnf|yum)|--mount=type=(?:cache|tmpfs)/ },
  { name: 'pip', installs: /^(?:sudo )?(?:python[0-9.]* -m )?pip[0-9.]*\b(?!.*--no-cache-dir).*\binstall\b/s, cleans: /--no-cache-dir|PIP_NO_CACHE_DIR|\brm\b[^;&|]{0,200}\.cache\b|--mount=type=(?:cache|tmpfs)/ },
];

const rule: PostureRule = {
  id: 'package-cache-left',
  title: 'Package lists or caches left in the layer',
  severity: 1,
  advice: 'Clean up in the same RUN (rm -rf /var/lib/apt/lists/*, --no-cache, --no-cache-dir) or use RUN --mount=type=cache.',
  find({ image, instructions }) {
    const pipHasNoCache = (image.config?.env ?? []).some((entry) => /^PIP_NO_CACHE_DIR=(?!0$|off$|false$)./.test(entry));
    return instructions.flatMap((instruction) => {
      if (instruction.keyword !== 'RUN') return [];
      const commands = commandsOf(instruction);
      return MANAGERS.filter(({ name, installs, cleans }) => {
        if (name === 'pip' && pipHasNoCache) return false;
        return commands.some((command) => installs.test(command)) && !commands.some((command) => cleans.test(command));
      }).map(({ name }) => ({ subject: name, layer: instruction.layer }));
    });
  },
};
export default rule;
