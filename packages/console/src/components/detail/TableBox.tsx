import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import { useNarrow } from '../useMedia.ts';

const LEAST = 300;
/** Left free below the table; on phones also above it, so that there is something to scroll the page by. */
const BELOW = 28;
const LINE = 32;
const AROUND_NARROW = 96;

/** A frame for a table within a page, which says how high the table may get: to the window's foot. `note`: a line follows it. */
export function TableBox({ children, note = false }: { children: (maxHeight: number) => ReactNode; note?: boolean }) {
  const box = useRef<HTMLDivElement>(null);
  const [height, setHeight] = useState(LEAST);
  const [resized, setResized] = useState(0);
  const narrow = useNarrow();
  // After every render: what stands above the table may have changed. The same height again changes nothing.
  useLayoutEffect(() => {
    const main = box.current?.closest('#main');
    if (!box.current || !main) return;
    const top = box.current.getBoundingClientRect().top - main.getBoundingClientRect().top + main.scrollTop;
    setHeight(Math.max(LEAST, Math.round(main.clientHeight - (narrow ? AROUND_NARROW : top + BELOW + (note ? LINE : 0)))));
  }, [narrow, resized, note, children]);
  useEffect(() => {
    const main = box.current?.closest('#main');
    if (!main) return;
    const observer = new ResizeObserver(() => setResized((count) => count + 1));
    observer.observe(main);
    return () => observer.disconnect();
  }, []);
  return <div ref={box} className="table-box">{children(height)}</div>;
}
