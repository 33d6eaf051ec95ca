import { Dialog } from './Dialog.tsx';
import './KeyHelp.css';

const KEYS: readonly { keys: readonly string[]; does: string }[] = [
  { keys: ['Ctrl', 'K'], does: 'Search everything (⌘ K on a Mac)' },
  { keys: ['/'], does: 'Search everything' },
  { keys: ['f'], does: 'Go to the query bar' },
  { keys: ['j'], does: 'Next row (also ↓)' },
  { keys: ['k'], does: 'Previous row (also ↑)' },
  { keys: ['Home', 'End'], does: 'First and last row' },
  { keys: ['Enter'], does: 'Open the row' },
  { keys: ['Ctrl', 'Space'], does: 'Suggestions in the query bar' },
  { keys: ['Esc'], does: 'Close what is open' },
  { keys: ['?'], does: 'This list' },
];

export function KeyHelp({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Dialog open={open} onClose={onClose} title="Keyboard" size="small">
      <dl className="key-help">
        {KEYS.map((line) => (
          <div key={line.does + line.keys.join()}>
            <dt>{line.keys.map((key) => <kbd key={key}>{key}</kbd>)}</dt>
            <dd>{line.does}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
