import { fieldsOf } from '../../bounded.ts';
import { jsonOrUndefined, nameOrNull, type CloudProvider } from './provider.ts';

/**
 * Amazon EC2 by version 2 of its metadata service: a token first, then the identity document.
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html
 */
export const aws: CloudProvider = {
  name: 'AWS',
  address: 'http://169.254.169.254',
  async ask(metadata) {
    const token = (await metadata('/latest/api/token', { 'x-aws-ec2-metadata-token-ttl-seconds': '60' }, 'PUT'))?.trim();
    if (token === undefined || !/^[\w+/=-]{1,512}$/.test(token)) return undefined;
    const document = fieldsOf(jsonOrUndefined(await metadata('/latest/dynamic/instance-identity/document', { 'x-aws-ec2-metadata-token': token })));
    const instance = nameOrNull(document.get('instanceId'), 200);
    if (instance === null) return undefined;
    return {
      provider: 'AWS',
      account: nameOrNull(document.get('accountId'), 200),
      region: nameOrNull(document.get('region'), 100),
      instance,
      instanceType: nameOrNull(document.get('instanceType'), 100),
    };
  },
};
