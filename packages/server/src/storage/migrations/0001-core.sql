-- Everything the server keeps. Times are UTC. Rows that went away keep `gone_at`; findings that went keep `fixed_at`.

create extension if not exists pg_trgm;

-- Access ---------------------------------------------------------------------------------------

create table users (
  id uuid primary key default gen_random_uuid(),
  name text not null,
  email text not null unique,
  password_hash text,
  oidc_subject text unique,
  role text not null check (role in ('admin', 'manager', 'reader')),
  scope text[],
  disabled boolean not null default false,
  failed_attempts int not null default 0,
  locked_until timestamptz,
  created_at timestamptz not null default now(),
  last_sign_in_at timestamptz
);

create table sessions (
  token_hash bytea primary key,
  user_id uuid not null references users on delete cascade,
  csrf text not null,
  created_at timestamptz not null default now(),
  last_used_at timestamptz not null default now(),
  expires_at timestamptz not null,
  address text,
  user_agent text
);
create index on sessions (user_id);
create index on sessions (expires_at);

create table api_tokens (
  id uuid primary key default gen_random_uuid(),
  token_hash bytea not null unique,
  prefix text not null,
  name text not null,
  owner_id uuid not null references users on delete cascade,
  role text not null check (role in ('admin', 'manager', 'reader', 'ci')),
  scope text[],
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  last_used_at timestamptz,
  revoked_at timestamptz
);

create table audit (
  id bigint generated always as identity primary key,
  at timestamptz not null default now(),
  actor text not null,
  actor_id uuid,
  action text not null,
  subject text not null,
  address text,
  detail jsonb not null default '{}'
);
create index on audit (at desc);

-- Small things by name. Secret values are encrypted by the server before they come here.
create table settings (
  key text primary key,
  value jsonb not null,
  changed_at timestamptz not null default now()
);

-- What is in images and hosts ------------------------------------------------------------------

create table packages (
  id int generated always as identity primary key,
  type text not null,
  name text not null,
  version text not null,
  purl text not null,
  source_name text,
  source_version text,
  -- Everything that advisories are matched by: same purl, same package.
  unique (purl)
);
create index on packages (lower(name) text_pattern_ops);
create index on packages using gin (lower(name) gin_trgm_ops);
create index on packages (source_name);

create table vulnerabilities (
  id int generated always as identity primary key,
  name text not null unique,
  aliases text[] not null default '{}',
  -- The worst severity among its open findings' rules when last matched.
  severity smallint not null,
  cvss real,
  epss real,
  epss_percentile real,
  kev_added date,
  ransomware boolean not null default false,
  cwes text[] not null default '{}',
  qids text[] not null default '{}',
  published timestamptz,
  modified timestamptz,
  first_seen timestamptz not null default now()
);
create index on vulnerabilities (lower(name) text_pattern_ops);
create index on vulnerabilities using gin (aliases);

-- One SBOM: of an image, which never changes, or of a host, which does.
create table sboms (
  id int generated always as identity primary key,
  -- Gzipped JSON of the model's Sbom.
  document bytea not null,
  scanned_at timestamptz not null,
  os_id text,
  os_name text,
  os_version text,
  ecosystem text,
  complete boolean not null,
  packages int not null,
  secrets int not null default 0,
  posture int not null default 0,
  -- When and by which advisory database it was matched; null until the first time.
  matched_at timestamptz,
  matched_by text,
  s1 int not null default 0,
  s2 int not null default 0,
  s3 int not null default 0,
  s4 int not null default 0,
  s5 int not null default 0,
  fixable int not null default 0,
  kev int not null default 0,
  judged int not null default 0,
  gaps jsonb not null default '[]',
  upgrades jsonb not null default '[]'
);
create index on sboms (matched_by);

create table sbom_packages (
  sbom_id int not null references sboms on delete cascade,
  package_id int not null references packages,
  layer smallint not null default 0,
  primary key (sbom_id, package_id)
);
create index on sbom_packages (package_id, sbom_id);

create table findings (
  sbom_id int not null references sboms on delete cascade,
  vulnerability_id int not null references vulnerabilities,
  package_id int not null references packages,
  severity smallint not null,
  status text not null,
  fixed_version text,
  layer smallint not null default 0,
  first_seen timestamptz not null,
  -- When it was no longer there; null while it is open.
  fixed_at timestamptz,
  primary key (sbom_id, vulnerability_id, package_id)
);
create index findings_open_severity on findings (sbom_id, severity) where fixed_at is null;
create index findings_open_vulnerability on findings (vulnerability_id, sbom_id) where fixed_at is null;
create index findings_open_package on findings (package_id, sbom_id) where fixed_at is null;

-- What changed in an SBOM's findings, and why.
create table changes (
  id bigint generated always as identity primary key,
  at timestamptz not null default now(),
  sbom_id int not null references sboms on delete cascade,
  cause text not null,
  reason text not null,
  appeared jsonb not null default '[]',
  gone jsonb not null default '[]',
  appeared_count int not null,
  gone_count int not null
);
create index on changes (sbom_id, id desc);

-- Assets ---------------------------------------------------------------------------------------

create table hosts (
  id uuid primary key default gen_random_uuid(),
  machine_id text not null unique,
  name text not null,
  os text,
  os_name text,
  os_version text,
  kernel text,
  architecture text,
  cpus int,
  memory bigint,
  addresses text[] not null default '{}',
  provider text,
  account text,
  region text,
  instance text,
  instance_type text,
  last_user text,
  booted_at timestamptz,
  engine text,
  engine_version text,
  is_docker_host boolean not null default false,
  cluster text,
  node text,
  note text,
  tags text[] not null default '{}',
  sbom_id int references sboms,
  scan_state text not null default 'not-scanned',
  scan_reason text,
  first_seen timestamptz not null default now(),
  last_seen timestamptz not null default now(),
  gone_at timestamptz
);
create index on hosts using gin (tags);
create index on hosts (sbom_id);

create table images (
  id int generated always as identity primary key,
  image_id text not null unique,
  -- The reference to show.
  name text not null,
  sbom_id int references sboms,
  scan_state text not null default 'not-scanned',
  scan_reason text,
  scan_state_at timestamptz not null default now(),
  -- The sensor that analyses it now, and until when it may.
  leased_to uuid,
  leased_until timestamptz,
  attempts int not null default 0,
  -- Somebody asked to have it analysed again although there is an SBOM.
  wants_scan boolean not null default false,
  os_name text,
  architecture text,
  created timestamptz,
  size bigint,
  labels jsonb not null default '{}',
  tags text[] not null default '{}',
  first_seen timestamptz not null default now(),
  last_seen timestamptz not null default now(),
  -- When the last host that had it let it go.
  gone_at timestamptz
);
create index on images (sbom_id);
create index on images using gin (tags);
create index on images using gin (labels);
create index on images (scan_state);
create index on images using gin (lower(name) gin_trgm_ops);

create table image_references (
  image_id int not null references images on delete cascade,
  registry text not null,
  repository text not null,
  tag text,
  digest text,
  unique nulls not distinct (image_id, registry, repository, tag, digest)
);
create index on image_references (registry, repository);
create index on image_references (repository);

create table image_layers (
  image_id int not null references images on delete cascade,
  position smallint not null,
  diff_id text,
  digest text,
  primary key (image_id, position)
);
create index on image_layers (diff_id);
create index on image_layers (digest);

create table image_hosts (
  image_id int not null references images on delete cascade,
  host_id uuid not null references hosts on delete cascade,
  -- What this host calls it, in full: docker.io/library/nginx:1.27. image_references is this over all hosts.
  names text[] not null default '{}',
  first_seen timestamptz not null default now(),
  last_seen timestamptz not null default now(),
  gone_at timestamptz,
  primary key (image_id, host_id)
);
create index on image_hosts (host_id) where gone_at is null;

create table containers (
  id int generated always as identity primary key,
  container_id text not null unique,
  host_id uuid not null references hosts on delete cascade,
  image_id int references images,
  name text not null,
  image_name text not null,
  state text not null,
  status text,
  created timestamptz,
  started timestamptz,
  finished timestamptz,
  exit_code int,
  pid int,
  restarts int not null default 0,
  ports jsonb not null default '[]',
  mounts jsonb not null default '[]',
  user_name text,
  privileged boolean not null default false,
  capabilities text[] not null default '{}',
  network_mode text,
  command text[] not null default '{}',
  labels jsonb not null default '{}',
  pod text,
  namespace text,
  node text,
  tags text[] not null default '{}',
  first_seen timestamptz not null default now(),
  last_seen timestamptz not null default now(),
  gone_at timestamptz
);
create index on containers (host_id) where gone_at is null;
create index on containers (image_id) where gone_at is null;
create index on containers (state) where gone_at is null;
create index on containers using gin (labels);
create index on containers using gin (tags);
create index on containers using gin (lower(name) gin_trgm_ops);

create table events (
  id bigint generated always as identity primary key,
  at timestamptz not null,
  kind text not null,
  severity smallint not null,
  message text not null,
  host_id uuid,
  container_id text,
  image_id text,
  detail jsonb not null default '{}'
);
create index on events (at desc, id desc);
create index on events (host_id, at desc);
create index on events (container_id, at desc);
create index on events (kind, at desc);

-- Sensors --------------------------------------------------------------------------------------

create table enrolment_tokens (
  id uuid primary key default gen_random_uuid(),
  token_hash bytea not null unique,
  note text not null default '',
  created_by text not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  uses int not null default 0,
  max_uses int not null default 1,
  used_at timestamptz,
  last_host_id uuid
);

create table sensors (
  id uuid primary key default gen_random_uuid(),
  host_id uuid not null references hosts on delete cascade,
  credential_hash bytea not null unique,
  -- Made by a renewal, not used yet; its first use makes it the credential.
  next_credential_hash bytea unique,
  credential_issued_at timestamptz not null default now(),
  epoch text,
  acked bigint not null default 0,
  version text,
  features text[] not null default '{}',
  spooled int not null default 0,
  dropped bigint not null default 0,
  analysing text,
  wants_snapshot boolean not null default true,
  wants_host_scan boolean not null default true,
  -- When it was last told so: it is told again only if nothing came for a while.
  snapshot_asked_at timestamptz,
  host_scan_asked_at timestamptz,
  enrolled_at timestamptz not null default now(),
  last_seen timestamptz,
  revoked_at timestamptz
);
create index on sensors (host_id);

-- Times a sensor was away, or had to drop events.
create table sensor_gaps (
  id bigint generated always as identity primary key,
  sensor_id uuid not null references sensors on delete cascade,
  from_at timestamptz not null,
  to_at timestamptz,
  dropped bigint not null default 0,
  reason text not null
);
create index on sensor_gaps (sensor_id, from_at);

-- What people make their own -------------------------------------------------------------------

create table dashboards (
  id uuid primary key default gen_random_uuid(),
  owner_id uuid not null references users on delete cascade,
  name text not null,
  shared boolean not null default false,
  widgets jsonb not null default '[]',
  changed_at timestamptz not null default now()
);
create index on dashboards (owner_id);

create table saved_searches (
  id uuid primary key default gen_random_uuid(),
  owner_id uuid not null references users on delete cascade,
  name text not null,
  entity text not null,
  query text not null,
  shared boolean not null default false,
  created_at timestamptz not null default now()
);
create index on saved_searches (owner_id);

create table tags (
  id uuid primary key default gen_random_uuid(),
  name text not null unique,
  colour text not null default 'grey',
  -- Both set for a dynamic tag.
  entity text,
  query text,
  created_at timestamptz not null default now(),
  evaluated_at timestamptz
);

-- Who has which tag. `tags` of hosts, images and containers is this, gathered, for searching.
create table taggings (
  tag_id uuid not null references tags on delete cascade,
  entity text not null,
  asset text not null,
  -- True when a sensor's --tag or a query gave it.
  derived boolean not null default false,
  primary key (tag_id, entity, asset)
);
create index on taggings (entity, asset);

-- Open findings by severity and other counts at the end of each day, for trends.
create table history (
  day date primary key,
  figures jsonb not null
);
