import ageSecretKey from './age-secret-key.ts';
import anthropicKey from './anthropic-key.ts';
import assignedSecret from './assigned-secret.ts';
import atlassianToken from './atlassian-token.ts';
import awsAccessKeyId from './aws-access-key-id.ts';
import awsSecretAccessKey from './aws-secret-access-key.ts';
import azureClientSecret from './azure-client-secret.ts';
import azureSasToken from './azure-sas-token.ts';
import azureStorageKey from './azure-storage-key.ts';
import databricksToken from './databricks-token.ts';
import derPrivateKey from './der-private-key.ts';
import digitaloceanToken from './digitalocean-token.ts';
import discordToken from './discord-token.ts';
import discordWebhook from './discord-webhook.ts';
import dockerConfigAuth from './docker-config-auth.ts';
import dopplerToken from './doppler-token.ts';
import gcpApiKey from './gcp-api-key.ts';
import gcpServiceAccount from './gcp-service-account.ts';
import githubFineGrainedToken from './github-fine-grained-token.ts';
import githubToken from './github-token.ts';
import gitlabToken from './gitlab-token.ts';
import grafanaToken from './grafana-token.ts';
import groqKey from './groq-key.ts';
import herokuKey from './heroku-key.ts';
import herokuLegacyKey from './heroku-legacy-key.ts';
import htpasswd from './htpasswd.ts';
import huggingFaceToken from './hugging-face-token.ts';
import jwt from './jwt.ts';
import kubeconfigClientKey from './kubeconfig-client-key.ts';
import linearKey from './linear-key.ts';
import netlifyToken from './netlify-token.ts';
import netrc from './netrc.ts';
import newRelicKey from './new-relic-key.ts';
import npmToken from './npm-token.ts';
import npmrcAuth from './npmrc-auth.ts';
import openaiKey from './openai-key.ts';
import pgpass from './pgpass.ts';
import postmanKey from './postman-key.ts';
import privateKey from './private-key.ts';
import pulumiToken from './pulumi-token.ts';
import puttyPrivateKey from './putty-private-key.ts';
import pypiToken from './pypi-token.ts';
import railsMasterKey from './rails-master-key.ts';
import rubygemsKey from './rubygems-key.ts';
import sendgridKey from './sendgrid-key.ts';
import sentryToken from './sentry-token.ts';
import shadowPassword from './shadow-password.ts';
import shopifyToken from './shopify-token.ts';
import slackToken from './slack-token.ts';
import slackWebhook from './slack-webhook.ts';
import stripeKey from './stripe-key.ts';
import tailscaleKey from './tailscale-key.ts';
import telegramBotToken from './telegram-bot-token.ts';
import terraformCloudToken from './terraform-cloud-token.ts';
import twilioKey from './twilio-key.ts';
import urlCredentials from './url-credentials.ts';
import vaultLegacyToken from './vault-legacy-token.ts';
import vaultToken from './vault-token.ts';
import type { SecretRule } from '../rule.ts';

/**
 * All rules, the more telling before the less: where two claim the same bytes, the earlier one is kept.
 * A rule is one file in this folder and one line here.
 */
export const SECRET_RULES: readonly SecretRule[] = [
  gcpServiceAccount,
  kubeconfigClientKey,
  dockerConfigAuth,
  privateKey,
  derPrivateKey,
  puttyPrivateKey,
  ageSecretKey,
  anthropicKey,
  atlassianToken,
  awsAccessKeyId,
  awsSecretAccessKey,
  azureClientSecret,
  azureSasToken,
  azureStorageKey,
  databricksToken,
  digitaloceanToken,
  discordToken,
  discordWebhook,
  dopplerToken,
  gcpApiKey,
  githubFineGrainedToken,
  githubToken,
  gitlabToken,
  grafanaToken,
  groqKey,
  herokuKey,
  herokuLegacyKey,
  htpasswd,
  huggingFaceToken,
  jwt,
  linearKey,
  netlifyToken,
  netrc,
  newRelicKey,
  npmToken,
  openaiKey,
  pgpass,
  postmanKey,
  pulumiToken,
  pypiToken,
  railsMasterKey,
  rubygemsKey,
  sendgridKey,
  sentryToken,
  shadowPassword,
  shopifyToken,
  slackToken,
  slackWebhook,
  stripeKey,
  tailscaleKey,
  telegramBotToken,
  terraformCloudToken,
  twilioKey,
  vaultLegacyToken,
  vaultToken,
  npmrcAuth,
  urlCredentials,
  assignedSecret,
];
