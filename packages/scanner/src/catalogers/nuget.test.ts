import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { offer, wants } from './catalogue.fixtures.ts';
import { nuget } from './nuget.ts';

const PATH = 'app/shop.deps.json';
/** What `dotnet publish` writes, cut down. */
const DEPS = {
  runtimeTarget: { name: '.NETCoreApp,Version=v8.0/linux-x64', signature: '' },
  compilationOptions: {},
  targets: {
    '.NETCoreApp,Version=v8.0': {},
    '.NETCoreApp,Version=v8.0/linux-x64': {
      'shop/1.0.0': { dependencies: { 'Newtonsoft.Json': '12.0.3' }, runtime: { 'shop.dll': {} } },
      'Newtonsoft.Json/12.0.3': { runtime: { 'lib/netstandard2.0/Newtonsoft.Json.dll': { assemblyVersion: '12.0.0.0' } } },
      'System.Net.Http/4.3.0': { dependencies: { 'System.Runtime': '4.3.0' } },
      'SQLitePCLRaw.lib.e_sqlite3/2.1.4': { native: { 'runtimes/linux-x64/native/libe_sqlite3.so': {} } },
      'runtimepack.Microsoft.NETCore.App.Runtime.linux-x64/8.0.0': { runtime: { 'System.Private.CoreLib.dll': {} } },
    },
  },
  libraries: {
    'shop/1.0.0': { type: 'project', serviceable: false, sha512: '' },
    'runtimepack.Microsoft.NETCore.App.Runtime.linux-x64/8.0.0': { type: 'runtimepack', serviceable: false, sha512: '' },
    'Newtonsoft.Json/12.0.3': { type: 'package', serviceable: true, sha512: 'sha512-x', path: 'newtonsoft.json/12.0.3' },
    'System.Net.Http/4.3.0': { type: 'package', serviceable: true, sha512: 'sha512-y' },
    'SQLitePCLRaw.lib.e_sqlite3/2.1.4': { type: 'package', serviceable: true, sha512: 'sha512-z' },
  },
};
const found = (path: string, document: unknown) => offer(nuget, path, JSON.stringify(document))!.packages.map((pkg) => `${pkg.name}@${pkg.version}`);

describe('NuGet packages', () => {
  it('are read from the libraries of a published program: packages and runtime packs, not its own projects', () => {
    expect(found(PATH, DEPS)).toEqual([
      'Microsoft.NETCore.App.Runtime.linux-x64@8.0.0',
      'Newtonsoft.Json@12.0.3',
      'SQLitePCLRaw.lib.e_sqlite3@2.1.4',
    ]);
    expect(offer(nuget, PATH, JSON.stringify(DEPS))!.packages[1]).toEqual({
      name: 'Newtonsoft.Json',
      version: '12.0.3',
      type: 'nuget',
      purl: 'pkg:nuget/Newtonsoft.Json@12.0.3',
    });
  });

  it('without files in the target count only where the file does not say which target runs', () => {
    expect(found(PATH, { ...DEPS, runtimeTarget: undefined })).toContain('System.Net.Http@4.3.0');
    expect(found(PATH, { ...DEPS, targets: {} })).toContain('System.Net.Http@4.3.0');
  });

  it('include the shared frameworks of a .NET installation, known by their folders', () => {
    const framework = 'usr/share/dotnet/shared/Microsoft.NETCore.App/8.0.1/Microsoft.NETCore.App.deps.json';
    expect(found(framework, { libraries: {} })).toEqual(['Microsoft.NETCore.App@8.0.1']);
    const broken = offer(nuget, 'usr/lib/dotnet/shared/Microsoft.AspNetCore.App/8.0.1/Microsoft.AspNetCore.App.deps.json', '{')!;
    expect(broken.packages.map((pkg) => pkg.purl)).toEqual(['pkg:nuget/Microsoft.AspNetCore.App@8.0.1']);
    expect(broken.warnings[0]).toMatch(/^nuget-deps-unreadable/);
    expect(found('opt/shared/Thing/1.0/Other.deps.json', { libraries: {} })).toEqual([]);
  });

  it('are taken from deps.json files alone', () => {
    expect(wants(nuget, PATH)).toBe(true);
    expect(wants(nuget, 'app/appsettings.json')).toBe(false);
    expect(wants(nuget, 'app/shop.runtimeconfig.json')).toBe(false);
  });

  it('in a broken file give a warning', () => {
    for (const text of ['', '{"libraries":', '[]', 'null', '{"libraries":[]}']) {
      expect(offer(nuget, PATH, text)!.warnings).toEqual([
        'nuget-deps-unreadable: the file is not a JSON object with "libraries"; packages in it are left out',
      ]);
    }
  });

  it('with hostile keys do not hide the others', () => {
    const libraries = `{"__proto__":{"type":"package"},"/1":{"type":"package"},"x":{"type":"package"},"a/1":null,"constructor/1.0":{"type":"package"},"${'n'.repeat(2000)}/1":{"type":"package"}}`;
    const { packages, warnings } = offer(nuget, PATH, `{"runtimeTarget":"__proto__","targets":{},"libraries":${libraries}}`)!;
    expect(packages.map((pkg) => pkg.name)).toEqual(['constructor']);
    expect(warnings[0]).toMatch(/^name-too-long/);
  });

  it('never make the cataloguer throw', () => {
    fc.assert(fc.property(fc.json(), (text) => void offer(nuget, PATH, text)));
    const text = JSON.stringify(DEPS);
    fc.assert(fc.property(fc.nat(text.length), fc.nat(text.length - 1), fc.nat(255), (length, at, to) => {
      const bytes = Buffer.from(text);
      bytes[at] = to;
      offer(nuget, PATH, bytes.subarray(0, length));
    }));
  });
});
