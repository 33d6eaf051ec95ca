import { InputError } from '@plimsoll/model';
import type { Log } from '../options.ts';
import type { Spool } from '../spool/spool.ts';
import { Backoff } from './backoff.ts';
import { ServerAway, ServerRefuses, type ServerClient } from './server-client.ts';

/** The most that goes in one request; the server takes 500 messages. */
const MAX_MESSAGES = 500;
const MAX_BYTES = 8 * 1024 * 1024;

/**
 * Brings the spool's messages to the server, oldest first, for as long as the signal lets it.
 * While the server is away it tries again, at most 30 s apart.
 * @throws InputError `sensor-revoked`
 */
export async function sendAll(spool: Spool, client: ServerClient, log: Log, signal: AbortSignal): Promise<void> {
  const backoff = new Backoff();
  let away = false;
  let most = MAX_MESSAGES;
  while (!signal.aborted) {
    await spool.filled(signal);
    const batch = spool.peek(most, MAX_BYTES);
    if (batch.messages.length === 0 || signal.aborted) continue;
    try {
      const acked = await client.report(spool.epoch, batch.messages, signal);
      if (!spool.acknowledge(acked)) {
        log('warn', 'The server has more of this sensor than its spool ever held: the state folder was set back. Numbering anew.');
        spool.renew();
      } else if (acked < batch.lastSeq) {
        throw new ServerAway(`the server took messages up to ${acked} only, of ${batch.lastSeq}`);
      }
      if (away) log('info', 'The server answers again.', { waiting: spool.length });
      away = false;
      most = Math.min(MAX_MESSAGES, most * 2);
      backoff.succeeded();
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof InputError) throw error;
      if (error instanceof ServerRefuses && [400, 413, 422].includes(error.status)) {
        // One message that the server cannot take must not hold up the others: smaller batches find it.
        const first = batch.messages[0]!;
        if (batch.messages.length > 1) most = Math.max(1, batch.messages.length >> 1);
        else {
          log('error', `The server refuses a message; it is left out: ${error.message}`, { kind: first.body.kind });
          spool.refuse(first.seq, `The server refused a message (${first.body.kind}): ${error.message}`);
        }
        continue;
      }
      if (!away) log('warn', `${error instanceof Error ? error.message : String(error)}; messages are kept on disk until it does.`);
      away = true;
      await backoff.wait(signal, error instanceof ServerAway ? error.retryAfter : 0);
    }
  }
}
