import { scanConfigForSecrets } from '../../secrets/index.ts';
import type { PostureRule } from '../rule.ts';

const rule: PostureRule = {
  id: 'secret-in-env',
  title: 'Secret in the image config',
  severity: 4,
  advice: 'Take it out, replace the secret, and pass the new one when the container starts or with RUN --mount=type=secret.',
  find({ image }) {
    const { env = [], labels = {} } = image.config ?? {};
    return scanConfigForSecrets(env, labels, image.history).map(({ path, name, historyStep }) => {
      const layer = image.layers.find((candidate) => historyStep !== undefined && candidate.historyStep === historyStep)?.index;
      const place = path.startsWith('config/Env') ? 'ENV' : path.startsWith('config/Labels') ? 'LABEL' : 'build step';
      return { subject: `${place} ${name ?? (historyStep ?? 0) + 1}`, layer };
    });
  },
};
export default rule;
