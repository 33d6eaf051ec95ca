import { PORT, USER } from './cluster.ts';

/**
 * For a laptop or a small machine beside the server's own process: the two together are to idle under 400 MB.
 * https://www.postgresql.org/docs/current/runtime-config.html
 */
export const SETTINGS: Readonly<Record<string, string>> = {
  max_connections: '40',
  superuser_reserved_connections: '2',
  shared_buffers: '96MB',
  effective_cache_size: '512MB',
  work_mem: '16MB',
  maintenance_work_mem: '64MB',
  // Compiling costs more than it saves in queries of this size.
  jit: 'off',
  random_page_cost: '1.1',
  // Parallel plans share memory through /dev/shm, which in a container is 64 MB; and many small queries share the processors better without.
  max_parallel_workers_per_gather: '0',
  max_parallel_maintenance_workers: '0',
  // One server without replicas or backups by log: https://www.postgresql.org/docs/current/populate.html
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_logical_replication_workers: '0',
  max_wal_size: '512MB',
  min_wal_size: '80MB',
  checkpoint_timeout: '10min',
  // Reads ahead by a few hints to the kernel instead of processes that wait for work.
  io_method: 'sync',
  autovacuum_max_workers: '2',
  autovacuum_work_mem: '48MB',
  huge_pages: 'off',
  lc_messages: 'C',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_statement: 'none',
  log_min_error_statement: 'panic',
  log_min_messages: 'warning',
  log_checkpoints: 'off',
};

/** What is lost with the machine does not matter to a test. */
export const TEST_SETTINGS: Readonly<Record<string, string>> = {
  ...SETTINGS,
  max_connections: '200',
  shared_buffers: '64MB',
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
};

/** Address of a database on the private socket. It holds the password. */
export function socketUrl(socketDir: string, password: string, database: string): string {
  return `postgres://${USER}:${encodeURIComponent(password)}@localhost:${PORT}/${database}?host=${encodeURIComponent(socketDir)}`;
}
