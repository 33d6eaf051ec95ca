import { existsSync, readFileSync, readlinkSync } from 'node:fs';

/**
 * Inode numbers of the namespaces that the kernel makes at its start (`PROC_*_INIT_INO` in include/linux/proc_ns.h).
 * Whoever runs in all of these runs on the host itself.
 */
const INITIAL = { cgroup: 0xeffffffb, pid: 0xeffffffc, uts: 0xeffffffe, ipc: 0xefffffff } as const;
export type NamespaceKind = keyof typeof INITIAL;

/** What this process can see of where it runs. */
export interface Surroundings {
  /** Something says that this is a container: a file that engines make, or variables that Kubernetes sets. */
  marked: boolean;
  /** Inode of a namespace this process runs in; undefined when it cannot be told. */
  namespace: (kind: NamespaceKind) => number | undefined;
  /** Type of the root file system; undefined when it cannot be told. */
  rootType: string | undefined;
}

/**
 * Whether this process sees a container's file system in place of the host's. The mark alone is not enough: machines
 * are booted from root file systems that were a container's once, with the file still there. Nor are the namespaces: a
 * container may share each of them with its host, and a session on a host may have its own.
 */
export function isContained({ marked, namespace, rootType }: Surroundings): boolean {
  if (!marked) return false;
  const ownNamespace = Object.entries(INITIAL).some(([kind, inode]) => namespace(kind as NamespaceKind) !== inode);
  return ownNamespace || rootType === undefined || /^(?:overlay|aufs|fuse\.fuse-overlayfs)$/.test(rootType);
}

export function surroundings(env: NodeJS.ProcessEnv): Surroundings {
  return {
    marked: existsSync('/.dockerenv') || existsSync('/run/.containerenv') || env['KUBERNETES_SERVICE_HOST'] !== undefined,
    namespace: (kind) => orUndefined(() => Number(/\[(\d+)\]/.exec(readlinkSync(`/proc/self/ns/${kind}`))?.[1])),
    rootType: orUndefined(() => rootTypeOf(readFileSync('/proc/self/mounts', 'utf8'))),
  };
}

/** The type of what is mounted last, and so on top, at `/` (fstab(5)). */
export function rootTypeOf(mounts: string): string | undefined {
  return mounts.split('\n').map((line) => line.split(' ')).findLast(([, path]) => path === '/')?.[2];
}

function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
