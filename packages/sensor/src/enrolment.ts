import { InputError } from '@plimsoll/model';
import { Backoff } from './client/backoff.ts';
import { ServerAway, ServerRefuses, type ServerClient } from './client/server-client.ts';
import type { Log } from './options.ts';
import { tokenHash, type Identity, type StateDir } from './state/state-dir.ts';

export interface EnrolmentOptions {
  state: StateDir;
  client: ServerClient;
  token: string | undefined;
  machine: { id: string; from: 'machine' | 'engine' | 'state' };
  name: string;
  version: string;
  log: Log;
}

/**
 * Who this sensor is: as it was kept, or by enrolling with the token. A server that is away is waited for.
 * @returns undefined when the signal was aborted before
 * @throws InputError `token-missing`, `enrolment-refused`, `state-of-other-machine`
 */
export async function enrol(options: EnrolmentOptions, signal: AbortSignal): Promise<Identity | undefined> {
  const { state, client, token, machine, name, version, log } = options;
  const known = state.readIdentity();
  if (known && (token === undefined || known.token === tokenHash(token))) {
    // A disk that was copied to a new machine brings the credential along; two hosts must not speak as one.
    if (machine.from === 'machine' && /^[0-9a-f]{32}$/.test(known.machineId) && known.machineId !== machine.id) {
      throw new InputError('state-of-other-machine', `the state folder ${state.path} belongs to another machine (machine id ${known.machineId}, here ${machine.id}): it was copied; remove it and start the sensor with a new enrolment token`);
    }
    return known;
  }
  if (token === undefined) {
    throw new InputError('token-missing', 'this sensor is not enrolled yet: make an enrolment token in the console under Configuration → Sensors and start it with --token TOKEN');
  }
  const backoff = new Backoff();
  let away = false;
  while (!signal.aborted) {
    try {
      const { credential, renewAfter, sensorId, hostId } = await client.enrol({ token, machineId: machine.id, name, version }, signal);
      const identity = { credential, renewAfter, sensorId, hostId, machineId: machine.id, token: tokenHash(token) };
      state.writeIdentity(identity);
      log('info', `Enrolled as ${name}.`, { sensor: sensorId });
      return identity;
    } catch (error) {
      if (signal.aborted) return undefined;
      if (error instanceof ServerRefuses) {
        throw new InputError('enrolment-refused', `${error.message}; a token works until it expires and for as many sensors as it was made for: make a new one in the console under Configuration → Sensors`, { cause: error });
      }
      if (!(error instanceof ServerAway)) throw error;
      if (!away) log('warn', `${error.message}; trying again until it does.`);
      away = true;
      await backoff.wait(signal, error.retryAfter);
    }
  }
  return undefined;
}
