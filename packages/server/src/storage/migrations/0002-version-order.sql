-- Functions of the query language. Each is immutable and parallel safe, so indexes can be made on it, and none fails
-- on any text.

-- A key whose order under collation "C" is the order of versions: `plimsoll_version_key(version) < plimsoll_version_key('2.17.1')`.
--
-- A version is read as an epoch (`2:`), then pieces: numbers, words, and the marks `~`, `^`, `+`, `-`. Numbers are compared as
-- numbers. What can stand at the same place, lowest first:
--   ~   pre-release words (alpha, beta, rc…)   the end   ^   +   -   other words   numbers
-- so 1.0~rc1 < 1.0-rc1 < 1.0 < 1.0^git1 < 1.0+deb1 < 1.0-1 < 1.0a < 1.0.1. Zeros at the end do not count (1.0 = 1.0.0),
-- nor does a `v` before the first number, nor case.
-- Limits: this is one order for all ecosystems, for people's questions. Matching advisories uses each ecosystem's own rules,
-- which differ where a word has a meaning of its own (a Maven qualifier, a Go pseudo-version). 256 characters are looked at.
create function plimsoll_version_key(version text) returns text
language sql immutable strict parallel safe
return (
  with parts as (
    select coalesce(substring(text from '^([0-9]+):'), '0') as epoch,
      regexp_replace(
        regexp_replace(text, '^([0-9]+:)?v?(?=[0-9])', ''),
        -- Zeros before the end or a mark; a hyphen before a pre-release word is only a separator.
        '(\.0+)+(?=$|\.?[^0-9.])|-(?=(alpha|beta|milestone|snapshot|preview|canary|nightly|pre|rc|cr|dev)([^a-z]|$)|[abcm][0-9])', '', 'g'
      ) as rest
    from (select lower(left(version, 256) collate "C") as text) as given
  ),
  pieces as (
    -- A letter is short for a pre-release word only before a number: 1.0b2, but openssl's 1.0.2b.
    select piece[1] as piece, position, lead(piece[1], 1, '') over (order by position) ~ '^[0-9]' as numbered
    from parts, regexp_matches(rest, '([0-9]+|[a-z]+|[~^+-])', 'g') with ordinality as found(piece, position)
  )
  select '0' || lpad(length(ltrim(epoch, '0'))::text, 3, '0') || ltrim(epoch, '0') || '/' || coalesce((
    select string_agg(
      case
        when piece = '~' then '0'
        when piece in ('dev', 'snapshot', 'nightly', 'canary') then '1a '
        when piece = 'alpha' or piece = 'a' and numbered then '1b '
        when piece = 'beta' or piece = 'b' and numbered then '1c '
        when piece in ('milestone', 'preview', 'pre') or piece = 'm' and numbered then '1d '
        when piece in ('rc', 'cr') or piece = 'c' and numbered then '1e '
        when piece = '^' then '3'
        when piece = '+' then '4'
        when piece = '-' then '5'
        when piece ~ '^[0-9]' then '7' || lpad(length(ltrim(piece, '0'))::text, 3, '0') || ltrim(piece, '0')
        else '6' || piece || ' '
      end, '' order by position)
    from pieces), '') || '2'
  from parts
);

-- `version<2.17.1` of a package, in the words of the query language.
create index packages_version_order on packages ((plimsoll_version_key(version) collate "C"));

-- The address or network that a text is; null when it is none.
create function plimsoll_inet(address text) returns inet
language sql immutable strict parallel safe
return case
  when address ~ '^((25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])(\.(?!$|/)|(?=$|/))){4}(/(3[0-2]|[12]?[0-9]))?$' then address::inet
  when address ~* '^(([0-9a-f]{1,4}:){7}[0-9a-f]{1,4}|([0-9a-f]{1,4}:){1,7}:|([0-9a-f]{1,4}:){1,6}:[0-9a-f]{1,4}|([0-9a-f]{1,4}:){1,5}(:[0-9a-f]{1,4}){2}|([0-9a-f]{1,4}:){1,4}(:[0-9a-f]{1,4}){1,3}|([0-9a-f]{1,4}:){1,3}(:[0-9a-f]{1,4}){1,4}|([0-9a-f]{1,4}:){1,2}(:[0-9a-f]{1,4}){1,5}|[0-9a-f]{1,4}:(:[0-9a-f]{1,4}){1,6}|:((:[0-9a-f]{1,4}){1,7}|:))(/(12[0-8]|1[01][0-9]|[1-9]?[0-9]))?$' then address::inet
  when address ~* '^::ffff:(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])(\.(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])){3}$' then address::inet
end;
