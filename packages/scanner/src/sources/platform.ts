import { InputError, type Platform } from '@plimsoll/model';
import { forDisplay } from './http/reference.ts';
import { asObject, asString, listed } from './json.ts';

/** Node's names of architectures to Go's, which images use. */
const ARCHITECTURES: Partial<Record<string, string>> = { x64: 'amd64', ia32: '386', arm64: 'arm64', arm: 'arm' };

export function hostPlatform(): Platform {
  return { os: 'linux', architecture: ARCHITECTURES[process.arch] ?? process.arch };
}

/** Reads `os/architecture[/variant]`, or an architecture alone. */
export function parsePlatform(text: string): Platform {
  const parts = text.split('/');
  const [first, second, third] = parts;
  if (parts.length > 3 || parts.some((part) => !/^[\w.-]+$/.test(part))) {
    throw new InputError('platform-invalid', `${JSON.stringify(forDisplay(text))} is no platform: write os/architecture[/variant], for example linux/arm64`);
  }
  if (second === undefined) return { os: 'linux', architecture: first! };
  return { os: first!, architecture: second, ...(third === undefined ? {} : { variant: third }) };
}

export function formatPlatform(platform: Platform): string {
  return [platform.os, platform.architecture, platform.variant].filter(Boolean).join('/');
}

function platformOf(descriptor: Record<string, unknown>): Platform | undefined {
  const p = asObject(descriptor['platform']);
  const os = asString(p?.['os']);
  const architecture = asString(p?.['architecture']);
  if (!os || !architecture) return undefined;
  const variant = asString(p?.['variant']);
  return { os, architecture, ...(variant ? { variant } : {}) };
}

/**
 * Chooses from an index. Attestations (platform `unknown/unknown`) are no images. With one image
 * only and no platform asked for, that one is taken whatever its platform.
 */
export function choosePlatform(
  descriptors: readonly Record<string, unknown>[],
  wanted: Platform | undefined,
  where: string,
): Record<string, unknown> {
  const images = descriptors.filter((d) => platformOf(d)?.os !== 'unknown');
  if (images.length === 0) throw new InputError('index-empty', `the index of ${where} names no image`);
  // A nested index, or a layout of one image, has no platform beside its descriptor.
  if (images.length === 1 && (!wanted || !platformOf(images[0]!))) return images[0]!;
  const target = wanted ?? hostPlatform();
  const fits = images.filter((d) => {
    const p = platformOf(d);
    return p?.os === target.os && p.architecture === target.architecture && (!target.variant || !p.variant || p.variant === target.variant);
  });
  const exact = fits.find((d) => platformOf(d)?.variant === target.variant);
  const chosen = exact ?? fits[0];
  if (chosen) return chosen;
  const offered = images.map((d) => platformOf(d)).filter((p) => p !== undefined).map(formatPlatform);
  throw new InputError(
    'platform-missing',
    `${where} has no image for ${formatPlatform(target)}; choose with --platform: ${listed([...new Set(offered)]) || 'its index names no platforms'}`,
  );
}
