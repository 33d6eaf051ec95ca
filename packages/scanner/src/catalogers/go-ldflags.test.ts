import { describe, expect, it } from 'vitest';
import { versionFromLinkerFlags } from './go-ldflags.ts';

const MODULE = 'github.com/acme/tool/v2';

describe('versionFromLinkerFlags', () => {
  it.each([
    ['-s -w -X main.version=1.2.3', 'v1.2.3'],
    ['-X=main.Version=v1.2.3-rc.1', 'v1.2.3-rc.1'],
    [`-X '${MODULE}/internal/build.Version=v2.0.1' -X main.commit=0a1b2c3`, 'v2.0.1'],
    ['-X "main.buildVersion=v1.2.3+build.7"', 'v1.2.3+build.7'],
    ['-X main.version=v1.2.3 -X main.gitVersion=v1.2.3-4-g0a1b2c3', 'v1.2.3'],
    ['-X main.version=1.2', 'v1.2.0'],
    ['-X github.com/prometheus/common/version.Version=2.45.0', 'v2.45.0'],
  ])('takes the version from %s', (flags, version) => {
    expect(versionFromLinkerFlags(flags, MODULE)).toBe(version);
  });

  it.each([
    ['of a dependency', '-X github.com/other/lib.version=v9.0.0'],
    ['of a module whose name only starts alike', '-X github.com/acme/tool/v2extra.version=v9.0.0'],
    ['that differ', `-X main.version=v1.0.0 -X ${MODULE}/b.version=v2.0.0`],
    ['that are no version', '-X main.version=main -X main.release=yes -X main.tag=0a1b2c3d'],
    ['in other flags', '-extldflags "-X main.version=v1.0.0"'],
    ['that are cut off', '-X'],
    ['that are dates', '-X main.version=2024.01.05'],
    ['left empty', '-X main.version='],
  ])('takes no values %s', (_, flags) => {
    expect(versionFromLinkerFlags(flags, MODULE)).toBeUndefined();
  });

  it("knows Kubernetes' habit", () => {
    const flags = "-X 'k8s.io/client-go/pkg/version.gitVersion=v1.28.2' -X 'k8s.io/component-base/version.gitVersion=v1.28.2'";
    expect(versionFromLinkerFlags(flags, 'k8s.io/kubernetes')).toBe('v1.28.2');
    expect(versionFromLinkerFlags(flags, 'github.com/k3s-io/k3s')).toBeUndefined();
  });

  it('ends on a megabyte of quotes', () => {
    expect(versionFromLinkerFlags(`-X main.version="${`'"`.repeat(1 << 19)}`, MODULE)).toBeUndefined();
  });
});
