import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import type { Package } from '../package.ts';
import type { Sbom } from '../sbom.ts';
import { sbomSchema } from './index.ts';

// Checked by `npm run types`: they fail to compile when the schema and the types drift apart.
const schemaGivesSbom = (value: z.infer<typeof sbomSchema>): Sbom => value;
const sbomFitsSchema = (value: Sbom): z.infer<typeof sbomSchema> => value;

const bash: Package = { name: 'bash', version: '5.2', type: 'deb', purl: 'pkg:deb/debian/bash@5.2', cataloger: 'dpkg', paths: ['var/lib/dpkg/status'], layer: 0 };
const sbom: Sbom = {
  image: { reference: 'debian:12', kind: 'docker', tags: [], repoDigests: [], layers: [{ index: 0 }], history: [] },
  packages: [bash],
  secrets: [],
  posture: [],
  warnings: [],
};

describe('SBOM schema', () => {
  it('takes an SBOM as it is', () => {
    expect(sbomSchema.parse(schemaGivesSbom(sbomFitsSchema(sbom)))).toEqual(sbom);
  });

  it.each([
    ['without a list of packages', { ...sbom, packages: undefined }],
    ['whose package has no name', { ...sbom, packages: [{ ...bash, name: '' }] }],
    ['whose purl is none', { ...sbom, packages: [{ ...bash, purl: 'bash' }] }],
    ['whose purl is too long for an index', { ...sbom, packages: [{ ...bash, purl: `pkg:deb/${'a'.repeat(2000)}` }] }],
    ['of another type', { ...sbom, packages: [{ ...bash, type: 'msi' }] }],
  ])('refuses one %s', (_what, wrong) => {
    expect(sbomSchema.safeParse(wrong).success).toBe(false);
  });
});
