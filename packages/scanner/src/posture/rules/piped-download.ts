import { commandsOf } from '../instructions.ts';
import type { PostureRule } from '../rule.ts';

/** Tool, then a pipe, then an interpreter: `curl -fsSL https://x | sudo -E bash -`. */
const DOWNLOAD = /\b(?:curl|wget)\b/;
const INTERPRETER = /\|\s*(?:sudo\s+(?:-\S+\s+)*)?(?:env\s+(?:[^\s=]+=\S*\s+)*)?(?:\/(?:usr\/)?bin\/)?(?:ba|da|z|a)?sh\b|\|\s*(?:sudo\s+)?(?:python3?|perl|ruby|node)\b/;

const rule: PostureRule = {
  id: 'piped-download',
  title: 'Downloads a script and runs it unseen',
  severity: 2,
  advice: 'Fetch to a file, verify its checksum or signature, then run it; or install from a signed repository.',
  find({ instructions }) {
    return instructions.flatMap((instruction) => {
      if (instruction.keyword !== 'RUN') return [];
      const command = commandsOf(instruction).find((candidate) => {
        const download = DOWNLOAD.exec(candidate);
        return download !== null && INTERPRETER.test(candidate.slice(download.index, download.index + 2_000));
      });
      return command === undefined ? [] : [{ subject: shorten(command), layer: instruction.layer }];
    });
  },
};
export default rule;

function shorten(command: string): string {
  const line = command.replace(/\s+/g, ' ').replace(/\/\/[^/@\s]*@/g, '//');
  return line.length > 120 ? `${line.slice(0, 119)}…` : line;
}
