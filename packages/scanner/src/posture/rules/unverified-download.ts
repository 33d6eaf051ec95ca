import { commandsOf } from '../instructions.ts';
import type { Occurrence, PostureRule } from '../rule.ts';

const SWITCHES: readonly [what: string, pattern: RegExp][] = [
  ['curl --insecure', /\bcurl\b(?=.{0,1000}\s(?:--insecure|-[a-zA-Z]{0,8}k[a-zA-Z]{0,8})(?:\s|$))/],
  ['wget --no-check-certificate', /\bwget\b(?=.{0,1000}--no-check-certificate)/],
  ['pip --trusted-host', /\bpip[0-9.]*\b(?=.{0,1000}--trusted-host)/],
  ['apt-get --allow-unauthenticated', /\bapt(?:-get)?\b(?=.{0,1000}--(?:allow-unauthenticated|force-yes))/],
  ['apk --allow-untrusted', /\bapk\b(?=.{0,1000}--allow-untrusted)/],
  ['rpm or dnf --nogpgcheck', /\b(?:yum|dnf|microdnf)\b(?=.{0,1000}--nogpgcheck)/],
  ['npm strict-ssl=false', /\bnpm\b(?=.{0,1000}strict-ssl[= ]false)/],
  ['git http.sslVerify=false', /\bgit\b(?=.{0,1000}http\.sslverify[= ]"?false)/i],
];

/** Variables that switch off verification in every program of the container. */
const VARIABLES = /^(?:NODE_TLS_REJECT_UNAUTHORIZED=0|PYTHONHTTPSVERIFY=0|GIT_SSL_NO_VERIFY=(?:1|true)|NPM_CONFIG_STRICT_SSL=false|CURL_INSECURE=1)$/i;

const rule: PostureRule = {
  id: 'verification-off',
  title: 'Certificate or signature verification is switched off',
  severity: 3,
  advice: 'Install the authority’s certificate or signing key in the image and drop the switch.',
  find({ image, instructions }) {
    const found: Occurrence[] = (image.config?.env ?? [])
      .filter((entry) => VARIABLES.test(entry))
      .map((entry) => ({ subject: `ENV ${entry}`, severity: 4 }));
    for (const instruction of instructions) {
      if (instruction.keyword !== 'RUN') continue;
      const commands = commandsOf(instruction);
      for (const [what, pattern] of SWITCHES) {
        if (commands.some((command) => pattern.test(command))) found.push({ subject: what, layer: instruction.layer });
      }
    }
    return found;
  },
};
export default rule;
