import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomText as random } from './random-text.fixtures.ts';
import { SECRET_RULES } from './rules/index.ts';
import { scanForSecrets } from './scan.ts';

const scan = (path: string, text: string): string[] => scanForSecrets(path, Buffer.from(text, 'latin1')).map((s) => s.rule);

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const ed = generateKeyPairSync('ed25519');
const pkcs8 = rsa.export({ type: 'pkcs8', format: 'pem' }).toString();

function openSsh(cipher: string): string {
  const name = Buffer.alloc(4 + cipher.length);
  name.writeUInt32BE(cipher.length);
  name.write(cipher, 4);
  const body = Buffer.concat([Buffer.from('openssh-key-v1\0'), name, Buffer.from(random('base62', 300))]).toString('base64');
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${body.match(/.{1,70}/g)!.join('\n')}\n-----END OPENSSH PRIVATE KEY-----\n`;
}

const b64 = (text: string): string => Buffer.from(text).toString('base64');
const jwt = (header: object, payload: object): string =>
  [header, payload].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.') + '.' + random('base64url', 43);

/** Rule, path, content that must be found. */
const FOUND: [rule: string, path: string, text: string][] = [
  ['private-key', 'app/key.pem', pkcs8],
  ['private-key', 'root/.ssh/id_rsa', rsa.export({ type: 'pkcs1', format: 'pem' }).toString()],
  ['private-key', 'app/ec.pem', ec.export({ type: 'sec1', format: 'pem' }).toString()],
  ['private-key', 'app/ed.pem', ed.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()],
  ['private-key', 'root/.ssh/id_ed25519', openSsh('none')],
  ['private-key', 'app/config.json', JSON.stringify({ key: pkcs8 })],
  ['private-key', 'app/config.yaml', `key: |\n${pkcs8.replace(/^/gm, '    ')}`],
  ['private-key', 'app/x.js', `const k = '${pkcs8.trim().split('\n').join("\\n' +\n  '")}';`],
  ['private-key-der', 'app/server.key', ec.export({ type: 'pkcs8', format: 'der' }).toString('latin1')],
  ['putty-private-key', 'home/a/k.ppk', `PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nComment: x\nPublic-Lines: 2\n${random('base64', 64)}\n${random('base64', 20)}\nPrivate-Lines: 1\n${random('base64', 44)}\nPrivate-MAC: ${random('hex', 64)}\n`],
  ['aws-access-key-id', 'root/.aws/credentials', `aws_access_key_id = AKIA${random('upper32', 16)}\n`],
  ['aws-secret-access-key', 'root/.aws/credentials', `aws_secret_access_key = ${random('base64', 40)}\n`],
  ['aws-secret-access-key', 'app/c.json', `{"SecretAccessKey": "${random('base64', 40)}"}`],
  ['gcp-service-account-key', 'app/sa.json', JSON.stringify({ type: 'service_account', project_id: 'p', private_key: pkcs8, client_email: 'ci@p.iam.gserviceaccount.com' })],
  ['gcp-api-key', 'app/a.js', `key="AIza${random('base64url', 35, 'g')}"`],
  ['azure-storage-key', 'app/a.config', `DefaultEndpointsProtocol=https;AccountName=acme;AccountKey=${random('base64', 86)}==;EndpointSuffix=core.windows.net`],
  ['azure-client-secret', 'app/.env', `AZURE_CLIENT_SECRET=${random('base62', 3)}8Q~${random('base62', 34)}`],
  ['azure-sas-token', 'app/u.txt', `https://acme.blob.core.windows.net/c?sv=2022-11-02&sp=r&se=2030-01-01&sig=${random('base64', 43)}%3D`],
  ['github-token', 'app/.env', `T=ghp_${random('base62', 36)}`],
  ['github-token', 'app/a.json', `"x\\nghs_${random('base62', 36)}"`],
  ['github-fine-grained-token', 'app/.env', `T=github_pat_${random('base62', 22)}_${random('base62', 59)}`],
  ['gitlab-token', 'app/.env', `T=glpat-${random('base64url', 20)}`],
  ['slack-token', 'app/.env', `T=xoxb-${random('upper', 12, '1').replace(/\D/g, '7')}-1234905678901-${random('base62', 24)}`],
  ['slack-webhook', 'app/a.yml', `url: https://hooks.slack.com/services/T0${random('upper', 8)}/B0${random('upper', 8)}/${random('base62', 24)}`],
  ['stripe-live-key', 'app/.env', `K=sk_live_${random('base62', 24)}`],
  ['npm-token', 'root/.npmrc', `//registry.internal/:_authToken=npm_${random('base62', 36)}`],
  ['npmrc-auth', 'root/.npmrc', `//registry.internal/:_authToken=${random('hex', 8)}-${random('hex', 12)}-${random('hex', 12, '2')}`],
  ['pypi-token', 'root/.pypirc', `password = pypi-AgEIcHlwaS5vcmc${random('base64url', 150)}`],
  ['docker-config-auth', 'root/.docker/config.json', JSON.stringify({ auths: { 'r.internal': { auth: b64(`ci:${random('base62', 20)}`) } } })],
  ['docker-config-auth', 'root/.dockercfg', JSON.stringify({ 'r.internal': { auth: b64('deploy:s3cr3t-pw'), email: 'a@b.c' } })],
  ['twilio-key', 'app/.env', `TWILIO_AUTH_TOKEN=${random('hex', 32)}`],
  ['sendgrid-api-key', 'app/.env', `KEY=SG.${random('base64url', 22)}.${random('base64url', 43)}`],
  ['jwt', 'app/t.txt', jwt({ alg: 'RS256', typ: 'JWT' }, { sub: 'svc', iss: 'acme' })],
  ['vault-token', 'app/.env', `VAULT_TOKEN=hvs.${random('base64url', 90)}`],
  ['vault-legacy-token', 'app/.env', `VAULT_TOKEN=s.${random('base62', 24)}`],
  ['digitalocean-token', 'app/.env', `DO=dop_v1_${random('hex', 64)}`],
  ['hugging-face-token', 'app/.env', `HF_TOKEN=hf_${random('base62', 34)}`],
  ['openai-api-key', 'app/.env', `OPENAI_API_KEY=sk-proj-${random('base64url', 60)}T3BlbkFJ${random('base64url', 60, '2')}`],
  ['anthropic-api-key', 'app/.env', `K=sk-ant-api03-${random('base64url', 93)}AA`],
  ['heroku-api-key', 'app/.env', `K=HRKU-AA${random('base64url', 58)}`],
  ['heroku-legacy-key', 'app/.env', `HEROKU_API_KEY=${[8, 4, 4, 4, 12].map((n) => random('hex', n, `h${n}`)).join('-')}`],
  ['shopify-token', 'app/.env', `K=shpat_${random('hex', 32)}`],
  ['telegram-bot-token', 'app/.env', `BOT=7123904561:AAF${random('base64url', 32)}`],
  ['discord-bot-token', 'app/.env', `DISCORD_TOKEN=${Buffer.from('712390456172390456').toString('base64url')}.${random('base64url', 6)}.${random('base64url', 38)}`],
  ['discord-webhook', 'app/.env', `W=https://discord.com/api/webhooks/712390456172390456/${random('base64url', 68)}`],
  ['netlify-token', 'app/.env', `N=nfp_${random('base62', 36)}`],
  ['grafana-token', 'app/.env', `G=glsa_${random('base62', 32)}_${random('hex', 8)}`],
  ['databricks-token', 'app/.env', `D=dapi${random('hex', 32)}`],
  ['new-relic-key', 'app/.env', `N=NRAK-${random('upper', 27)}`],
  ['age-secret-key', 'app/age.txt', `AGE-SECRET-KEY-1${random('bech32', 58)}`],
  ['rubygems-api-key', 'root/.gem/credentials', `:k: rubygems_${random('hex', 48)}`],
  ['postman-api-key', 'app/.env', `P=PMAK-${random('hex', 24)}-${random('hex', 34)}`],
  ['doppler-token', 'app/.env', `D=dp.st.prd.${random('base62', 43)}`],
  ['atlassian-api-token', 'app/.env', `A=ATATT3${random('base64url', 190)}`],
  ['tailscale-key', 'app/.env', `T=tskey-auth-${random('base62', 17)}-${random('base62', 32)}`],
  ['sentry-auth-token', 'app/.env', `S=sntryu_${random('hex', 64)}`],
  ['pulumi-access-token', 'app/.env', `P=pul-${random('hex', 40)}`],
  ['linear-api-key', 'app/.env', `L=lin_api_${random('base62', 40)}`],
  ['groq-api-key', 'app/.env', `G=gsk_${random('base62', 52)}`],
  ['terraform-cloud-token', 'root/.terraformrc', `token = "${random('base62', 14)}.atlasv1.${random('base62', 67)}"`],
  ['kubeconfig-client-key', 'root/.kube/config', `    client-key-data: ${b64(pkcs8)}\n`],
  ['url-credentials', 'app/.git/config', 'url = https://deploy:Zk93hs1LpQ@git.internal/acme.git'],
  ['url-credentials', 'app/.env', 'DATABASE_URL=postgres://svc:h7Gk29dTw@db.internal:5432/app'],
  ['htpasswd-hash', 'etc/nginx/.htpasswd', `admin:$apr1$${random('base62', 8)}$${random('base62', 22)}\n`],
  ['htpasswd-hash', 'etc/nginx/htpasswd', `admin:$2y$05$${random('base62', 53)}\n`],
  ['shadow-password-hash', 'etc/shadow', `root:$6$${random('base62', 16)}$${random('base62', 86)}:19000:0:99999:7:::\n`],
  ['netrc-password', 'root/.netrc', 'machine git.internal\n  login ci\n  password h7Gk29dTw\n'],
  ['pgpass-password', 'root/.pgpass', 'db.internal:5432:*:svc:h7Gk29dTw\n'],
  ['rails-master-key', 'app/config/master.key', random('hex', 32)],
  ['assigned-secret', 'app/.env', `SESSION_SECRET=${random('base62', 32)}`],
  ['assigned-secret', 'app/application.yml', `spring:\n  datasource:\n    password: "Tr0ub4dor&3x9"\n`],
  ['assigned-secret', 'app/settings.py', `SECRET_KEY = '${random('base62', 50)}'`],
  ['assigned-secret', 'app/wp-config.php', `define('DB_PASSWORD', 'h7Gk29dTw!qz');`],
  ['assigned-secret', 'app/appsettings.json', `{"ApiKey": "${random('hex', 40)}"}`],
];

describe('scanForSecrets', () => {
  it.each(FOUND)('finds %s in %s', (rule, path, text) => {
    expect(scan(path, text)).toEqual([rule]);
    // Also in the middle of a larger file, where the place and not the file's start must lead to it.
    if (!/private-key-der|putty|master-key/.test(rule)) expect(scan(path, `# first line\n\n${text}\nlast=1\n`)).toContain(rule);
  });

  it('has an example here for every rule', () => {
    const shown = new Set(FOUND.map(([rule]) => rule));
    expect(SECRET_RULES.map((rule) => rule.id).filter((id) => !shown.has(id))).toEqual([]);
    expect(new Set(SECRET_RULES.map((rule) => rule.id)).size).toBe(SECRET_RULES.length);
  });

  it.each([
    ['a public key', 'app/k.pem', ed.publicKey.export({ type: 'spki', format: 'pem' }).toString()],
    ['an encrypted PKCS #8 key', 'app/k.pem', rsa.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' }).toString()],
    ['an encrypted PKCS #1 key', 'app/k.pem', rsa.export({ type: 'pkcs1', format: 'pem', cipher: 'aes-128-cbc', passphrase: 'x' }).toString()],
    ['an encrypted OpenSSH key', 'root/.ssh/id_rsa', openSsh('aes256-ctr')],
    ['a public key in DER', 'app/server.key', ed.publicKey.export({ type: 'spki', format: 'der' }).toString('latin1')],
    ['a key header alone', 'app/a.py', 'if line == "-----BEGIN RSA PRIVATE KEY-----":'],
    ['a shortened key', 'app/README', `-----BEGIN RSA PRIVATE KEY-----\n${random('base64', 64)}\n...\n-----END RSA PRIVATE KEY-----`],
    ["the AWS manual's keys", 'app/.env', 'aws_access_key_id=AKIAIOSFODNN7EXAMPLE\naws_secret_access_key=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'],
    ['a time zone', 'app/tz.txt', 'Asia/Tokyo Asia/Kathmandu AKIAalongword'],
    ['a made-up GitHub token', 'app/.env', 'T=ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'],
    ['a GitHub token of the alphabet', 'app/.env', 'T=ghp_abcdefghijklmnopqrstuvwxyz0123456789'],
    ['a token within a longer word', 'app/.env', `T=aaghp_${random('base62', 36)}`],
    ['a Stripe test key', 'app/.env', `K=${'sk_' + 'test_'}${random('base62', 24)}`],
    ["jwt.io's sample", 'app/t.js', `t = '${jwt({ alg: 'HS256' }, { sub: '1234567890', name: 'John Doe' })}'`],
    ['an unsigned token', 'app/t.js', `t = '${jwt({ alg: 'none' }, { sub: 'x' })}'`],
    ['references to secrets', 'app/.env', 'PASSWORD=${DB_PASSWORD}\nTOKEN=$TOKEN\nAPI_KEY={{ api_key }}\nSECRET=<your secret here>\n'],
    ['placeholders', 'app/.env', 'PASSWORD=changeme123!A\nAPI_KEY=your-api-key-goes-here-1\nSECRET_TOKEN=example-Secret-1234567\n'],
    ['words', 'app/de.json', '{"password": "Passwort", "token": "Authentifizierungstoken2"}'],
    ['code', 'app/a.ts', 'const token = getToken(request2);\nlet password = this.form.password2;\nconst secret = "oauth2-client-secret-name";'],
    ['settings about secrets', 'app/a.yml', 'token_url: https://idp.internal/oauth2/token\npassword_min_length: 12345678\nsecret_name: Ab3dE6gH9jK2mN5p'],
    ['UUIDs, dates and checksums', 'app/a.yml', `token: ${[8, 4, 4, 4, 12].map((n) => random('hex', n)).join('-')}\nsecret: sha256:${random('hex', 64)}\n`],
    ['a URL with a port', 'app/a.yml', 'url: http://registry.internal:5000/a@b\nproxy: http://user:pass@proxy:3128\n'],
    ['locked accounts', 'etc/shadow', 'root:*:19000:0:99999:7:::\ndaemon:!:19000::::::\nbin:!!:1::::::\n'],
    ['docker config without logins', 'root/.docker/config.json', '{"auths":{"r.internal":{}},"credsStore":"pass"}'],
    ['a fixture', 'app/node/test/fixtures/key.pem', pkcs8],
    ['test data', 'src/tls/testdata/key.pem', pkcs8],
    ['binary content', 'app/data', `\0\0\0${pkcs8}`],
    ['prose', 'app/README.md', `password: "Tr0ub4dor&3x9"`],
  ])('leaves out %s', (_what, path, text) => {
    expect(scan(path, text)).toEqual([]);
  });

  it('says line, mask and fingerprint, and never the secret', () => {
    const secret = `glpat-${random('base62', 20)}`;
    const [found] = scanForSecrets('app/.env', Buffer.from(`A=1\nB=2\nTOKEN=${secret}\n`));
    expect(found).toEqual({
      rule: 'gitlab-token',
      title: 'GitLab token',
      severity: 4,
      line: 3,
      masked: 'glpa**********************',
      fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
    });
    expect(JSON.stringify(found)).not.toContain(secret.slice(6));
  });

  it('gives the same fingerprint to the same secret anywhere', () => {
    const secret = `glpat-${random('base62', 20)}`;
    const [a] = scanForSecrets('a/.env', Buffer.from(`TOKEN=${secret}`));
    const [b] = scanForSecrets('b/c.yml', Buffer.from(`x: 1\ntoken: "${secret}"`));
    expect(a!.fingerprint).toBe(b!.fingerprint);
  });

  it('rates an AWS key with its secret above the id alone, and a session key below', () => {
    const id = `AKIA${random('upper32', 16)}`;
    const severity = (text: string): number => scanForSecrets('a/.env', Buffer.from(text))[0]!.severity;
    expect(severity(`id=${id}`)).toBe(3);
    expect(severity(`id=${id}\nkey=${random('base64', 40)}`)).toBe(5);
    expect(severity(`id=ASIA${id.slice(4)}`)).toBe(1);
  });

  it('tells real GitHub tokens from invented ones by their checksum', () => {
    // The checksum of thirty characters, worked out with Python: zlib.crc32 in base 62.
    const body = 'zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ';
    const severity = (token: string): number => scanForSecrets('a/.env', Buffer.from(`T=${token}`))[0]!.severity;
    expect(severity(`ghp_${body}0mLq17`)).toBe(5);
    expect(severity(`ghp_${body}0mLq18`)).toBe(1);
  });

  it('reports one finding where a specific and a general rule agree', () => {
    expect(scan('app/.env', `GITLAB_TOKEN=glpat-${random('base62', 20)}`)).toEqual(['gitlab-token']);
    expect(scan('app/.env', `API_KEY=AIza${random('base64url', 35, 'g')}`)).toEqual(['gcp-api-key']);
  });

  it('stops at a hundred secrets in a file', () => {
    const text = Array.from({ length: 500 }, (_, i) => `T=glpat-${random('base62', 20, String(i))}`).join('\n');
    expect(scan('a/.env', text)).toHaveLength(100);
  });

  it('takes any bytes under any name', () => {
    const word = fc.constantFrom('-----BEGIN RSA PRIVATE KEY-----', '-----END RSA PRIVATE KEY-----', 'eyJhbGciOi', '.', 'password=', '"auth": "', 'https://', ':', '@', '\n', '\0', 'AKIA', 'sig=', 'machine x password ', '::::');
    const path = fc.constantFrom('a/.env', '.netrc', 'x.key', 'root/.pgpass', 'etc/shadow', 'a/.htpasswd', 'a.js', 'a.json');
    fc.assert(
      fc.property(path, fc.array(fc.oneof(word, fc.string({ unit: 'binary' }))), (name, parts) => {
        for (const secret of scanForSecrets(name, Buffer.from(parts.join('')))) expect(secret.line).toBeGreaterThan(0);
      }),
      { numRuns: 500 },
    );
  });

  it.each(['password=', 'eyJhbGciOi', '-----BEGIN RSA PRIVATE KEY-----', 'https://a:', 'aws_secret', 'AKIA', '"auth": "AAAA', 'sig=', 'twilio ', 'token = "', 'a:'.repeat(50)])(
    'gets through a mebibyte of %s',
    (part) => {
      const text = part.repeat(Math.ceil((1024 * 1024) / part.length));
      for (const path of ['a/.env', 'root/.pgpass', 'root/.netrc', 'a/.htpasswd']) {
        expect(scanForSecrets(path, Buffer.from(text)).length).toBeLessThanOrEqual(100);
      }
    },
  );
});
