import type { CatalogContext, Cataloger, FileCatalogue, OfferedFile } from './cataloger.ts';
import { readZipDirectory, readZipEntry, ZipError, type ZipBudget } from '../formats/zip.ts';
import { normalizePythonName, toPackage } from './names.ts';

/** The head of a metadata file; what follows it is the project's description. */
const HEAD_BYTES = 256 * 1024;
const MAX_EGG_METADATA = 4 << 20;

/**
 * Installed Python distributions: `*.dist-info/METADATA` (wheels), `*.egg-info/PKG-INFO` and the
 * single file `*.egg-info` (setuptools, distutils), `EGG-INFO/PKG-INFO` in an egg folder or zipped egg.
 * `name` keeps the metadata's spelling; the purl has the normalised one.
 * @see https://packaging.python.org/en/latest/specifications/core-metadata/
 */
export const python: Cataloger = {
  name: 'python',
  selects: { basenames: ['METADATA', 'PKG-INFO'], extensions: ['.egg-info', '.egg'] },
  accepts(path) {
    if (path.endsWith('/METADATA')) return path.endsWith('.dist-info/METADATA');
    if (path.endsWith('/PKG-INFO')) return path.endsWith('.egg-info/PKG-INFO') || path.endsWith('/EGG-INFO/PKG-INFO');
    return /\.egg(?:-info)?$/i.test(path);
  },
  catalogue(file, context) {
    const head = /\.egg$/i.test(file.path) ? zippedEggHead(file, context) : file.content.read(0, HEAD_BYTES);
    return head && fromHead(head, context);
  },
};

function fromHead(head: Buffer, context: CatalogContext): FileCatalogue | undefined {
  const fields = readFields(head.toString('utf8'));
  if (fields.name === undefined || fields.version === undefined) {
    context.warn('python-metadata-unreadable', `the metadata has no ${fields.name === undefined ? 'Name' : 'Version'} field; the package is left out`);
    return undefined;
  }
  const found = toPackage(
    {
      type: 'pypi',
      name: fields.name,
      version: fields.version,
      purlName: normalizePythonName(fields.name),
      licenses: fields.licenses,
    },
    context,
  );
  return found && { packages: [found] };
}

interface Fields {
  name?: string;
  version?: string;
  licenses?: string[];
}

/** Reads the header fields of an e-mail-like head, up to the first empty line. The first of repeated fields counts. */
function readFields(text: string): Fields {
  const fields: Fields = {};
  let expression: string | undefined;
  let license: string | undefined;
  const classifiers: string[] = [];
  let at = 0;
  while (at < text.length) {
    const newline = text.indexOf('\n', at);
    const end = newline < 0 ? text.length : newline;
    const line = text.slice(at, text[end - 1] === '\r' && end > at ? end - 1 : end);
    at = end + 1;
    if (line === '') break;
    const colon = line.indexOf(':');
    // A line that begins with white space continues a field; none of the wanted fields has more than one line.
    if (colon <= 0 || line.startsWith(' ') || line.startsWith('\t')) continue;
    const value = line.slice(colon + 1).trim();
    switch (line.slice(0, colon).toLowerCase()) {
      case 'name':
        fields.name ??= value;
        break;
      case 'version':
        fields.version ??= value;
        break;
      case 'license-expression':
        expression ??= value;
        break;
      case 'license':
        // A whole licence text may stand here; its continuation lines give it away.
        if (text[at] !== ' ' && text[at] !== '\t' && value !== 'UNKNOWN') license ??= value;
        break;
      case 'classifier':
        if (value.startsWith('License ::')) classifiers.push(value.slice(value.lastIndexOf('::') + 2));
        break;
    }
  }
  const licenses = expression ? [expression] : license ? [license] : classifiers;
  if (licenses.length > 0) fields.licenses = licenses;
  return fields;
}

function zippedEggHead(file: OfferedFile, context: CatalogContext): Buffer | undefined {
  // An `.egg` may also be a plain file of another kind (test data, a link to a project).
  if (file.content.read(0, 2).toString('latin1') !== 'PK') return undefined;
  const budget: ZipBudget = { directoryBytes: 64 << 20, inflatedBytes: MAX_EGG_METADATA, entries: 1 };
  try {
    const [entry] = readZipDirectory(file.content, budget, (name) => name === 'EGG-INFO/PKG-INFO').entries;
    return entry && readZipEntry(file.content, entry, budget, MAX_EGG_METADATA).read(0, HEAD_BYTES);
  } catch (error) {
    if (!(error instanceof ZipError)) throw error;
    context.warn(error.code, `the egg cannot be read: ${error.message}`);
    return undefined;
  }
}
