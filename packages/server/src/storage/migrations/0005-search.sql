-- Indexes for searching.

-- When a vulnerability that nothing has any more was last there.
create index findings_fixed on findings (vulnerability_id, fixed_at) where fixed_at is not null;
-- The first page of all packages, by name.
create index packages_by_name on packages (lower(name), id);
