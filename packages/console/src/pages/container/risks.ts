import type { ContainerDetail } from '@plimsoll/model/api';

export interface Risk {
  /** danger: as good as the host's root; warn: more than most containers need. */
  level: 'danger' | 'warn';
  title: string;
  why: string;
}

/** Capabilities beyond those that engines give by default (capabilities(7)), with what they open. */
const CAPABILITIES = new Map<string, readonly [Risk['level'], string]>([
  ['ALL', ['danger', 'Every capability that root has.']],
  ['SYS_ADMIN', ['danger', 'Mounts file systems and changes namespaces: enough to get out of the container.']],
  ['SYS_MODULE', ['danger', 'Loads code into the kernel of the host.']],
  ['SYS_PTRACE', ['danger', 'Reads and changes other processes; with the host’s process namespace, all of them.']],
  ['SYS_RAWIO', ['danger', 'Reads and writes the memory and devices of the host.']],
  ['DAC_READ_SEARCH', ['danger', 'Opens files of the host by their inode, past all permissions.']],
  ['BPF', ['danger', 'Loads programs into the kernel of the host.']],
  ['SYS_BOOT', ['danger', 'Restarts the host or loads another kernel.']],
  ['NET_ADMIN', ['warn', 'Changes addresses, routes and firewall rules of its network.']],
  ['NET_RAW', ['warn', 'Forges packets on its network.']],
  ['SYS_TIME', ['warn', 'Sets the clock of the host.']],
  ['PERFMON', ['warn', 'Watches the kernel and other processes.']],
  ['SYSLOG', ['warn', 'Reads the log of the kernel, addresses and all.']],
  ['MKNOD', ['warn', 'Makes device files.']],
]);

/** A capability as it is compared: `+CAP_SYS_ADMIN` → added, SYS_ADMIN. */
export function capabilityOf(text: string): { added: boolean; name: string } {
  const name = text.replace(/^[+-]/, '').toUpperCase().replace(/^CAP_/, '');
  return { added: !text.startsWith('-'), name };
}

export function capabilityRisk(text: string): { level: Risk['level']; why: string } | null {
  const { added, name } = capabilityOf(text);
  const known = added ? CAPABILITIES.get(name) : undefined;
  return known ? { level: known[0], why: known[1] } : null;
}

const SOCKETS = /\/(?:docker|containerd|crio|podman)(?:\/[\w.-]+)?\.sock$/;
/** Folders of the host that decide what runs on it, or hold what others trust; `secret` ones tell too much when only read, too. */
const HOST_FOLDERS: readonly { of: RegExp; why: string; secret: boolean }[] = [
  { of: /^\/$/, why: 'The whole file system of the host is in it.', secret: true },
  { of: /^\/(?:root|home)(?:\/|$)|^\/etc(?:\/(?:shadow|ssh|kubernetes))?$/, why: 'Keys and passwords of the host’s users may be in it.', secret: true },
  { of: /^\/var\/(?:lib\/(?:docker|containerd|kubelet)|run)$|^\/run$/, why: 'The engine’s own files, or sockets of services of the host.', secret: true },
  { of: /^\/(?:etc|boot|dev|usr|bin|sbin|lib|lib64)(?:\/|$)/, why: 'A folder that decides what runs on the host.', secret: false },
  { of: /^\/(?:proc|sys)(?:\/|$)/, why: 'Interfaces to the kernel of the host.', secret: false },
];

/** What is risky about a mount of the host, if anything. `mode` has `ro` where it cannot be written to. */
export function mountRisk(mount: { source: string; mode: string }): { level: Risk['level']; why: string } | null {
  const source = mount.source.length > 1 ? mount.source.replace(/\/+$/, '') : mount.source;
  if (SOCKETS.test(source)) return { level: 'danger', why: 'The engine’s socket: who can write to it may do what root on the host may.' };
  const folder = HOST_FOLDERS.find(({ of }) => of.test(source));
  if (!folder) return null;
  if (!mount.mode.split(',').includes('ro')) return { level: 'danger', why: folder.why };
  return folder.secret ? { level: 'warn', why: `${folder.why} It can only be read.` } : null;
}

/** Whether a published port is open on every address of the host: `0.0.0.0:8080->80/tcp`. */
export function isOpenToAll(port: string): boolean {
  return /^(?:0\.0\.0\.0|\[?::\]?):\d+(?:-\d+)?->/.test(port);
}

/** Whether it runs as root: so do containers for which neither image nor command set a user. */
export function runsAsRoot(user: string | null): boolean {
  return user === null || /^(?:|root|0)(?::.*)?$/.test(user);
}

/** What gives a container more power over its host than it should need, the worst first. */
export function risksOf({ container, capabilities, mounts, networkMode }: Pick<ContainerDetail, 'capabilities' | 'mounts' | 'networkMode'> & { container: Pick<ContainerDetail['container'], 'privileged' | 'user'> }): Risk[] {
  const risks: Risk[] = [];
  if (container.privileged) risks.push({ level: 'danger', title: 'Privileged', why: 'It has every capability and every device: as good as root on the host.' });
  for (const mount of mounts) {
    const risk = mountRisk(mount);
    if (risk) risks.push({ level: risk.level, title: `Mounts ${mount.source}`, why: risk.why });
  }
  for (const capability of capabilities) {
    const risk = capabilityRisk(capability);
    if (risk) risks.push({ level: risk.level, title: `Capability ${capabilityOf(capability).name}`, why: risk.why });
  }
  if (networkMode === 'host') risks.push({ level: 'warn', title: 'The host’s network', why: 'It shares the network of the host: its ports need no publishing, and local services are in its reach.' });
  if (runsAsRoot(container.user)) risks.push({ level: 'warn', title: 'Runs as root', why: 'What breaks out of it is root. Set a numeric user in the image.' });
  return risks.toSorted((a, b) => Number(a.level === 'warn') - Number(b.level === 'warn'));
}
