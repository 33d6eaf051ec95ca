import type { KnownProgram } from './program.ts';

/** The Erlang application file of RabbitMQ's main application: `{vsn, "3.12.4"}`. */
export const rabbitmq: KnownProgram = {
  name: 'rabbitmq',
  kind: 'text',
  basenames: ['rabbit.app'],
  version: (file) => /\{\s{0,8}vsn\s{0,8},\s{0,8}"(\d{1,2}\.\d{1,3}\.\d{1,3})[^"]{0,64}"/.exec(file.text.slice(0, 64 * 1024))?.[1],
};
