import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { offer, wants } from './catalogue.fixtures.ts';
import { rubygems } from './rubygems.ts';

const GEMS = 'usr/lib/ruby/gems/3.1.0/specifications';
const RACK = `${GEMS}/rack-2.2.3.gemspec`;
/** As RubyGems writes it on installation. */
const INSTALLED = `# -*- encoding: utf-8 -*-
# stub: rack 2.2.3 ruby lib

Gem::Specification.new do |s|
  s.name = "rack".freeze
  s.version = "2.2.3"

  s.required_rubygems_version = Gem::Requirement.new(">= 0".freeze) if s.respond_to? :required_rubygems_version=
  s.metadata = { "bug_tracker_uri" => "https://example.org/issues" } if s.respond_to? :metadata=
  s.require_paths = ["lib".freeze]
  s.authors = ["Leah Neukirchen".freeze]
  s.licenses = ["MIT".freeze, "Ruby".freeze]
  s.summary = "A modular Ruby webserver interface.".freeze
  s.installed_by_version = "3.3.15" if s.respond_to? :installed_by_version
end
`;

describe('Ruby gems', () => {
  it('are taken from the specifications folder and its default folder alone', () => {
    expect(wants(rubygems, RACK)).toBe(true);
    expect(wants(rubygems, `${GEMS}/default/json-2.6.1.gemspec`)).toBe(true);
    expect(wants(rubygems, 'usr/lib/ruby/gems/3.1.0/gems/rack-2.2.3/rack.gemspec')).toBe(false);
    expect(wants(rubygems, 'app/specifications/more/rack.gemspec')).toBe(false);
  });

  it('are read from the stub line', () => {
    expect(offer(rubygems, RACK, INSTALLED)).toEqual({
      packages: [{ name: 'rack', version: '2.2.3', type: 'gem', purl: 'pkg:gem/rack@2.2.3', licenses: ['MIT', 'Ruby'] }],
      warnings: [],
    });
  });

  it('are read from the assignments where there is no stub line', () => {
    const old = INSTALLED.replace(/^# stub.*\n/m, '');
    expect(offer(rubygems, RACK, old)!.packages[0]).toMatchObject({ name: 'rack', version: '2.2.3' });
    const other = `Gem::Specification.new do |spec|\n  spec.name          = 'thing'\n  spec.version = Gem::Version.new("1.0.0.pre2")\n  spec.license = 'BSD-2-Clause'\nend`;
    expect(offer(rubygems, RACK, other)!.packages).toEqual([
      { name: 'thing', version: '1.0.0.pre2', type: 'gem', purl: 'pkg:gem/thing@1.0.0.pre2', licenses: ['BSD-2-Clause'] },
    ]);
  });

  it('name their platform in the purl when it is not Ruby itself', () => {
    const native = INSTALLED.replace('2.2.3 ruby lib', '2.2.3 x86_64-linux lib');
    expect(offer(rubygems, RACK, native)!.packages[0]).toMatchObject({ version: '2.2.3', purl: 'pkg:gem/rack@2.2.3?platform=x86_64-linux' });
  });

  it('whose version is computed give a warning', () => {
    expect(offer(rubygems, RACK, 's.name = "x"\ns.version = File.read("VERSION")')!.warnings).toEqual([
      'gemspec-unreadable: no version of the gem can be read; the package is left out',
    ]);
    expect(offer(rubygems, RACK, 's.name = "a#{b}"\ns.version = "1"')!.warnings[0]).toMatch(/no name/);
  });

  it('with a name of a megabyte are refused', () => {
    expect(offer(rubygems, RACK, `# stub: ${'a'.repeat(900_000)} 1.0 ruby lib\n`)!.warnings[0]).toMatch(/^name-too-long/);
    expect(offer(rubygems, RACK, `s.name = "${'a'.repeat(900_000)}"\ns.version = "1"`)!.warnings[0]).toMatch(/^name-too-long/);
  });

  it('never make the cataloguer throw or linger, whatever bytes are changed or missing', () => {
    const bytes = Buffer.from(INSTALLED);
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { maxLength: 8 }), fc.nat(bytes.length), (changes, length) => {
        const copy = Buffer.from(bytes);
        for (const [at, to] of changes) copy[at] = to;
        offer(rubygems, RACK, copy.subarray(0, length));
      }),
    );
    for (const filler of [' ', 's.name = ', 's.', 's.licenses = ["', '\n', '\t', "'"]) {
      expect(offer(rubygems, RACK, filler.repeat(Math.floor((1 << 20) / filler.length)))!.packages).toEqual([]);
    }
  });
});
