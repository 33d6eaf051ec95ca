/**
 * CVSS base scores from vectors of all four versions.
 *
 * Own code rather than a library: the libraries that know v4 cost 25–100 ms to load, which every
 * scan would pay, and score a vector with missing metrics as 0, which reads as harmless.
 *
 * Only base metrics count. Threat and temporal metrics age (KEV and EPSS say it fresher), and
 * environmental ones are about someone else's environment. They are checked for form only.
 */

export interface BaseScore {
  /** `2.0`, `3.0`, `3.1`, `4.0` */
  version: '2.0' | '3.0' | '3.1' | '4.0';
  /** 0–10, one decimal. */
  score: number;
}

type Metrics = Map<string, string>;

/** A real vector is under 300 characters, all optional metrics included. */
const MAX_VECTOR = 512;

/** The base score of a vector; undefined when it is not a complete, well-formed one. Never throws. */
export function scoreOf(vector: string): BaseScore | undefined {
  if (vector.length > MAX_VECTOR) return undefined;
  const text = vector.trim();
  const prefix = /^CVSS:(\d\.\d)\//.exec(text);
  if (!prefix) return score2(text.replace(/^\((.*)\)$/, '$1'));
  const metrics = parseMetrics(text.slice(prefix[0].length));
  if (!metrics) return undefined;
  switch (prefix[1]) {
    case '3.0':
    case '3.1':
      return withVersion(prefix[1], base3(metrics));
    case '4.0':
      return withVersion('4.0', base4(metrics));
    case '2.0':
      return withVersion('2.0', base2(metrics));
    default:
      return undefined;
  }
}

function score2(text: string): BaseScore | undefined {
  const metrics = parseMetrics(text);
  return metrics && withVersion('2.0', base2(metrics));
}

function withVersion(version: BaseScore['version'], score: number | undefined): BaseScore | undefined {
  return score === undefined ? undefined : { version, score };
}

/** Every specification forbids naming a metric twice. */
function parseMetrics(text: string): Metrics | undefined {
  const metrics: Metrics = new Map();
  for (const part of text.replace(/\/$/, '').split('/')) {
    const colon = part.indexOf(':');
    if (colon <= 0 || colon === part.length - 1) return undefined;
    const name = part.slice(0, colon);
    if (metrics.has(name)) return undefined;
    metrics.set(name, part.slice(colon + 1));
  }
  return metrics;
}

type Weights = Record<string, Readonly<Record<string, number>>>;

/** Looks each metric's value up; undefined when one is missing or unknown. */
function weigh<K extends string>(metrics: Metrics, table: Readonly<Record<K, Readonly<Record<string, number>>>>) {
  const out = {} as Record<K, number>;
  for (const name of Object.keys(table) as K[]) {
    const value = metrics.get(name);
    if (value === undefined || !Object.hasOwn(table[name], value)) return undefined;
    out[name] = table[name][value]!;
  }
  return out;
}

// ---- Version 2: https://www.first.org/cvss/v2/guide section 3.2.1 ----

const IMPACT_2 = { N: 0, P: 0.275, C: 0.66 };
const WEIGHTS_2 = {
  AV: { L: 0.395, A: 0.646, N: 1 },
  AC: { H: 0.35, M: 0.61, L: 0.71 },
  Au: { M: 0.45, S: 0.56, N: 0.704 },
  C: IMPACT_2,
  I: IMPACT_2,
  A: IMPACT_2,
} satisfies Weights;

function base2(metrics: Metrics): number | undefined {
  const w = weigh(metrics, WEIGHTS_2);
  if (!w) return undefined;
  const impact = 10.41 * (1 - (1 - w.C) * (1 - w.I) * (1 - w.A));
  const exploitability = 20 * w.AV * w.AC * w.Au;
  return impact === 0 ? 0 : round((0.6 * impact + 0.4 * exploitability - 1.5) * 1.176);
}

// ---- Versions 3.0 and 3.1: https://www.first.org/cvss/v3.1/specification-document section 7 ----

const IMPACT_3 = { N: 0, L: 0.22, H: 0.56 };
const WEIGHTS_3 = {
  AV: { N: 0.85, A: 0.62, L: 0.55, P: 0.2 },
  AC: { L: 0.77, H: 0.44 },
  PR: { N: 0.85, L: 0.62, H: 0.27 },
  UI: { N: 0.85, R: 0.62 },
  S: { U: 0, C: 1 },
  C: IMPACT_3,
  I: IMPACT_3,
  A: IMPACT_3,
} satisfies Weights;

function base3(metrics: Metrics): number | undefined {
  const w = weigh(metrics, WEIGHTS_3);
  if (!w) return undefined;
  const iss = 1 - (1 - w.C) * (1 - w.I) * (1 - w.A);
  const impact = w.S ? 7.52 * (iss - 0.029) - 3.25 * (iss - 0.02) ** 15 : 6.42 * iss;
  if (impact <= 0) return 0;
  // A changed scope makes required privileges weigh more: 0.68 and 0.5 instead of 0.62 and 0.27.
  const pr = w.S && w.PR !== 0.85 ? (w.PR === 0.62 ? 0.68 : 0.5) : w.PR;
  const exploitability = 8.22 * w.AV * w.AC * pr * w.UI;
  return roundUp(Math.min((w.S ? 1.08 : 1) * (impact + exploitability), 10));
}

/**
 * Roundup of CVSS 3.1, appendix A, free of floating-point noise. Used for 3.0 too, whose own
 * wording ("smallest number with one decimal that is not below") means the same.
 */
function roundUp(value: number): number {
  const scaled = Math.round(value * 100_000);
  return scaled % 10_000 === 0 ? scaled / 100_000 : (Math.floor(scaled / 10_000) + 1) / 10;
}

function round(value: number): number {
  return Math.round((value + 1e-9) * 10) / 10;
}

// ---- Version 4: https://www.first.org/cvss/v4.0/specification-document section 8 ----

/** Severity level of each value; 0 is the worst. Level differences are distances in steps of 0.1. */
const LEVELS_4 = {
  AV: { N: 0, A: 1, L: 2, P: 3 },
  AC: { L: 0, H: 1 },
  AT: { N: 0, P: 1 },
  PR: { N: 0, L: 1, H: 2 },
  UI: { N: 0, P: 1, A: 2 },
  VC: { H: 0, L: 1, N: 2 },
  VI: { H: 0, L: 1, N: 2 },
  VA: { H: 0, L: 1, N: 2 },
  SC: { H: 1, L: 2, N: 3 },
  SI: { H: 1, L: 2, N: 3 },
  SA: { H: 1, L: 2, N: 3 },
} satisfies Weights;

/**
 * Scores of the macrovectors that base metrics can reach, exploit maturity and the security
 * requirements being at their defaults (EQ5 = 0). Key: EQ3, EQ6, EQ4. Six scores: EQ1 0–2, and
 * within each EQ2 0–1. From the look-up table that FIRST publishes with the specification.
 */
const MACROVECTORS_4: Readonly<Record<string, readonly number[]>> = {
  '001': [10, 9.5, 9.4, 9, 8.6, 7.3],
  '002': [9.3, 9.2, 8.7, 7.7, 7, 5.4],
  '011': [9.6, 9.1, 8.9, 7.7, 7.4, 5.5],
  '012': [9, 8.1, 7.5, 6.6, 5.4, 4.3],
  '101': [9.3, 9.2, 8.6, 7.4, 7.2, 6.1],
  '102': [8.8, 8.4, 7.2, 6.1, 5.3, 4.6],
  '111': [9.2, 8.2, 7.6, 5.9, 5.7, 5.1],
  '112': [8, 7, 5.7, 5.2, 3.6, 1.8],
  '211': [7.9, 7.1, 6.5, 5.8, 4.7, 2.4],
  '212': [6.9, 6.3, 5.3, 2.3, 2.4, 1],
};

/** Depth of each equivalence class, in steps (table 28 ff. of the specification). */
const DEPTH_EQ1 = [1, 4, 5];
const DEPTH_EQ2 = [1, 2];
const DEPTH_EQ3_6: Readonly<Record<string, number>> = { '00': 7, '10': 8, '21': 10 };
/** EQ4 is 1 or 2: class 0 needs the environmental value Safety. */
const DEPTH_EQ4: Readonly<Record<number, number>> = { 1: 5, 2: 4 };

type Levels4 = Record<keyof typeof LEVELS_4, number>;

function macrovector(eq1: number, eq2: number, eq36: string, eq4: number): number | undefined {
  return eq1 > 2 || eq2 > 1 ? undefined : MACROVECTORS_4[`${eq36}${eq4}`]?.[eq1 * 2 + eq2];
}

function base4(metrics: Metrics): number | undefined {
  const m: Levels4 | undefined = weigh(metrics, LEVELS_4);
  if (!m) return undefined;
  const impacts = [m.VC, m.VI, m.VA].map((l) => l === 2).concat([m.SC, m.SI, m.SA].map((l) => l === 3));
  if (impacts.every(Boolean)) return 0;

  const vulnerableHigh = m.VC === 0 || m.VI === 0 || m.VA === 0;
  const eq1 = m.AV === 3 ? 2 : m.AV + m.PR + m.UI === 0 ? 0 : m.AV === 0 || m.PR === 0 || m.UI === 0 ? 1 : 2;
  const eq2 = m.AC + m.AT === 0 ? 0 : 1;
  const eq3 = m.VC === 0 && m.VI === 0 ? 0 : vulnerableHigh ? 1 : 2;
  // Requirements default to High, so EQ6 is 0 as soon as one impact on the vulnerable system is High.
  const eq36 = `${eq3}${vulnerableHigh ? 0 : 1}`;
  const eq4 = m.SC === 1 || m.SI === 1 || m.SA === 1 ? 1 : 2;
  const own = macrovector(eq1, eq2, eq36, eq4)!;

  const distance = distances(m, eq1, eq2, eq3, eq4);
  // The next lower class of 3+6 from (0,0) is the better of (0,1) and (1,0); below (2,1) is none.
  const lower36 =
    eq36 === '00'
      ? Math.max(macrovector(eq1, eq2, '01', eq4)!, macrovector(eq1, eq2, '10', eq4)!)
      : macrovector(eq1, eq2, eq36 === '10' ? '11' : '31', eq4);
  const steps: [lower: number | undefined, distance: number, depth: number][] = [
    [macrovector(eq1 + 1, eq2, eq36, eq4), distance.eq1, DEPTH_EQ1[eq1]!],
    [macrovector(eq1, eq2 + 1, eq36, eq4), distance.eq2, DEPTH_EQ2[eq2]!],
    [lower36, distance.eq36, DEPTH_EQ3_6[eq36]!],
    [macrovector(eq1, eq2, eq36, eq4 + 1), distance.eq4, DEPTH_EQ4[eq4]!],
  ];
  let sum = 0;
  // EQ5 always has a lower class and is always at its top: it adds nothing but counts in the mean.
  let classes = 1;
  for (const [lower, d, depth] of steps) {
    if (lower === undefined) continue;
    classes++;
    sum += (own - lower) * (d / depth);
  }
  return Math.min(10, Math.max(0, round(own - sum / classes)));
}

/** Distance in each class from the highest-severity vector of the macrovector that dominates this one. */
function distances(m: Levels4, eq1: number, eq2: number, eq3: number, eq4: number) {
  const tops1 = [[[0, 0, 0]], [[1, 0, 0], [0, 1, 0], [0, 0, 1]], [[3, 0, 0], [1, 1, 1]]][eq1]!;
  const tops2 = [[[0, 0]], [[1, 0], [0, 1]]][eq2]!;
  const tops36 = [[[0, 0, 0]], [[1, 0, 0], [0, 1, 0]], [[1, 1, 1]]][eq3]!;
  return {
    eq1: below([m.AV, m.PR, m.UI], tops1),
    eq2: below([m.AC, m.AT], tops2),
    eq36: below([m.VC, m.VI, m.VA], tops36),
    eq4: below([m.SC, m.SI, m.SA], [[eq4, eq4, eq4]]),
  };
}

/** Steps below the first of the tops that is at least as severe in every metric. */
function below(levels: number[], tops: number[][]): number {
  for (const top of tops) {
    if (levels.every((level, i) => level >= top[i]!)) return levels.reduce((sum, level, i) => sum + level - top[i]!, 0);
  }
  return 0;
}
