import type { PostureRule } from '../rule.ts';
import { userOf } from '../user.ts';

/** Kubernetes cannot tell whether a named user is root: `runAsNonRoot` then refuses to start the container. */
const rule: PostureRule = {
  id: 'user-not-numeric',
  title: 'User is a name, which runAsNonRoot cannot verify',
  severity: 1,
  advice: 'Name the account by its number in USER, so that Kubernetes can hold it to runAsNonRoot.',
  find({ image }) {
    const user = image.config === undefined ? '' : userOf(image.config);
    return user === '' || user === 'root' || /^\d+$/.test(user) ? [] : [{ subject: `USER ${user}` }];
  },
};
export default rule;
