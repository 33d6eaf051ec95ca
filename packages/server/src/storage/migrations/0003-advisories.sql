-- Advisory database files, so that every server process comes to the same one: the newest two, in pieces of 1 MiB.
create table advisory_databases (
  -- Lower-case hex SHA-256 of the file.
  id text primary key,
  -- The one with the highest number is in use.
  generation bigint generated always as identity unique,
  built timestamptz not null,
  bytes bigint not null,
  stored_at timestamptz not null default now()
);

create table advisory_chunks (
  database_id text not null references advisory_databases on delete cascade,
  position int not null,
  data bytea not null,
  primary key (database_id, position)
);
-- The file is compressed already.
alter table advisory_chunks alter column data set storage external;
