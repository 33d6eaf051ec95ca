import { Ban, CircleAlert, CircleCheck, CircleDashed, CircleDot, CirclePause, CircleX, HelpCircle, LoaderCircle, RotateCw, TriangleAlert, Wifi, WifiOff } from 'lucide-react';
import type { ReactNode } from 'react';
import { sentence } from '../format.ts';
import './Badge.css';

export type Tone = 'grey' | 'good' | 'warn' | 'danger' | 'info' | 'violet' | 'teal';

/** A short fact in a pill: "KEV", "Privileged", "Base image". */
export function Badge({ tone = 'grey', icon, title, children }: { tone?: Tone; icon?: ReactNode; title?: string; children: ReactNode }) {
  return (
    <span className={`badge tone-${tone}`} title={title}>
      {icon}
      {children}
    </span>
  );
}

const ICON = { size: 13, 'aria-hidden': true } as const;

/** Every state that an API answer has: of containers, scans, sensors. The icon and the word say it, colour only helps. */
interface StateLook {
  tone: Tone;
  icon: ReactNode;
  text?: string;
}
const UNKNOWN: StateLook = { tone: 'grey', icon: <HelpCircle {...ICON} /> };
const STATES = new Map<string, StateLook>([
  ['running', { tone: 'good', icon: <CircleDot {...ICON} /> }],
  ['paused', { tone: 'warn', icon: <CirclePause {...ICON} /> }],
  ['restarting', { tone: 'warn', icon: <RotateCw {...ICON} /> }],
  ['created', { tone: 'info', icon: <CircleDashed {...ICON} /> }],
  ['exited', { tone: 'grey', icon: <CircleX {...ICON} /> }],
  ['dead', { tone: 'danger', icon: <CircleX {...ICON} /> }],
  ['removing', { tone: 'grey', icon: <LoaderCircle {...ICON} /> }],
  ['unknown', { tone: 'grey', icon: <HelpCircle {...ICON} /> }],
  ['scanned', { tone: 'good', icon: <CircleCheck {...ICON} /> }],
  ['incomplete', { tone: 'warn', icon: <TriangleAlert {...ICON} /> }],
  ['analysing', { tone: 'info', icon: <LoaderCircle {...ICON} className="spinning" />, text: 'Analysing…' }],
  ['not-judged', { tone: 'warn', icon: <CircleDashed {...ICON} />, text: 'Not judged' }],
  ['not-scanned', { tone: 'grey', icon: <CircleDashed {...ICON} />, text: 'Not scanned' }],
  ['failed', { tone: 'danger', icon: <CircleAlert {...ICON} />, text: 'Scan failed' }],
  ['live', { tone: 'good', icon: <Wifi {...ICON} /> }],
  ['away', { tone: 'warn', icon: <WifiOff {...ICON} /> }],
  ['none', { tone: 'grey', icon: <WifiOff {...ICON} />, text: 'No sensor' }],
  ['revoked', { tone: 'danger', icon: <Ban {...ICON} /> }],
]);

/** A state of a container, a scan or a sensor. `title` says more: the reason of a failed scan. */
export function StateBadge({ state, title }: { state: string; title?: string | null }) {
  const look = STATES.get(state) ?? UNKNOWN;
  return (
    <span className={`badge tone-${look.tone}`} title={title ?? undefined}>
      {look.icon}
      {look.text ?? sentence(state)}
    </span>
  );
}

const TAG_TONES = new Map<string, Tone>([
  ['grey', 'grey'], ['blue', 'info'], ['teal', 'teal'], ['green', 'good'], ['amber', 'warn'], ['red', 'danger'], ['violet', 'violet'],
]);

/** An asset tag. Its colour is one of TAG_COLOURS; grey where it is not known. */
export function Tag({ name, colour = 'grey' }: { name: string; colour?: string }) {
  return <span className={`tag tone-${TAG_TONES.get(colour) ?? 'grey'}`} title={name}>{name}</span>;
}

/** The first few tags, and how many more there are. */
export function Tags({ names, limit = 2 }: { names: readonly string[]; limit?: number }) {
  if (names.length === 0) return <span className="muted" aria-label="no tags">–</span>;
  return (
    <span className="tags">
      {names.slice(0, limit).map((name) => <Tag key={name} name={name} />)}
      {names.length > limit && <span className="muted small" title={names.slice(limit).join(', ')}>+{names.length - limit}</span>}
    </span>
  );
}
