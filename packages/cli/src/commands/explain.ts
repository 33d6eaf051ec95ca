import { EXIT } from '@plimsoll/model';
import { parseArguments } from '../arguments.ts';
import { analyse, ANALYSIS_HELP, ANALYSIS_OPTIONS } from '../analysis.ts';
import { openOutput } from '../output.ts';
import type { CommandContext } from './command.ts';

export const help = `Usage: plimsoll explain REF ID [OPTIONS]

Says why a vulnerability is reported (package, version, range, source), where it came in (layer, step,
path) and the smallest upgrade that removes it. ID is a CVE, any advisory's id (DSA-…, GHSA-…, GO-…)
or, with --ids, a QID.

${ANALYSIS_HELP}
Exit codes: 0 reported or not, 2 usage or input error, 3 internal error.
`;

export async function run(args: readonly string[], context: CommandContext): Promise<number> {
  const { values, operands } = parseArguments(args, ANALYSIS_OPTIONS, ['the image reference', 'the vulnerability id']);
  if (values.help) {
    context.stdout.write(help);
    return EXIT.ok;
  }
  const [reference, id] = operands as [string, string];
  const [{ report, database, ids }, { writeExplanation }] = await Promise.all([analyse(reference, values, context), import('@plimsoll/report')]);
  // An own id stands for its CVEs, also where none of them is found.
  const names = [id, ...(ids?.cvesFor(id.replace(/^qid[-:\s]?/i, '')) ?? [])];
  const output = openOutput(undefined, context);
  writeExplanation(report, id, (chunk) => output.write(chunk), { color: output.color, columns: output.columns }, { advisories: names.flatMap((name) => database.byId(name)) });
  output.close();
  database.close();
  return EXIT.ok;
}
