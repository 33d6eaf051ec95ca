import type { HistoryStep, Image } from '@plimsoll/model';
import { describe, expect, it } from 'vitest';
import { findBase } from './base-image.ts';

/** An image from its history: `+` before a step that made a layer. */
function imageOf(...steps: string[]): Image {
  const history = steps.map((step): HistoryStep => ({ createdBy: step.replace(/^\+/, ''), emptyLayer: !step.startsWith('+') }));
  const layers = history.filter((step) => !step.emptyLayer).map((_, index) => ({ index, diffId: `sha256:${index}` }));
  return { reference: 'x', kind: 'docker', tags: [], repoDigests: [], layers, history };
}

const layersOfBase = (...steps: string[]) => findBase(imageOf(...steps), [])?.layers;

describe('findBase', () => {
  it('takes the known image with the most layers in common, but not the image itself', () => {
    const image = imageOf('+ADD a', '+RUN b', '+COPY c');
    const known = [
      { reference: 'one', diffIds: ['sha256:0'] },
      { reference: 'two', diffIds: ['sha256:0', 'sha256:1'] },
      { reference: 'other', diffIds: ['sha256:0', 'sha256:9'] },
      { reference: 'itself', diffIds: ['sha256:0', 'sha256:1', 'sha256:2'] },
    ];
    expect(findBase(image, known)).toEqual({ reference: 'two', foundBy: 'layers', layers: 2 });
  });

  it('guesses from the history that a base ends with its default command', () => {
    expect(layersOfBase('+ADD rootfs', 'CMD ["bash"]', '+RUN apt-get install', '+COPY app')).toBe(1);
    expect(layersOfBase('+ADD rootfs', '/bin/sh -c #(nop)  CMD ["bash"]', '+RUN a', 'CMD ["python3"]', '+COPY app', 'CMD ["app"]')).toBe(2);
    expect(layersOfBase('+ADD rootfs', 'CMD ["bash"]', '+RUN a', 'ENTRYPOINT ["x"]', 'CMD ["y"]')).toBe(1);
  });

  it('takes no other step for one: a health check, a label, a command run', () => {
    expect(layersOfBase('+ADD rootfs', 'HEALTHCHECK CMD curl', 'LABEL usage= CMD x', 'ENV A=CMD B', '+RUN echo CMD x', '+COPY app')).toBeUndefined();
  });

  it('guesses nothing where the history leaves steps out', () => {
    const image = imageOf('+ADD rootfs', 'CMD ["bash"]', '+COPY app');
    image.history.pop();
    expect(findBase(image, [])).toBeUndefined();
  });

  it('takes its name from the labels', () => {
    const image = imageOf('+ADD rootfs', 'CMD ["bash"]', '+COPY app');
    image.config = { labels: { 'org.opencontainers.image.base.name': 'docker.io/library/debian:12', 'org.opencontainers.image.base.digest': 'sha256:ab' } };
    expect(findBase(image, [])).toEqual({ reference: 'docker.io/library/debian:12', digest: 'sha256:ab', foundBy: 'history', layers: 1 });
  });
});
