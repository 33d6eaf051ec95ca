/** What a command gets beside its arguments. */
export interface CommandContext {
  /** Folder of the installation, for files that ship with it. */
  root: string;
  env: NodeJS.ProcessEnv;
  stdout: Output;
  stderr: Output;
}

export interface Output {
  write(text: string): unknown;
  isTTY?: boolean;
  columns?: number;
}

export interface CommandModule {
  /** Shown by `plimsoll help NAME` and `plimsoll NAME --help`. */
  help: string;
  /** @returns the exit code @throws InputError for what the person can mend */
  run(args: readonly string[], context: CommandContext): Promise<number>;
}

/** One command is one file in this folder, listed in `index.ts`, loaded when it is asked for. */
export interface Command {
  name: string;
  /** One line for the overview. */
  summary: string;
  load(): Promise<CommandModule>;
}
