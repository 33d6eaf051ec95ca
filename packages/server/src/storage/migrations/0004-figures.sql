-- Figures over all findings and packages, for searching vulnerabilities and packages: counting them for every row of every
-- question would go through millions of findings. Made anew when what they count has changed (entities/figures.ts).
-- Only of what something that exists has.

create table vulnerability_figures (
  vulnerability_id int primary key references vulnerabilities on delete cascade,
  images int not null,
  hosts int not null,
  fixable boolean not null,
  -- Names, at most five.
  packages text[] not null
);

create table package_figures (
  package_id int primary key references packages on delete cascade,
  images int not null,
  hosts int not null,
  -- Whether one of the SBOMs that have it was matched; without that, nothing is known of its vulnerabilities.
  judged boolean not null,
  s1 int not null,
  s2 int not null,
  s3 int not null,
  s4 int not null,
  s5 int not null,
  fixable int not null,
  kev int not null
);

-- What the figures were made from, and how long that took. One row.
create table figures_state (
  only_row boolean primary key default true check (only_row),
  stamp text not null default '',
  made_at timestamptz not null default '-infinity',
  took_ms int not null default 0
);
insert into figures_state default values;
