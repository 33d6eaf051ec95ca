import { commandsOf } from '../instructions.ts';
import type { PostureRule } from '../rule.ts';

const rule: PostureRule = {
  id: 'chmod-777',
  title: 'Gives everybody all rights',
  severity: 2,
  advice: 'Give the files to the account that needs them (COPY --chown, chown) instead of chmod 777.',
  find({ instructions }) {
    return instructions.flatMap((instruction) => {
      if (instruction.keyword !== 'RUN') return [];
      return commandsOf(instruction)
        .filter((command) => /^(?:sudo )?chmod (?:-\S{1,20} ){0,3}(?:0?777|a\+rwx|a=rwx|o\+w)\b/.test(command))
        .slice(0, 5)
        .map((command) => ({ subject: command.slice(0, 120), layer: instruction.layer }));
    });
  },
};
export default rule;
