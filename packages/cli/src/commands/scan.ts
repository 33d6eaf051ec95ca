import type { planUpgrades } from '@plimsoll/advisories';
import { EXIT, InputError, type ScanReport } from '@plimsoll/model';
import { parseArguments } from '../arguments.ts';
import { analyse, ANALYSIS_HELP, ANALYSIS_OPTIONS } from '../analysis.ts';
import { oneLine } from '../one-line.ts';
import { openOutput } from '../output.ts';
import { exceeds, parseThreshold, THRESHOLD_HELP } from '../threshold.ts';
import type { CommandContext } from './command.ts';

const OPTIONS = {
  ...ANALYSIS_OPTIONS,
  format: { type: 'string', default: 'table' },
  output: { type: 'string', short: 'o' },
  'fail-on': { type: 'string' },
  'hide-base': { type: 'boolean' },
  all: { type: 'boolean' },
} as const;

export const help = `Usage: plimsoll scan REF [OPTIONS]

Says what is in an image, what is wrong with it, and which few upgrades help most.

REF is a path (docker-archive, OCI layout or archive, root file system as folder or tar, SBOM) or an
image reference. A prefix forces the kind: docker-archive: oci: oci-archive: docker: registry: rootfs:
dir: sbom:

  --format table|json|cyclonedx|spdx   how to write the result (default: table)
  -o, --output FILE    write to a file instead of the standard output
  --fail-on THRESHOLD  exit with 1 when a finding reaches it: ${THRESHOLD_HELP}
  --hide-base          leave out what the base image contributes
  --all                show every row of the table
${ANALYSIS_HELP}
Exit codes: 0 done, 1 the threshold was reached, 2 usage or input error, 3 internal error.
`;

export async function run(args: readonly string[], context: CommandContext): Promise<number> {
  const { values, operands } = parseArguments(args, OPTIONS, ['the image reference']);
  if (values.help) {
    context.stdout.write(help);
    return EXIT.ok;
  }
  const threshold = values['fail-on'] === undefined ? undefined : parseThreshold(values['fail-on']);
  const { formatNamed, FORMATS } = await import('@plimsoll/report');
  const entry = formatNamed(values.format);
  if (!entry) throw new InputError('format-unknown', `there is no format ${JSON.stringify(values.format)}; there are: ${FORMATS.map((f) => f.name).join(', ')}`);

  // Before the scan: an output that cannot be written is known at once.
  const output = openOutput(values.output, context);
  let report: ScanReport;
  try {
    const { report: whole } = await analyse(operands[0]!, values, context);
    // A guess from the history is good enough to tell of, not to pass a build on.
    if (values['hide-base'] && (!whole.image.base || whole.image.base.foundBy === 'history')) {
      throw new InputError('base-unknown', `the base image ${whole.image.base ? 'can only be guessed from the build history' : 'is not known'}, so it cannot be hidden; name it with --base REF`);
    }
    report = values['hide-base'] ? withoutBase(whole, (await import('@plimsoll/advisories')).planUpgrades) : whole;
    const format = await entry.load();
    format.write(report, (chunk) => output.write(chunk), {
      color: output.color,
      columns: output.columns,
      all: values.all ?? false,
    });
    output.close();
  } catch (error) {
    output.abort();
    throw error;
  }
  if (values.output !== undefined || entry.name !== 'table') reportIncomplete(report, context);
  const failed = threshold && report.findings.filter((finding) => exceeds(finding, threshold));
  if (!failed || failed.length === 0) return EXIT.ok;
  context.stderr.write(`plimsoll: ${failed.length} ${failed.length === 1 ? 'finding reaches' : 'findings reach'} the threshold --fail-on ${values['fail-on'] ?? ''}\n`);
  return EXIT.failed;
}

/** What the image's own layers brought. */
function withoutBase(report: ScanReport, plan: typeof planUpgrades): ScanReport {
  const own = <T extends { layer?: number }>(items: readonly T[]) =>
    items.filter((item) => item.layer === undefined || report.image.layers[item.layer]?.fromBase !== true);
  const findings = report.findings.filter((finding) => finding.layer.fromBase !== true);
  const packages = own(report.packages);
  return {
    ...report,
    packages,
    findings,
    hiddenBaseFindings: report.findings.length - findings.length,
    secrets: own(report.secrets),
    posture: own(report.posture),
    upgrades: plan(findings, packages),
  };
}

function reportIncomplete(report: ScanReport, { stderr }: CommandContext): void {
  if (report.complete) return;
  const lost = report.warnings.filter((warning) => warning.incomplete);
  for (const warning of lost.slice(0, 10)) {
    const layer = warning.layer === undefined ? '' : `layer ${warning.layer + 1}: `;
    stderr.write(`plimsoll: incomplete: ${layer}${warning.path === undefined ? '' : `${oneLine(warning.path, 500)}: `}${oneLine(warning.message, 500)}\n`);
  }
  if (lost.length > 10) stderr.write(`plimsoll: incomplete: and ${lost.length - 10} more warnings, all in --format json\n`);
}

