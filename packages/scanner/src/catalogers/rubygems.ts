import type { Cataloger } from './cataloger.ts';
import { toPackage } from './names.ts';

/**
 * Installed gems: `specifications/*.gemspec`, and `specifications/default/` for those that come with Ruby.
 * RubyGems writes these files itself, so their few shapes are read as text; Ruby code is never run.
 */
export const rubygems: Cataloger = {
  name: 'rubygems',
  selects: { extensions: ['.gemspec'] },
  accepts: (path) => /(?:^|\/)specifications\/(?:default\/)?[^/]+$/.test(path),
  maxSize: 1 << 20,
  catalogue(file, context) {
    const text = file.content.all().toString('utf8');
    const stub = readStub(text);
    const name = stub?.name ?? assigned(text, 'name');
    const version = stub?.version ?? assigned(text, 'version');
    if (name === undefined || version === undefined) {
      context.warn('gemspec-unreadable', `no ${name === undefined ? 'name' : 'version'} of the gem can be read; the package is left out`);
      return undefined;
    }
    const platform = stub?.platform ?? assigned(text, 'platform');
    const found = toPackage(
      {
        type: 'gem',
        name,
        version,
        // The purl type "gem" knows this qualifier; "ruby" is its default.
        qualifiers: platform !== undefined && platform !== 'ruby' && platform.length <= 64 ? { platform } : undefined,
        licenses: licensesOf(text),
      },
      context,
    );
    return found && { packages: [found] };
  },
};

interface Stub {
  name: string;
  version: string;
  platform: string | undefined;
}

/** `# stub: name version platform require_paths`: RubyGems puts it in the first lines, to list gems without running code. */
function readStub(text: string): Stub | undefined {
  const marker = '# stub: ';
  const at = text.startsWith(marker) ? 0 : text.slice(0, 4096).indexOf(`\n${marker}`) + 1;
  if (!text.startsWith(marker, at)) return undefined;
  const end = text.indexOf('\n', at);
  const [name, version, platform] = text.slice(at + marker.length, end < 0 ? text.length : end).trim().split(' ');
  return name && version && /^\d/.test(version) ? { name, version, platform } : undefined;
}

/** `s.name = "rake".freeze`, `s.version = Gem::Version.new("1.2")`. */
function assigned(text: string, attribute: 'name' | 'version' | 'platform'): string | undefined {
  return new RegExp(`^[ \\t]*\\w{1,40}\\.${attribute}[ \\t]*=[ \\t]*(?:Gem::\\w{1,40}\\.new[ \\t]*\\(?[ \\t]*)?(["'])([^"'\\n#]*)\\1`, 'm').exec(text)?.[2];
}

/** `s.licenses = ["MIT".freeze, "Ruby".freeze]`, `s.license = "MIT"`. */
function licensesOf(text: string): string[] | undefined {
  const list = /^[ \t]*\w{1,40}\.licenses?[ \t]*=[ \t]*([^\n]{1,2000})/m.exec(text)?.[1];
  if (list === undefined) return undefined;
  return [...list.matchAll(/(["'])([^"'#]*)\1/g)].map((quoted) => quoted[2] ?? '');
}
