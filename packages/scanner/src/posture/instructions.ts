import type { Image } from '@plimsoll/model';

/** A step of the build history as the Dockerfile had it. */
export interface Instruction {
  /** `RUN`, `ADD`, `ENV`… upper case; empty where the step is not a Dockerfile's. */
  keyword: string;
  /** The rest: for `RUN` the command without shell and build arguments. */
  text: string;
  /** Index of the layer it made. */
  layer?: number;
}

/** Characters of all commands together. Real images have a few ten thousand; what is beyond is not looked at. */
const LONGEST_HISTORY = 256 * 1024;
const MOST_STEPS = 2_000;

const KEYWORD = /^(ADD|ARG|CMD|COPY|ENTRYPOINT|ENV|EXPOSE|FROM|HEALTHCHECK|LABEL|MAINTAINER|ONBUILD|RUN|SHELL|STOPSIGNAL|USER|VOLUME|WORKDIR)\b ?/;

/**
 * The steps of the build. The old builder writes `/bin/sh -c #(nop) ENV A=b` and `/bin/sh -c make`,
 * BuildKit writes `ENV A=b` and `RUN /bin/sh -c make # buildkit`; both put `|1 ARG=value ` before the shell.
 */
export function readInstructions(image: Pick<Image, 'history' | 'layers'>): Instruction[] {
  const layerOfStep = new Map(image.layers.map((layer) => [layer.historyStep, layer.index]));
  let room = LONGEST_HISTORY;
  return image.history.slice(0, MOST_STEPS).map((step, index) => {
    const layer = layerOfStep.get(index);
    const command = (step.createdBy ?? '').slice(0, room);
    room -= command.length;
    return { ...parseInstruction(command), ...(layer === undefined ? {} : { layer }) };
  });
}

function parseInstruction(createdBy: string): Instruction {
  let text = createdBy.trim().replace(/ # buildkit$/, '');
  const noOperation = /^\/bin\/sh -c #\(nop\) {1,8}/.exec(text);
  if (noOperation !== null) text = text.slice(noOperation[0].length);
  const keyword = KEYWORD.exec(text);
  if (keyword !== null && keyword[1] !== 'RUN') return { keyword: keyword[1]!, text: text.slice(keyword[0].length) };
  const isRun = keyword !== null || /^(?:\|\d{1,3} |\/bin\/[a-z]+ -)/.test(text);
  if (!isRun || noOperation !== null) return { keyword: '', text };
  return { keyword: 'RUN', text: withoutShell(text.slice(keyword?.[0].length ?? 0)) };
}

function withoutShell(command: string): string {
  const shell = /^(?:\|\d{1,3} [^\r\n]{0,8000}?)?(?:\/usr)?(?:\/bin\/)[a-z]{2,5} (?:-[A-Za-z]{1,10} |-o pipefail ){1,4}/.exec(command);
  return shell === null ? command : command.slice(shell[0].length);
}

/** The commands of a `RUN`, split at `&&`, `||`, `;` and line ends; pipes are kept together. */
export function commandsOf(instruction: Instruction): string[] {
  return instruction.text
    .replace(/\\\r?\n/g, ' ')
    .split(/&&|\|\||[;\n]/)
    .map((command) => command.trim())
    .filter((command) => command !== '');
}
