import { arch, cpus, totalmem, uptime } from 'node:os';
import type { FactSource } from './facts.ts';
import { readSmallFile } from './read-file.ts';

/** As engines and `uname -m` name them. */
const ARCHITECTURES: Record<string, string> = { x64: 'x86_64', arm64: 'aarch64', arm: 'armv7l', ia32: 'i686' };

/** Processor, memory and since when it runs. A container sees those of its host. */
export const hardware: FactSource = {
  name: 'hardware',
  async collect({ engine }) {
    return {
      architecture: engine?.host.architecture ?? ARCHITECTURES[arch()] ?? arch(),
      cpus: engine?.host.cpus ?? cpus().length,
      memory: engine?.host.memory ?? totalmem(),
      bootedAt: new Date(await bootTime()).toISOString(),
    };
  },
};

/** Milliseconds since 1970. From the kernel where it says so: the time less the uptime differs from one asking to the next. */
async function bootTime(): Promise<number> {
  const seconds = Number(/^btime (\d{1,12})$/m.exec((await readSmallFile('/proc/stat', 1 << 20)) ?? '')?.[1]);
  return seconds > 0 ? seconds * 1000 : Math.round((Date.now() - uptime() * 1000) / 60_000) * 60_000;
}
