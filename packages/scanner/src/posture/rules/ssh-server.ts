import type { PostureRule } from '../rule.ts';

const SERVERS = new Set(['openssh-server', 'dropbear', 'dropbear-bin']);

const rule: PostureRule = {
  id: 'ssh-server',
  title: 'SSH server in the image',
  severity: 2,
  advice: 'Remove it: docker exec and kubectl exec reach a shell without a second login, open port and keys to guard.',
  find({ image, packages }) {
    const port = image.config?.exposedPorts?.find((exposed) => /^22(?:\/tcp)?$/.test(exposed));
    const server = packages.find(({ type, name }) => SERVERS.has(name) && (type === 'deb' || type === 'apk' || type === 'rpm'));
    if (port === undefined && server === undefined) return [];
    const subject = [server?.name, port === undefined ? undefined : `port ${port}`].filter((part) => part !== undefined).join(', ');
    return [{ subject, layer: server?.layer, severity: port === undefined ? 2 : 3 }];
  },
};
export default rule;
