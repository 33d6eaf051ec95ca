import type { KnownProgram } from './program.ts';

/** The server name that Node.js's inspector gives; distributions put nearly all of node into libnode. */
export const node: KnownProgram = {
  name: 'node',
  basenames: ['node', 'nodejs', /^libnode\.so(?:\.\d+)?$/],
  version: (file) => file.find('node.js/v', /^node\.js\/v(\d{1,3}\.\d{1,3}\.\d{1,3})/),
};
