import { InputError } from '@plimsoll/model';
import type { Caller, Handlers } from '../context.ts';
import { forbidden } from '../http/problems.ts';
import { enrolSensor, renewCredential, type SensorIdentity } from '../ingest/credentials.ts';
import { takeReport } from '../ingest/report.ts';
import { takeWork } from '../ingest/work.ts';

/** What sensors say for themselves. */
export const handlers = {
  async sensorEnrol({ body, request, services }) {
    try {
      const enrolment = await enrolSensor(services.db, body);
      request.auditNote = { actor: `sensor ${body.name}`, subject: enrolment.hostId, detail: { host: body.name } };
      services.live.publish({ topic: 'hosts', ids: [enrolment.hostId] });
      services.live.publish({ topic: 'sensors', ids: [enrolment.sensorId] });
      services.live.publish({ topic: 'events' });
      return enrolment;
    } catch (error) {
      if (error instanceof InputError && error.code === 'enrolment-refused') throw forbidden(error.message, error.code);
      throw error;
    }
  },

  async sensorRenew({ caller, services }) {
    return renewCredential(services.db, identityOf(caller).sensorId);
  },

  async sensorReport({ caller, body, services }) {
    return takeReport(services, identityOf(caller), body);
  },

  async sensorWork({ caller, body, query, request, reply, services }) {
    const gone = new AbortController();
    const onClose = () => gone.abort();
    reply.raw.once('close', onClose);
    try {
      return await takeWork(services, identityOf(caller), body, query.wait, AbortSignal.any([gone.signal, request.server.stopping]));
    } finally {
      reply.raw.off('close', onClose);
    }
  },
} satisfies Partial<Handlers>;

function identityOf(caller: Caller): SensorIdentity {
  if (caller.kind !== 'sensor' || caller.hostId === null) throw forbidden('Only a sensor may say this, by its own credential.', 'not-a-sensor');
  return { sensorId: caller.id, hostId: caller.hostId, hostName: caller.name };
}
