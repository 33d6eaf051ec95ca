import sql from 'sql-template-tag';
import type { FieldTable } from './fields.ts';

/** A table of things with a field of each type; `parts` are objects in a table of their own. */
export const THINGS: FieldTable = {
  entity: 'things',
  freeText: ['title', 'state', 'part.name', 'address'],
  fields: [
    { name: 'title', type: 'text', sql: 't.title', description: 'Its title', aliases: ['name'], example: 'title:nginx' },
    { name: 'state', type: 'keyword', sql: 't.state', description: 'Its state', values: ['running', 'exited', 'paused'], groupable: true },
    { name: 'provider', type: 'keyword', sql: 't.provider', description: 'Its cloud', groupable: true },
    { name: 'tags', type: 'keyword', sql: 't.tags', array: true, description: 'Its tags', groupable: true },
    { name: 'size', type: 'number', sql: 't.size', description: 'Bytes' },
    { name: 'score', type: 'number', sql: 't.score', description: 'From 0 to 10' },
    { name: 'created', type: 'date', sql: 't.created', description: 'When it was made' },
    { name: 'isDockerHost', type: 'boolean', sql: 't.docker', description: 'Runs containers' },
    { name: 'version', type: 'version', sql: 't.version', description: 'Its version' },
    { name: 'label', type: 'label', sql: 't.labels', description: 'Its labels', aliases: ['labels'] },
    { name: 'severity', type: 'severity', sql: 't.severity', description: 'How bad' },
    { name: 'address', type: 'address', sql: 't.addresses', array: true, description: 'Its addresses' },
    { name: 'gateway', type: 'address', sql: 't.gateway', description: 'One address' },
    {
      name: 'part',
      aliases: ['parts', 'software'],
      type: 'object',
      description: 'What it is made of',
      main: 'name',
      match: (condition) => sql`exists (select from parts p where p.thing = t.id and ${condition})`,
      fields: [
        { name: 'name', type: 'keyword', sql: 'p.name', description: 'The part’s name' },
        { name: 'version', type: 'version', sql: 'p.version', description: 'The part’s version' },
        { name: 'severity', type: 'severity', sql: 'p.severity', description: 'The part’s severity' },
      ],
    },
    {
      name: 'repo',
      type: 'object',
      description: 'Where it comes from',
      match: (condition) => sql`exists (select from repos r where r.thing = t.id and ${condition})`,
      fields: [
        { name: 'registry', type: 'keyword', sql: 'r.registry', description: 'The registry' },
        { name: 'repository', type: 'text', sql: 'r.repository', description: 'The repository' },
      ],
    },
  ],
};
