/** Largest file that is searched, in bytes. Secrets lie in small files; data of this size is a package's or a program's. */
export const MAX_SECRET_FILE = 1024 * 1024;

/**
 * Trees whose files are distributed with packages and thus public, or that are not part of an image's
 * content. Compared as prefixes of a path without leading slash.
 */
const PUBLIC_TREES: readonly string[] = [
  'usr/share/', 'usr/lib/', 'usr/lib32/', 'usr/lib64/', 'usr/libexec/', 'usr/include/', 'usr/bin/', 'usr/sbin/', 'usr/games/',
  'usr/src/linux', 'lib/', 'lib32/', 'lib64/', 'bin/', 'sbin/', 'boot/', 'proc/', 'sys/', 'dev/',
  'var/lib/dpkg/', 'var/lib/apt/', 'var/lib/rpm/', 'var/lib/yum/', 'var/lib/dnf/', 'var/lib/pacman/',
  'var/cache/apt/', 'var/cache/apk/', 'var/cache/dnf/', 'var/cache/yum/', 'var/cache/ldconfig/', 'var/cache/fontconfig/',
  'etc/ssl/certs/', 'etc/pki/ca-trust/', 'etc/pki/rpm-gpg/', 'etc/apk/keys/', 'etc/ca-certificates/', 'etc/alternatives/',
  'usr/local/include/', 'usr/local/share/man/', 'usr/local/share/doc/', 'usr/local/share/ca-certificates/',
  'usr/local/go/', 'usr/local/lib/node_modules/', 'usr/local/lib/python', 'usr/local/lib/ruby/', 'usr/local/lib/perl',
  'usr/local/lib/php/', 'usr/local/rustup/', 'usr/local/cargo/registry/', 'go/pkg/', 'root/go/pkg/', 'root/.cargo/registry/',
];

/** Where people put their own files within the trees above. */
const OWN_FILES_WITHIN: readonly string[] = [
  'usr/share/nginx/', 'usr/share/httpd/', 'usr/share/apache', 'usr/share/tomcat', 'usr/share/jetty', 'usr/share/elasticsearch/config/',
  'usr/share/logstash/config/', 'usr/share/logstash/pipeline/', 'usr/share/kibana/config/', 'usr/share/grafana/conf/',
  'usr/lib/cgi-bin/', 'usr/lib/systemd/system/', 'lib/systemd/system/', 'usr/share/webapps/',
];

/** Directories, at any depth, that hold third-party code or stored objects. */
const PUBLIC_DIRECTORY =
  /\/(?:node_modules|bower_components|site-packages|dist-packages|\.git\/(?:objects|lfs)|__pycache__|\.yarn\/(?:cache|releases)|\.m2\/repository|\.gradle\/caches|\.cargo\/registry|\.npm\/_cacache|\.cache|locale|locales|i18n|zoneinfo|gems\/[^/]+-\d[^/]*\/(?!config\/)|jvm\/[^/]+\/(?:lib|jmods|legal)|man\/man\d)\//;

/** Endings of files that are binary or generated, whatever they are called before. */
const SKIPPED_EXTENSIONS: ReadonlySet<string> = new Set(
  (
    'png jpg jpeg gif bmp ico icns webp avif svg tif tiff psd mp3 mp4 m4a ogg oga ogv wav flac avi mkv mov webm ' +
    'woff woff2 ttf otf eot pfb afm pdf ps eps djvu doc docx xls xlsx ppt pptx odt ods epub ' +
    'zip gz tgz bz2 xz zst lz4 lzma 7z rar tar jar war ear whl egg gem deb rpm apk crate nupkg ' +
    'so a o ko la dll exe pdb lib dylib node wasm class pyc pyo elc beam mo gmo po pot qm ' +
    'db sqlite sqlite3 mdb idx pack bin dat rom img iso qcow2 vmdk ' +
    'crt cer crl pub css scss less map lock sum snap h hh hpp hxx c cc cpp cxx m4 s asm pm pod ' +
    '1 2 3 4 5 6 7 8'
  ).split(' '),
);

/** Names of files that hold secrets by their purpose: looked at even within public trees, and when binary. */
const SECRET_FILE_NAME =
  /^(?:id_(?:rsa|dsa|ecdsa|ed25519)(?:_sk)?|ssh_host_[a-z0-9]+_key|\.netrc|_netrc|\.pgpass|pgpass\.conf|\.?ht(?:passwd|passwords?)s?|\.dockercfg|\.npmrc|\.pypirc|\.git-credentials|\.env(?:\.[a-z]+)?|master\.key)$/i;

const SECRET_FILE_EXTENSIONS: ReadonlySet<string> = new Set(['der', 'pk8', 'p8', 'ppk', 'htpasswd']);

/** Code that is only for tests and manuals, in other people's source as well as in one's own. */
const TEST_PATH = /.\/(?:tests?|testdata|test[-_]data|testing|__tests__|spec|specs|fixtures?|__fixtures__|mocks?|__mocks__|examples?|samples?|demos?|docs?)\//i;

/**
 * Whether a regular file of an image is worth searching for secrets. Asked for every file, so it looks
 * at the path and size alone: not empty, at most {@link MAX_SECRET_FILE}, not in a tree that packages
 * own, not of a binary or generated type.
 * @param path without leading slash
 * @param size in bytes
 */
export function wantsSecretScan(path: string, size: number): boolean {
  if (size < 8 || size > MAX_SECRET_FILE) return false;
  const base = path.slice(path.lastIndexOf('/') + 1);
  const extension = extensionOf(base);
  if (SKIPPED_EXTENSIONS.has(extension)) return false;
  if (isInPublicTree(path) && !SECRET_FILE_EXTENSIONS.has(extension) && !SECRET_FILE_NAME.test(base)) return false;
  if (PUBLIC_DIRECTORY.test('/' + path)) return false;
  return !/\.min\.m?js$|-lock\.(?:json|ya?ml)$/.test(base);
}

/** The trees by their first folder, so that most paths are compared with none or few. */
const TREES_BY_TOP = new Map<string, string[]>();
for (const tree of PUBLIC_TREES) {
  const top = tree.slice(0, tree.indexOf('/') + 1);
  TREES_BY_TOP.set(top, [...(TREES_BY_TOP.get(top) ?? []), tree]);
}

function isInPublicTree(path: string): boolean {
  const trees = TREES_BY_TOP.get(path.slice(0, path.indexOf('/') + 1));
  if (trees === undefined) return false;
  for (const tree of trees) {
    if (path.startsWith(tree)) return !OWN_FILES_WITHIN.some((own) => path.startsWith(own));
  }
  return false;
}

/** True for files that are secrets by their name; only these are looked at when they are binary. */
export function isSecretFileName(path: string): boolean {
  const base = path.slice(path.lastIndexOf('/') + 1);
  return SECRET_FILE_NAME.test(base) || SECRET_FILE_EXTENSIONS.has(extensionOf(base)) || base.endsWith('.key');
}

/** What follows the last dot, in lower case; empty for none and for names that begin with their only dot. */
function extensionOf(base: string): string {
  const dot = base.lastIndexOf('.');
  return dot > 0 ? base.slice(dot + 1).toLowerCase() : '';
}

/** True below a directory for tests, samples or manuals, unless that is at the image's root. */
export function isTestPath(path: string): boolean {
  return TEST_PATH.test(path);
}

export type TextKind = 'config' | 'code' | 'other';

const CODE_EXTENSION = /\.(?:m?[jt]sx?|cjs|py|rb|php\d?|go|java|kt|kts|scala|groovy|cs|vb|pl|lua|r|swift|dart|ex|exs|clj|rs|vue|jsp|erb)$/i;
const OTHER_EXTENSION = /\.(?:md|markdown|rst|adoc|html?|xhtml|tsv|csv|log|diff|patch|ipynb|tex|rtf|srt|d\.ts)$/i;

/** Whether bare words after `=` or `:` are values (`config`), only quoted ones (`code`), or prose (`other`). */
export function textKind(path: string): TextKind {
  if (OTHER_EXTENSION.test(path)) return 'other';
  return CODE_EXTENSION.test(path) ? 'code' : 'config';
}
