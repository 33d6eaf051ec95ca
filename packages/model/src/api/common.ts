import { z } from 'zod';

/** Shapes that many routes share. Times are ISO 8601 in UTC; an unknown value is null, never absent. */

export const ROLES = ['admin', 'manager', 'reader', 'ci', 'sensor'] as const;
export const role = z.enum(ROLES).meta({ id: 'Role', description: 'admin: all. manager: all but users and settings. reader: looks. ci: submits images for a verdict. sensor: a sensor’s own credential.' });
export type Role = z.infer<typeof role>;

export const time = z.iso.datetime({ offset: true });
export const count = z.int().min(0);
export const uuid = z.uuid();

/** Open findings by severity; `null` stands wherever nothing was looked at: "not scanned" is never zero. */
export const severityCounts = z
  .object({ 1: count, 2: count, 3: count, 4: count, 5: count, fixable: count, kev: count })
  .meta({ id: 'SeverityCounts' });
export type SeverityCounts = z.infer<typeof severityCounts>;

/** RFC 9457 problem details: what every refusal looks like. */
export const problem = z
  .object({
    type: z.string().describe('urn:plimsoll:problem:<code>'),
    title: z.string(),
    status: z.int(),
    detail: z.string().describe('What failed and what to do, for a person.'),
    code: z.string().describe('Stable, for scripts.'),
    /** Set for errors in a query: 0-based offsets of UTF-16 units. */
    position: z.object({ from: count, to: count, expected: z.array(z.string()) }).exactOptional(),
    fields: z.array(z.object({ path: z.string(), message: z.string() })).exactOptional(),
  })
  .meta({ id: 'Problem' });
export type Problem = z.infer<typeof problem>;

export const nothing = z.null().describe('No content.');
/** A stream that is not JSON: an export, server-sent events, metrics. The handler writes it itself. */
export const stream = z.unknown().describe('A stream; see the content type.');
export const ok = z.object({ ok: z.literal(true) });
