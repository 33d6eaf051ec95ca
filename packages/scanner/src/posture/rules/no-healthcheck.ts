import type { PostureRule } from '../rule.ts';

/** Only of Docker's own format: the OCI config has no such field, and Kubernetes has probes of its own. */
const rule: PostureRule = {
  id: 'no-healthcheck',
  title: 'No health check',
  severity: 1,
  advice: 'Add HEALTHCHECK with a command that asks the program whether it works. Kubernetes uses probes instead.',
  find({ image }) {
    const { config, kind, layers } = image;
    const isDockers = kind === 'docker' || kind === 'docker-archive' || layers.some((layer) => layer.mediaType?.startsWith('application/vnd.docker.') === true);
    const starts = (config?.entrypoint?.length ?? 0) > 0 || (config?.exposedPorts?.length ?? 0) > 0;
    const test = config?.healthcheck ?? [];
    if (!isDockers || !starts || (test.length > 0 && test[0] !== 'NONE')) return [];
    return [{}];
  },
};
export default rule;
