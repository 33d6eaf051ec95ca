import { Check, Copy } from 'lucide-react';
import { useState } from 'react';
import { IconButton } from './Button.tsx';
import { toast } from './Toast.tsx';
import './Code.css';

const DONE_MS = 1500;

/** Puts a text on the clipboard. */
export function CopyButton({ text, label = 'Copy' }: { text: string; label?: string }) {
  const [done, setDone] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setDone(true);
      window.setTimeout(() => setDone(false), DONE_MS);
    } catch {
      // Without HTTPS, browsers have no clipboard for pages.
      toast(new Error('The browser gives no access to the clipboard here. Select the text and copy it.'));
    }
  };
  return <IconButton icon={done ? <Check size={14} /> : <Copy size={14} />} label={done ? 'Copied' : label} size="small" onClick={() => void copy()} />;
}

/** Commands and other text to copy. */
export function CodeBlock({ code, label }: { code: string; label?: string }) {
  return (
    <div className="code-block">
      <pre tabIndex={0} aria-label={label ?? 'Code'}><code>{code}</code></pre>
      <CopyButton text={code} />
    </div>
  );
}

/** A digest or another long name: cut in the middle of a line, whole in its title, copied by a click. */
export function CopyText({ text, shown }: { text: string; shown?: string }) {
  return (
    <span className="copy-text">
      <code className="clip" title={text}>{shown ?? text}</code>
      <CopyButton text={text} label={`Copy ${shown ?? text}`} />
    </span>
  );
}
