import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sensorCommands } from './commands.ts';

const DEPLOY = join(import.meta.dirname, '../../../../deploy');
const commands = sensorCommands('https://plimsoll.example.org', 'ple_secret', '0.1.0');

/** Words as a shell without variables and substitutions would see them. */
const words = (command: string) => command.replace(/\\\n/g, ' ').split(/\s+/);

describe('the commands by which a sensor is added', () => {
  it('keep the token out of the arguments that other users see', () => {
    const [own] = commands;
    expect(own!.command).toBe("PLIMSOLL_TOKEN='ple_secret' npx plimsoll sensor --server 'https://plimsoll.example.org'");
    for (const { command } of commands) expect(command).not.toContain('--token');
  });

  it('give a container the socket and nothing that it can do without', () => {
    const [, container, withHost] = commands.map(({ command }) => words(command));
    for (const part of ['--read-only', '--cap-drop', 'no-new-privileges', '/var/run/docker.sock:/var/run/docker.sock']) expect(container).toContain(part);
    expect(container!.slice(-2)).toEqual(['plimsoll:0.1.0', 'sensor']);
    for (const part of ['--privileged', '--pid', '--user', '/:/host:ro']) expect(container).not.toContain(part);
    expect(withHost).toContain('/:/host:ro');
    expect(withHost!.slice(-4)).toEqual(['plimsoll:0.1.0', 'sensor', '--host-root', '/host']);
  });

  it('run in Kubernetes what deploy/sensor/daemonset.yaml has, but for names of its reader', () => {
    const file = readFileSync(join(DEPLOY, 'sensor/daemonset.yaml'), 'utf8').split('\n').filter((line) => !line.startsWith('#') && !line.includes('PLIMSOLL_CLUSTER'));
    const shown = commands[3]!.command.split('\n---\n').at(-1)!.replace(/END$/, '').split('\n').map((line) => line.replace(/"(plimsoll:0.1.0|https:\/\/plimsoll.example.org)"/, '$1'));
    expect(shown.map((line) => line.trimEnd())).toEqual(file.map((line) => line.trimEnd()));
  });

  it('name the image as compose.yaml does and as it is built', () => {
    const { version } = JSON.parse(readFileSync(join(DEPLOY, '../package.json'), 'utf8')) as { version: string };
    const image = words(sensorCommands('https://x', 't', version)[1]!.command).at(-2)!;
    for (const file of ['compose.yaml', 'Dockerfile', 'sensor/daemonset.yaml']) expect(readFileSync(join(DEPLOY, file), 'utf8')).toContain(image);
  });
});
