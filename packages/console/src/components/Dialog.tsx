import { X } from 'lucide-react';
import { useEffect, useId, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import { Button, IconButton } from './Button.tsx';
import { Notice } from './States.tsx';
import './Dialog.css';

interface DialogProps {
  open: boolean;
  onClose: () => void;
  title: string;
  children: ReactNode;
  /** Buttons at the foot. */
  actions?: ReactNode;
  size?: 'small' | 'medium' | 'large';
  /** Slides in from a side instead: navigation and filters on narrow screens; `large` for details beside a list. */
  side?: 'left' | 'right';
}

const FIRST_FIELD = ['input:not([type="radio"], [type="hidden"], :disabled)', 'input[type="radio"]:checked', 'select', 'textarea'].map((field) => `.dialog-body ${field}`).join() + ', .dialog-body:not(:has(input, select, textarea)) + .dialog-foot > button';

/** The browser's own modal dialog: it keeps the focus, closes by Escape and by a click beside it. */
export function Dialog(props: DialogProps) {
  return props.open ? <OpenDialog {...props} /> : null;
}

function OpenDialog({ onClose, title, children, actions, size = 'medium', side }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    const element = dialog.current;
    const opener = document.activeElement;
    element?.showModal();
    // Forms begin in their first field, questions at the button that does nothing; by itself it would be the cross.
    element?.querySelector<HTMLElement>(FIRST_FIELD)?.focus();
    return () => {
      element?.close();
      if (opener instanceof HTMLElement) opener.focus();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      className={side ? `dialog dialog-side dialog-${side} dialog-side-${size}` : `dialog dialog-${size}`}
      aria-labelledby={heading}
      onCancel={(event) => {
        // React closes it, so that its owner knows.
        event.preventDefault();
        onClose();
      }}
      onPointerDown={(event) => {
        if (event.target === event.currentTarget) onClose();
      }}
    >
      <div className="dialog-box">
        <header className="dialog-head">
          <h2 id={heading}>{title}</h2>
          <IconButton icon={<X size={16} />} label="Close" size="small" onClick={onClose} />
        </header>
        <div className="dialog-body">{children}</div>
        {actions !== undefined && <footer className="dialog-foot">{actions}</footer>}
      </div>
    </dialog>
  );
}

interface ConfirmProps {
  open: boolean;
  onClose: () => void;
  title: string;
  children: ReactNode;
  /** What the button says: "Revoke sensor". */
  action: string;
  /** Closes when it is done; what it throws is shown. */
  onConfirm: () => Promise<unknown>;
}

/** Asks before something that cannot be taken back. */
export function ConfirmDialog({ open, onClose, title, children, action, onConfirm }: ConfirmProps) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const close = () => {
    setError(null);
    onClose();
  };
  const confirm = async () => {
    setBusy(true);
    setError(null);
    try {
      await onConfirm();
      onClose();
    } catch (reason) {
      setError(reason instanceof Error ? reason.message : String(reason));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog
      open={open}
      onClose={close}
      title={title}
      size="small"
      actions={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button variant="danger" className="button-solid" busy={busy} onClick={() => void confirm()}>{action}</Button>
        </>
      }
    >
      <div className="stack">
        <div>{children}</div>
        {error !== null && <Notice tone="danger">{error}</Notice>}
      </div>
    </Dialog>
  );
}
