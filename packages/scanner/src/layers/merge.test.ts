import { describe, expect, it } from 'vitest';
import { dir, file, hardlink, opaque, symlink, tar, whiteout, type TarEntry } from '../../../../e2e/support/tar.ts';
import { LayerAnalyser } from './analyse.ts';
import type { LayerCatalogue } from './layer-catalogue.ts';
import { mergeLayers } from './merge.ts';
import { TarReader } from './tar.ts';

function layer(...entries: TarEntry[]): LayerCatalogue {
  const analyser = new LayerAnalyser();
  const bytes = tar(entries);
  const reader = new TarReader(analyser);
  // In pieces that divide files, as real streams do.
  for (let at = 0; at < bytes.length; at += 700) reader.write(bytes.subarray(at, at + 700));
  reader.finish();
  return analyser.finish(bytes.length);
}

const npmPackage = (name: string, version: string, folder = 'app/node_modules') =>
  file(`${folder}/${name}/package.json`, JSON.stringify({ name, version }));

const status = (...packages: [name: string, version: string][]) =>
  file(
    'var/lib/dpkg/status',
    packages.map(([name, version]) => `Package: ${name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: ${version}\n`).join('\n'),
  );

/** `name@version #layer` of every package. */
const found = (...layers: LayerCatalogue[]) => mergeLayers(layers).packages.map((p) => `${p.name}@${p.version} #${p.layer}`);

describe('mergeLayers', () => {
  it('keeps what no upper layer touches, on the layer that brought it', () => {
    expect(found(layer(npmPackage('a', '1.0.0')), layer(npmPackage('b', '2.0.0')))).toEqual(['a@1.0.0 #0', 'b@2.0.0 #1']);
  });

  it('takes an upper layer’s file in place of the lower one', () => {
    expect(found(layer(npmPackage('a', '1.0.0')), layer(npmPackage('a', '1.0.1')))).toEqual(['a@1.0.1 #1']);
  });

  it('drops what a whiteout deletes: a file, or a folder with all in it', () => {
    const base = layer(npmPackage('a', '1.0.0'), npmPackage('b', '1.0.0'));
    expect(found(base, layer(whiteout('app/node_modules/a/package.json')))).toEqual(['b@1.0.0 #0']);
    expect(found(base, layer(whiteout('app/node_modules')))).toEqual([]);
  });

  it('drops what an opaque folder hides, but not what its own layer puts there', () => {
    const base = layer(npmPackage('a', '1.0.0'), npmPackage('x', '1.0.0', 'srv/node_modules'));
    expect(found(base, layer(opaque('app/node_modules'), npmPackage('b', '1.0.0')))).toEqual(['b@1.0.0 #1', 'x@1.0.0 #0']);
  });

  it('drops what lies below a folder that became a file or link', () => {
    const base = layer(npmPackage('a', '1.0.0'));
    expect(found(base, layer(symlink('app/node_modules', '/elsewhere')))).toEqual([]);
    expect(found(base, layer(file('app', 'now a file')))).toEqual([]);
  });

  it('drops a package whose file became something that is none', () => {
    expect(found(layer(npmPackage('a', '1.0.0')), layer(file('app/node_modules/a/package.json', '{}')))).toEqual([]);
  });

  it('does not let a whiteout reach into layers above it', () => {
    expect(found(layer(), layer(whiteout('app')), layer(npmPackage('a', '1.0.0')))).toEqual(['a@1.0.0 #2']);
  });

  it('lets a folder entry hide nothing', () => {
    expect(found(layer(npmPackage('a', '1.0.0')), layer(dir('app'), dir('app/node_modules')))).toEqual(['a@1.0.0 #0']);
  });

  it('finds the layer that brought a package to a database that every layer writes anew', () => {
    const layers = [
      layer(status(['bash', '5.1'], ['openssl', '3.0.1'])),
      layer(status(['bash', '5.1'], ['openssl', '3.0.1'], ['curl', '7.0'])),
      layer(status(['bash', '5.1'], ['openssl', '3.0.2'], ['curl', '7.0'])),
    ];
    expect(found(...layers)).toEqual(['bash@5.1 #0', 'curl@7.0 #1', 'openssl@3.0.2 #2']);
  });

  it('takes a package that went and came back from where it came back', () => {
    const layers = [layer(status(['a', '1'], ['b', '1'])), layer(status(['b', '1'])), layer(status(['a', '1'], ['b', '1']))];
    expect(found(...layers)).toEqual(['a@1 #2', 'b@1 #0']);
  });

  it('keeps copies of one package in several layers apart, and folds those of one layer', () => {
    const base = layer(npmPackage('a', '1.0.0'), npmPackage('a', '1.0.0', 'srv/node_modules'));
    const merged = mergeLayers([base, layer(npmPackage('a', '1.0.0', 'own/node_modules'))]).packages;
    expect(merged.map((p) => [p.layer, p.paths.length])).toEqual([[0, 2], [1, 1]]);
  });

  it('takes a package that was deleted and put back from the layer that put it back', () => {
    const a = npmPackage('a', '1.0.0');
    expect(found(layer(a), layer(whiteout('app/node_modules/a')), layer(a))).toEqual(['a@1.0.0 #2']);
    expect(found(layer(a), layer(file('app/node_modules/a/package.json', '{}')), layer(a))).toEqual(['a@1.0.0 #2']);
    expect(found(layer(a), layer(), layer(a))).toEqual(['a@1.0.0 #0']);
  });

  it('lets a folder hide a lower file of its name', () => {
    expect(found(layer(npmPackage('a', '1.0.0')), layer(dir('app/node_modules/a/package.json')))).toEqual([]);
  });

  it('resolves paths that turn back within the image', () => {
    expect(found(layer(file('x/../app/node_modules/a/package.json', '{"name":"a","version":"1.0.0"}')))).toEqual(['a@1.0.0 #0']);
  });

  it('takes the last of several entries of one path in one layer', () => {
    expect(found(layer(npmPackage('a', '1.0.0'), npmPackage('a', '3.0.0')))).toEqual(['a@3.0.0 #0']);
    expect(found(layer(npmPackage('a', '1.0.0'), symlink('app/node_modules/a/package.json', 'x')))).toEqual([]);
  });

  it('reads a hard link as the file it is', () => {
    const packages = mergeLayers([layer(npmPackage('a', '1.0.0'), hardlink('srv/node_modules/a/package.json', 'app/node_modules/a/package.json'))]).packages;
    expect(packages.map((p) => p.paths)).toEqual([['app/node_modules/a/package.json', 'srv/node_modules/a/package.json']]);
  });

  it('names the owner of a language package that the distribution installed, also where /usr is merged', () => {
    const owned = layer(
      status(['python3-idna', '3.3-1']),
      file('var/lib/dpkg/info/python3-idna.list', '/.\n/lib/python3/dist-packages/idna-3.3.dist-info/METADATA\n'),
      file('usr/lib/python3/dist-packages/idna-3.3.dist-info/METADATA', 'Metadata-Version: 2.1\nName: idna\nVersion: 3.3\n'),
      file('opt/venv/lib/python3/site-packages/idna-3.4.dist-info/METADATA', 'Metadata-Version: 2.1\nName: idna\nVersion: 3.4\n'),
    );
    const owners = mergeLayers([owned]).packages.filter((p) => p.type === 'pypi').map((p) => [p.version, p.ownedBy]);
    expect(owners).toEqual([['3.3', 'python3-idna'], ['3.4', undefined]]);
  });

  it('names no owner for a file that a later layer than the package’s wrote', () => {
    const metadata = (version: string) => file('usr/lib/python3/dist-packages/idna.dist-info/METADATA', `Metadata-Version: 2.1\nName: idna\nVersion: ${version}\n`);
    const base = layer(
      status(['python3-idna', '3.3-1']),
      file('var/lib/dpkg/info/python3-idna.list', '/usr/lib/python3/dist-packages/idna.dist-info/METADATA\n'),
      metadata('3.3'),
    );
    const owners = (...layers: LayerCatalogue[]) => mergeLayers(layers).packages.filter((p) => p.type === 'pypi').map((p) => [p.version, p.ownedBy]);
    expect(owners(base)).toEqual([['3.3', 'python3-idna']]);
    expect(owners(base, layer(metadata('3.1')))).toEqual([['3.1', undefined]]);
    expect(owners(base, layer(metadata('3.4'), status(['python3-idna', '3.4-1'])))).toEqual([['3.4', 'python3-idna']]);
  });

  it('keeps paths that lead outside out, with a warning', () => {
    const merged = mergeLayers([layer(file('../../etc/passwd', 'x'), npmPackage('a', '1.0.0'), hardlink('b/package.json', '../../../etc/shadow'))]);
    expect(merged.warnings.map((w) => w.code)).toEqual(['path-outside', 'link-outside']);
    expect(merged.packages).toHaveLength(1);
  });

  it('says that a hard link to content that went by unread is missing', () => {
    const merged = mergeLayers([layer(file('objects/00ff', '{"name":"a","version":"1.0.0"}'), hardlink('app/node_modules/a/package.json', 'objects/00ff'))]);
    expect(merged.warnings).toMatchObject([{ code: 'hard-link-unread', incomplete: true, layer: 0 }]);
  });

  it('forgets warnings of files that an upper layer replaced', () => {
    const broken = layer(file('app/node_modules/a/package.json', '{ "name": '));
    expect(mergeLayers([broken]).warnings).toHaveLength(1);
    expect(mergeLayers([broken, layer(npmPackage('a', '1.0.0'))]).warnings).toEqual([]);
  });

  it('gives every package the same shape whatever cataloguer found it', () => {
    const [pkg] = mergeLayers([layer(npmPackage('a', '1.0.0'))]).packages;
    expect(pkg).toMatchObject({ type: 'npm', purl: 'pkg:npm/a@1.0.0', cataloger: 'npm', layer: 0 });
  });
});
