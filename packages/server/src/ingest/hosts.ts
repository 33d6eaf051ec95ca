import type { HostFacts } from '@plimsoll/model/api';
import sql from 'sql-template-tag';
import { changed, type Taking } from './taking.ts';
import { bigintOrNull, int4OrNull, plain, timeOrNull } from './values.ts';

/** Takes what the sensor says of its host. Which host that is was settled when it enrolled; the machine id here changes nothing. */
export async function takeHost(taking: Taking, facts: HostFacts): Promise<void> {
  const { tx, at, sensor, effects } = taking;
  const text = (value: string | null) => (value === null ? null : plain(value));
  const written = await tx.run(sql`
    update hosts set
      name = ${plain(facts.name) || sensor.hostName}, os = ${text(facts.os)}, os_name = ${text(facts.osName)}, os_version = ${text(facts.osVersion)},
      kernel = ${text(facts.kernel)}, architecture = ${text(facts.architecture)}, cpus = ${int4OrNull(facts.cpus)}, memory = ${bigintOrNull(facts.memory)},
      addresses = ${facts.addresses.map(plain)}, provider = ${facts.provider}, account = ${text(facts.account)}, region = ${text(facts.region)},
      instance = ${text(facts.instance)}, instance_type = ${text(facts.instanceType)}, last_user = ${text(facts.lastUser)},
      booted_at = ${timeOrNull(facts.bootedAt)}, engine = ${facts.engine}, engine_version = ${text(facts.engineVersion)},
      is_docker_host = ${facts.isDockerHost}, cluster = ${text(facts.cluster)}, node = ${text(facts.node)}, note = ${text(facts.note)},
      last_seen = greatest(last_seen, ${at}::timestamptz), gone_at = null
    where id = ${sensor.hostId}`);
  if (written > 0) changed(effects, 'hosts', [sensor.hostId]);
  await takeTags(taking, facts.tags);
}

/** Beyond this, sensors make no new tags: what they were started with is not bounded otherwise. */
const MOST_TAGS = 2000;

/**
 * The tags that the sensor was started with, without case as everywhere. Those that a person gave, and those that a query gives, stay as they are;
 * what the sensor has no longer, goes.
 */
async function takeTags({ tx, sensor }: Taking, given: readonly string[]): Promise<void> {
  const byLower = new Map(given.map((name) => plain(name).replace(/["`\\]/g, '').trim()).filter((name) => name !== '').map((name) => [name.toLowerCase(), name]));
  const names = [...byLower.values()].sort();
  await tx.run(sql`
    insert into tags (name) select given.name from unnest(${names}::text[]) as given (name)
    where not exists (select from tags t where lower(t.name) = lower(given.name)) and (select count(*) from tags) < ${MOST_TAGS}
    order by given.name on conflict (name) do nothing`);
  const own = sql`lower(t.name) = any(array(select lower(name) from unnest(${names}::text[]) as given (name)))`;
  await tx.run(sql`
    delete from taggings g using tags t
    where t.id = g.tag_id and g.entity = 'hosts' and g.asset = ${sensor.hostId} and g.derived and t.query is null and not ${own}`);
  await tx.run(sql`
    insert into taggings (tag_id, entity, asset, derived)
    select t.id, 'hosts', ${sensor.hostId}, true from tags t where t.query is null and ${own}
    on conflict do nothing`);
  await tx.run(sql`
    with gathered as (
      select coalesce(array_agg(t.name order by t.name), '{}') as tags
      from taggings g join tags t on t.id = g.tag_id where g.entity = 'hosts' and g.asset = ${sensor.hostId}
    )
    update hosts h set tags = g.tags from gathered g where h.id = ${sensor.hostId} and h.tags is distinct from g.tags`);
}
