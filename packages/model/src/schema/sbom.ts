import { z } from 'zod';
import { image, installedPackage, os, postureIssue, secret, warning } from './scan-report.ts';

/** The most packages that an SBOM may have. */
export const MAX_SBOM_PACKAGES = 400_000;

const text = (limit: number) => z.string().max(limit);

/** The `Sbom` document, for whoever takes one from elsewhere. Bounds what goes into an index; the rest is bounded by the document's size. */
export const sbomSchema = z.object({
  image: image.extend({ layers: image.shape.layers.max(2000), history: image.shape.history.max(10_000) }),
  os: os.exactOptional(),
  packages: z
    .array(installedPackage.extend({ name: text(500).min(1), version: text(500), purl: text(2000).startsWith('pkg:') }))
    .max(MAX_SBOM_PACKAGES),
  secrets: z.array(secret).max(100_000),
  posture: z.array(postureIssue).max(100_000),
  warnings: z.array(warning).max(100_000),
});
