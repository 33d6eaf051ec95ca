import type { EntityOf } from './entity.ts';
import { containersOf, hostOf, imagesOf, repoOf } from './fields/assets.ts';
import { visibility } from './scope.ts';

export const events: EntityOf = ({ scoped }) => {
  const see = visibility(scoped);
  return {
    name: 'events',
    table: {
      entity: 'events',
      freeText: ['message', 'kind', 'host.name'],
      fields: [
        { name: 'time', aliases: ['at', 'date', 'created'], type: 'date', sql: 'e.at', description: 'When it happened', example: 'time>now-1h' },
        { name: 'kind', aliases: ['type'], type: 'keyword', sql: 'e.kind', groupable: true, description: 'What happened: container-started, image-pulled, sensor-away…', example: 'kind:container-*' },
        { name: 'severity', aliases: ['level'], type: 'severity', sql: 'e.severity', groupable: true, description: 'From 1, minimal, to 5, urgent', example: 'severity>=4' },
        { name: 'message', type: 'text', sql: 'e.message', description: 'What happened, in words', example: 'message:"out of memory"' },
        { name: 'containerId', type: 'keyword', sql: 'e.container_id', description: 'The engine’s container id', example: 'containerId:4f53cda1*' },
        { name: 'imageId', type: 'keyword', sql: 'e.image_id', description: 'Image ID', example: 'imageId:sha256\\:4f53cda1*' },
        { name: 'hostId', type: 'keyword', sql: 'e.host_id::text', description: 'Id of the host here', example: 'hostId:7c9e6679-7425-40de-944b-e07fc1f90ae7' },
        hostOf('e.host_id', 'hosts nh', `nh.id = @ and ${see.host('nh.id')}`),
        containersOf('e.container_id', 'containers nc', `nc.container_id = @ and ${see.container('nc.id')}`),
        imagesOf('image', 'e.image_id', 'images ni', `ni.image_id = @ and ${see.image('ni.id')}`, [repoOf('ni.id')]),
      ],
    },
    // Left joins on unique columns: PostgreSQL drops those that a statement does not read.
    from: 'events e left join hosts h on h.id = e.host_id left join containers c on c.container_id = e.container_id left join images i on i.image_id = e.image_id',
    key: 'e.id',
    keyType: 'bigint',
    vast: true,
    id: 'e.id::text',
    present: 'true',
    visible: scoped
      ? `(${see.host('e.host_id')} or e.container_id in (select container_id from visible_containers)
        or e.host_id is null and e.container_id is null and e.image_id in (select image_id from visible_images))`
      : 'true',
    columns: `e.id::text as id, e.at as time, e.kind, e.severity, e.message, e.host_id as "hostId", h.name as host, e.container_id as "containerId",
      c.name as container, e.image_id as "imageId", i.name as image, e.detail`,
    sort: '-time',
    facets: [
      { name: 'kind', title: 'Kind', field: 'kind', few: true },
      { name: 'severity', title: 'Severity', field: 'severity', few: true },
      { name: 'host', title: 'Host', field: 'host.name', through: { anchor: 'e.host_id', from: 'hosts fh', on: `fh.id = @ and ${see.host('fh.id')}`, value: 'fh.name' } },
    ],
    since: 'e.at',
    // Counted on its own day alone.
    until: "e.at + interval '1 day'",
  };
};
