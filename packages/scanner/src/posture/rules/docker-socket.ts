import type { PostureRule } from '../rule.ts';

const rule: PostureRule = {
  id: 'engine-socket-volume',
  title: 'Asks for the container engine’s socket',
  severity: 4,
  advice: 'Whoever reaches the socket is root on the host: use an API proxy that allows only what is needed, or a rootless engine.',
  find({ image }) {
    return (image.config?.volumes ?? [])
      .filter((volume) => /(?:^|\/)(?:docker|containerd|crio|podman)\.sock$/.test(volume))
      .map((volume) => ({ subject: volume }));
  },
};
export default rule;
