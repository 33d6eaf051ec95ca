/**
 * The large image of the bench: Debian 12 from the main pocket, built by a real engine in several
 * layers, with Python, Java, Node and nginx content of the kind that services ship. Packages come
 * from the registries that apt, pip, npm and Maven are set up with on this machine; those are asked
 * outside the containers, so that the machine's own certificates and mirrors hold.
 */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { debianRootfs } from '../e2e/support/debian.ts';
import { withDockerEngine } from '../e2e/support/engine.ts';
import { mustRun } from '../e2e/support/run.ts';

/** Versions are pinned, and many of them old, so that the image stays the same and has findings. */
const PYTHON = ['Django==4.2.1', 'requests==2.30.0', 'PyYAML==6.0', 'cryptography==41.0.0', 'Pillow==9.5.0', 'SQLAlchemy==2.0.15', 'aiohttp==3.8.4', 'Jinja2==3.1.2'];
const NODE = { express: '4.17.1', lodash: '4.17.20', axios: '0.21.0', webpack: '5.76.0', react: '18.2.0', moment: '2.29.1', ws: '7.4.5', eslint: '8.40.0', jest: '29.5.0' };
const JAVA = [
  'org.apache.logging.log4j:log4j-core:2.14.1',
  'org.apache.logging.log4j:log4j-api:2.14.1',
  'org.springframework:spring-core:5.3.17',
  'org.springframework:spring-web:5.3.17',
  'com.fasterxml.jackson.core:jackson-databind:2.13.0',
  'com.google.guava:guava:31.0-jre',
  'io.netty:netty-codec-http:4.1.90.Final',
  'org.apache.tomcat.embed:tomcat-embed-core:9.0.70',
  'org.hibernate:hibernate-core:5.6.10.Final',
  'org.postgresql:postgresql:42.3.1',
  'org.apache.commons:commons-text:1.9',
  'commons-io:commons-io:2.6',
  // Jars within a war.
  'org.apache.solr:solr:4.10.4:war',
];

const DOCKERFILE = `FROM plimsoll-bench/base
RUN ${installed('python3 python3-pip python3-venv')}
RUN ${installed('default-jre-headless')}
RUN ${installed('nodejs')}
RUN ${installed('nginx imagemagick')}
COPY wheels /tmp/wheels
RUN python3 -m venv /opt/venv && /opt/venv/bin/pip install --no-index --find-links /tmp/wheels /tmp/wheels/* && rm -rf /tmp/wheels
COPY jars /opt/app/lib
COPY node /app
ENV PATH=/opt/venv/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
EXPOSE 80
CMD ["nginx", "-g", "daemon off;"]
`;

function installed(packages: string): string {
  return `apt-get update && apt-get install -y --no-install-recommends ${packages} && apt-get clean && rm -rf /var/lib/apt/lists/*`;
}

/** Builds the image and writes it as `docker save` does. Needs root, debootstrap, an engine, pip, npm and Maven. */
export async function buildDebianImage(archive: string, work: string): Promise<void> {
  const context = join(work, 'debian-context');
  mkdirSync(context, { recursive: true });
  const fetched: [folder: string, fetch: (folder: string) => Promise<void>][] = [
    ['wheels', fetchWheels],
    ['node', fetchNode],
    ['jars', fetchJars],
  ];
  for (const [name, fetch] of fetched) {
    const folder = join(context, name);
    const finished = join(context, `${name}.finished`);
    if (existsSync(finished)) continue;
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder);
    await fetch(folder);
    writeFileSync(finished, '');
  }
  const base = await debianRootfs({ release: 'bookworm' });
  writeFileSync(join(context, 'Dockerfile'), DOCKERFILE);
  writeFileSync(join(context, '.dockerignore'), '*.finished\n');
  await withDockerEngine(async (engine) => {
    await engine.docker(['import', base, 'plimsoll-bench/base']);
    const env = { DOCKER_BUILDKIT: '0' };
    await engine.docker(['build', '--network=host', '-t', 'plimsoll-bench/debian:latest', context], { env, timeout: 1_800_000 });
    await engine.docker(['save', '-o', archive, 'plimsoll-bench/debian:latest']);
  });
}

async function fetchWheels(folder: string): Promise<void> {
  // Debian 12 has Python 3.11, whatever this machine has.
  const target = ['--python-version=3.11', '--only-binary=:all:', '--platform=manylinux2014_x86_64', '--platform=manylinux_2_28_x86_64'];
  await mustRun('python3', ['-m', 'pip', 'download', '-q', ...target, '-d', folder, ...PYTHON]);
}

async function fetchNode(folder: string): Promise<void> {
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'bench-app', version: '1.0.0', private: true, dependencies: NODE }));
  await mustRun('npm', ['install', '--ignore-scripts', '--legacy-peer-deps', '--loglevel=error'], { cwd: folder });
}

async function fetchJars(folder: string): Promise<void> {
  for (const artifact of JAVA) {
    await mustRun('mvn', ['-q', '-B', 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy', `-Dartifact=${artifact}`, `-DoutputDirectory=${folder}`]);
  }
}
