import { CircleAlert, CircleCheck, X } from 'lucide-react';
import { useSyncExternalStore } from 'react';
import { IconButton } from './Button.tsx';
import './Toast.css';

interface Toast {
  id: number;
  tone: 'good' | 'danger';
  text: string;
}

const SHOWN_MS = 5000;
let toasts: readonly Toast[] = [];
let lastId = 0;
const listeners = new Set<() => void>();

function set(next: readonly Toast[]): void {
  toasts = next;
  for (const listener of listeners) listener();
}
function dismiss(id: number): void {
  set(toasts.filter((toast) => toast.id !== id));
}

/** Says in a corner that something worked, or not: `toast('Token revoked')`, `toast(error)`. Errors stay until closed. */
export function toast(message: string | Error): void {
  const id = ++lastId;
  const failed = message instanceof Error;
  set([...toasts.slice(-3), { id, tone: failed ? 'danger' : 'good', text: failed ? message.message : message }]);
  if (!failed) window.setTimeout(() => dismiss(id), SHOWN_MS);
}

/** Where toasts appear; once, in the app. */
export function Toaster() {
  const shown = useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, () => toasts);
  return (
    <div className="toasts" role="region" aria-label="Notifications" aria-live="polite">
      {shown.map((item) => (
        <div key={item.id} className={`toast toast-${item.tone}`}>
          {item.tone === 'good' ? <CircleCheck size={16} aria-hidden="true" /> : <CircleAlert size={16} aria-hidden="true" />}
          <span className="grow break">{item.text}</span>
          <IconButton icon={<X size={14} />} label="Dismiss" size="small" onClick={() => dismiss(item.id)} />
        </div>
      ))}
    </div>
  );
}
