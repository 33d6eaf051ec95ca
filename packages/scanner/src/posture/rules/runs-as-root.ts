import type { PostureRule } from '../rule.ts';
import { userOf } from '../user.ts';

const rule: PostureRule = {
  id: 'runs-as-root',
  title: 'Runs as root',
  severity: 2,
  advice: 'Create an account for the program and name it by number: USER 10001.',
  find({ image }) {
    if (image.config === undefined) return [];
    const user = userOf(image.config);
    if (user !== '' && user !== 'root' && !/^0+$/.test(user)) return [];
    return [{ subject: user === '' ? 'no USER' : `USER ${user}` }];
  },
};
export default rule;
