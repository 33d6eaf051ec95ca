import { describe, expect, it } from 'vitest';
import { isContained, rootTypeOf, type NamespaceKind, type Surroundings } from './contained.ts';

const HOST: Record<NamespaceKind, number> = { cgroup: 4026531835, pid: 4026531836, uts: 4026531838, ipc: 4026531839 };
const where = (more: Partial<Surroundings>, namespaces: Partial<Record<NamespaceKind, number | undefined>> = {}): Surroundings => ({
  marked: true,
  rootType: 'ext4',
  namespace: (kind) => ({ ...HOST, ...namespaces })[kind],
  ...more,
});

describe('whether the sensor runs in a container', () => {
  it.each<[string, Surroundings, boolean]>([
    ['on a host', where({ marked: false }), false],
    ['on a host, in a session with namespaces of its own', where({ marked: false }, { pid: 4026532211 }), false],
    ['on a machine booted from what was a container', where({}), false],
    ['in a container', where({ rootType: 'overlay' }, { pid: 4026532211, uts: 4026532209, ipc: 4026532210 }), true],
    ['in a container whose storage driver is a block device', where({}, { uts: 4026532209, ipc: 4026532210 }), true],
    ['in a container that shares all namespaces with its host', where({ rootType: 'overlay' }), true],
    ['where /proc tells nothing', where({ rootType: undefined, namespace: () => undefined }), true],
  ])('%s', (_, surroundings, contained) => {
    expect(isContained(surroundings)).toBe(contained);
  });

  it('takes the topmost of what is mounted at the root', () => {
    expect(rootTypeOf('rootfs / rootfs rw 0 0\nproc /proc proc rw 0 0\noverlay / overlay rw,lowerdir=/a 0 0\n')).toBe('overlay');
    expect(rootTypeOf('')).toBeUndefined();
  });
});
