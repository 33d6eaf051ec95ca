import { describe, expect, it } from 'vitest';
import { formatAgo, formatBytes, formatCompact, formatMinutes, formatShare, plural, sentence, shortId } from './format.ts';

describe('texts for people', () => {
  it.each([[0, '0 B'], [1023, '1023 B'], [1024, '1.0 KiB'], [10 * 1024 * 1024, '10 MiB'], [1_500_000_000, '1.4 GiB'], [1024 ** 3 - 1, '1.0 GiB']])('%d bytes: %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });
  it.each([[10, 'just now'], [60, '1 min ago'], [59 * 60, '1 h ago'], [90 * 60, '2 h ago'], [86_400 * 3, '3 d ago'], [86_400 * 40, '1 mo ago'], [86_400 * 800, '2 y ago'], [-7200, 'in 2 h']])('%d seconds back: %s', (seconds, text) => {
    expect(formatAgo(1e12 - seconds * 1000, 1e12)).toBe(text);
  });
  it.each([[0, '0%'], [0.00005, '<0.01%'], [0.0042, '0.42%'], [0.034, '3.4%'], [0.97, '97%'], [1, '100%']])('a share of %d: %s', (share, text) => {
    expect(formatShare(share)).toBe(text);
  });
  it('counts things in their number', () => {
    expect([plural(1, 'host'), plural(0, 'host'), plural(1200, 'registry', 'registries')]).toEqual(['1 host', '0 hosts', '1,200 registries']);
    expect([formatCompact(999), formatCompact(1234), formatCompact(2_000_000)]).toEqual(['999', '1.2K', '2M']);
    expect([formatMinutes(59), formatMinutes(60), formatMinutes(312), formatMinutes(60 * 72)]).toEqual(['59 min', '1 h', '5 h 12 min', '3 d']);
  });
  it('shortens digests and names kinds', () => {
    expect(shortId('sha256:0123456789abcdef')).toBe('0123456789ab');
    expect(sentence('container-died')).toBe('Container died');
  });
});
