import { InputError } from '@plimsoll/model';
import { parseArgs, type ParseArgsConfig } from 'node:util';

type Options = NonNullable<ParseArgsConfig['options']>;

/**
 * Parses a command's arguments.
 * @throws InputError for an unknown option, a missing value, or another number of operands than named
 */
export function parseArguments<const O extends Options>(args: readonly string[], options: O, operands: readonly string[]) {
  let parsed;
  try {
    parsed = parseArgs({ args: [...args], options: { ...options, help: { type: 'boolean', short: 'h' } }, allowPositionals: true, strict: true });
  } catch (error) {
    // Node's message names the option; its advice on positional arguments does not help here.
    throw new InputError('option-invalid', (error as Error).message.split('. ', 1)[0]!, { cause: error });
  }
  const values = parsed.values as ReturnType<typeof parseArgs<{ options: O }>>['values'] & { help?: boolean };
  if (!values.help && parsed.positionals.length !== operands.length) {
    const given = parsed.positionals.length;
    throw new InputError(
      'operand-count',
      given < operands.length ? `${operands[given]} is missing` : `${JSON.stringify(parsed.positionals[operands.length])} is one argument too many`,
    );
  }
  return { values, operands: parsed.positionals };
}
