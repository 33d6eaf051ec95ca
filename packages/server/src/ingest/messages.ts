import { InputError } from '@plimsoll/model';
import type { Activity, MessageBody } from '@plimsoll/model/api';
import sql from 'sql-template-tag';
import { takeContainerGone, takeContainers } from './containers.ts';
import { takeHost } from './hosts.ts';
import { takeImageGone, takeImages } from './images.ts';
import { type ReadSbom, storeSbom } from './sboms.ts';
import { changed, type Taking } from './taking.ts';
import { believable, isSmall, lostCount, plain } from './values.ts';

export const MAX_ATTEMPTS = 3;

/**
 * Writes what one message says. `read` is the message's SBOM, unpacked.
 * @throws InputError when its content cannot be taken; anything else is the database's failure.
 */
export async function takeMessage(taking: Taking, body: MessageBody, read: ReadSbom | undefined): Promise<void> {
  switch (body.kind) {
    case 'host':
      return takeHost(taking, body.host);
    case 'host-sbom':
      return takeHostSbom(taking, read!);
    case 'images':
      return takeImages(taking, body.images, true);
    case 'image':
      return takeImages(taking, [body.image], false);
    case 'image-gone':
      return takeImageGone(taking, body.imageId);
    case 'containers':
      await takeContainers(taking, body.containers, true);
      // Host and images came before, the containers are the last of a snapshot.
      await taking.tx.run(sql`update sensors set wants_snapshot = false, snapshot_asked_at = null where id = ${taking.sensor.sensorId} and wants_snapshot`);
      return;
    case 'container':
      return takeContainers(taking, [body.container], false);
    case 'container-gone':
      return takeContainerGone(taking, body.containerId);
    case 'sbom':
      return takeImageSbom(taking, body.imageId, read!);
    case 'scan-failed':
      return takeScanFailure(taking, body.imageId, body.reason);
    case 'activity':
      return takeActivity(taking, body.events);
    case 'gap':
      return takeGap(taking, body);
  }
}

async function takeHostSbom({ tx, sensor, at, effects }: Taking, read: ReadSbom): Promise<void> {
  const { sbomId, replaced } = await storeSbom(tx, { packed: read, hostId: sensor.hostId, at });
  await tx.run(sql`update sensors set wants_host_scan = false, host_scan_asked_at = null where id = ${sensor.sensorId}`);
  effects.matches.push({ sbomId, cause: replaced ? 'changed-packages' : 'new-host' });
  changed(effects, 'hosts', [sensor.hostId]);
}

/** Only of images that the host has, or had: a sensor cannot speak for what it never saw. */
async function takeImageSbom({ tx, sensor, at, effects }: Taking, imageId: string, read: ReadSbom): Promise<void> {
  const held = await tx.one(sql`
    select from image_hosts h join images i on i.id = h.image_id where i.image_id = ${imageId} and h.host_id = ${sensor.hostId}`);
  if (!held) throw new InputError('sbom-of-foreign-image', `The host never reported the image ${imageId} of this SBOM.`);
  const { sbomId, fresh, replaced } = await storeSbom(tx, { packed: read, imageId, at });
  if (!fresh) return;
  effects.matches.push({ sbomId, cause: replaced ? 'changed-packages' : 'new-image' });
  changed(effects, 'images', [imageId]);
}

/** The image is tried again later, up to three times; one whose SBOM there is keeps it. */
export async function takeScanFailure({ tx, sensor, at, effects }: Pick<Taking, 'tx' | 'sensor' | 'at' | 'effects'>, imageId: string, reason: string): Promise<void> {
  const failed = await tx.run(sql`
    update images i set leased_to = null, leased_until = null,
      scan_state = case when sbom_id is null then 'failed' else scan_state end,
      scan_reason = case when sbom_id is null then ${plain(reason)} else scan_reason end,
      scan_state_at = ${at}::timestamptz,
      attempts = greatest(attempts, 1),
      wants_scan = wants_scan and attempts < ${MAX_ATTEMPTS}
    where image_id = ${imageId} and exists (select from image_hosts h where h.image_id = i.id and h.host_id = ${sensor.hostId})
      and (sbom_id is null or wants_scan)`);
  if (failed > 0) changed(effects, 'images', [imageId]);
}

/** A container of another host is not named: what happened to it only its own host can say. */
async function takeActivity({ tx, sensor, at, effects }: Taking, activity: readonly Activity[]): Promise<void> {
  const named = [...new Set(activity.flatMap(({ containerId }) => containerId ?? []))];
  const rows = await tx.query<{ id: string }>(sql`select container_id as id from containers where container_id = any(${named}) and host_id <> ${sensor.hostId}`);
  const foreign = new Set(rows.map(({ id }) => id));
  for (const event of activity) {
    effects.events.push({
      at: believable(event.time, at),
      kind: event.kind,
      severity: event.severity,
      message: event.message,
      hostId: sensor.hostId,
      containerId: event.containerId !== null && foreign.has(event.containerId) ? null : event.containerId,
      imageId: event.imageId,
      detail: isSmall(event.detail) ? event.detail : {},
    });
  }
}

async function takeGap({ tx, sensor, at, effects }: Taking, gap: Extract<MessageBody, { kind: 'gap' }>): Promise<void> {
  const [from, to] = [believable(gap.from, at), believable(gap.to, at)];
  const dropped = lostCount(gap.dropped);
  await tx.run(sql`
    insert into sensor_gaps (sensor_id, from_at, to_at, dropped, reason)
    values (${sensor.sensorId}, ${from}, ${to < from ? from : to}, ${dropped}, ${plain(gap.reason)})`);
  const lost = dropped > 0 ? `: ${dropped} messages were lost` : '';
  effects.events.push({ at, kind: 'sensor-gap', severity: 3, message: `${sensor.hostName} was not seen whole for a time${lost}. ${gap.reason}`, hostId: sensor.hostId, detail: { from: from.toISOString(), to: to.toISOString(), dropped } });
  changed(effects, 'sensors', [sensor.sensorId]);
}
