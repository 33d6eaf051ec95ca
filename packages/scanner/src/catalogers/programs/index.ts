import { apache } from './apache.ts';
import { bash } from './bash.ts';
import { busybox } from './busybox.ts';
import { curl } from './curl.ts';
import { dart } from './dart.ts';
import { aspnetCore, dotnet } from './dotnet.ts';
import { envoy } from './envoy.ts';
import { erlang } from './erlang.ts';
import { git } from './git.ts';
import { golang } from './golang.ts';
import { haproxy } from './haproxy.ts';
import { java, javaVirtualMachine } from './java.ts';
import { keydb } from './keydb.ts';
import { lua } from './lua.ts';
import { mariadb } from './mariadb.ts';
import { memcached } from './memcached.ts';
import { mysql } from './mysql.ts';
import { nginx, openresty } from './nginx.ts';
import { node } from './node.ts';
import { openldap } from './openldap.ts';
import { openssl } from './openssl.ts';
import { perl } from './perl.ts';
import { pgbouncer } from './pgbouncer.ts';
import { php } from './php.ts';
import { postgresql } from './postgresql.ts';
import type { KnownProgram } from './program.ts';
import { python } from './python.ts';
import { rabbitmq } from './rabbitmq.ts';
import { redis } from './redis.ts';
import { ruby } from './ruby.ts';
import { rust } from './rust.ts';
import { sqlite } from './sqlite.ts';
import { valkey } from './valkey.ts';
import { varnish } from './varnish.ts';
import { drupal, wordpress } from './web-applications.ts';

/** Every program that is recognised. A new one is a file in this folder and a line here. */
export const KNOWN_PROGRAMS: readonly KnownProgram[] = [
  apache, aspnetCore, bash, busybox, curl, dart, dotnet, drupal, envoy, erlang, git, golang, haproxy, java,
  javaVirtualMachine, keydb, lua, mariadb, memcached, mysql, nginx, node, openldap, openresty, openssl, perl,
  pgbouncer, php, postgresql, python, rabbitmq, redis, ruby, rust, sqlite, valkey, varnish, wordpress,
];
