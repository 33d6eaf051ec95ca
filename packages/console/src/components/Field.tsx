import clsx from 'clsx';
import { createContext, useContext, useId } from 'react';
import type { ComponentProps, ReactNode } from 'react';
import { ApiError } from '../api/client.ts';
import './Field.css';

interface FieldContext {
  id: string;
  describedBy: string | undefined;
  invalid: boolean;
}
const Context = createContext<FieldContext | null>(null);

/** Label, control, hint and error as one; the Input, Select or Textarea within finds its label by itself. */
export function Field({ label, hint, error, children }: { label: string; hint?: ReactNode; error?: string | undefined; children: ReactNode }) {
  const id = useId();
  const invalid = error !== undefined;
  const describedBy = invalid ? `${id}-error` : hint === undefined ? undefined : `${id}-hint`;
  return (
    <div className="field">
      <label htmlFor={id} className="field-label">{label}</label>
      <Context value={{ id, describedBy, invalid }}>{children}</Context>
      {invalid ? <p id={`${id}-error`} className="field-error" role="alert">{error}</p> : hint !== undefined && <p id={`${id}-hint`} className="field-hint">{hint}</p>}
    </div>
  );
}

/** The message that a refused request has for a form's field: `errorOf(change.error, 'password')`. */
export function errorOf(error: Error | null, path: string): string | undefined {
  if (!(error instanceof ApiError)) return undefined;
  return error.problem.fields?.find((field) => field.path === path || field.path === `body.${path}` || field.path.startsWith(`${path}.`))?.message;
}

function useControl(): { id?: string; 'aria-describedby'?: string; 'aria-invalid'?: true } {
  const field = useContext(Context);
  if (!field) return {};
  return {
    id: field.id,
    ...(field.describedBy === undefined ? {} : { 'aria-describedby': field.describedBy }),
    ...(field.invalid ? { 'aria-invalid': true as const } : {}),
  };
}

export function Input({ className, ...rest }: ComponentProps<'input'>) {
  return <input {...useControl()} {...rest} className={clsx('input', className)} />;
}
export function Textarea({ className, ...rest }: ComponentProps<'textarea'>) {
  return <textarea {...useControl()} rows={3} {...rest} className={clsx('input', 'textarea', className)} />;
}

interface SelectProps extends Omit<ComponentProps<'select'>, 'onChange' | 'children'> {
  options: readonly { value: string; label: string }[];
  onValue: (value: string) => void;
}

/** The system's own list: right on every device, and for screen readers. */
export function Select({ options, onValue, className, ...rest }: SelectProps) {
  return (
    <select {...useControl()} {...rest} className={clsx('input', 'select', className)} onChange={(event) => onValue(event.target.value)}>
      {options.map((option) => <option key={option.value} value={option.value}>{option.label}</option>)}
    </select>
  );
}

/** A box with its label. */
export function Checkbox({ label, hint, className, ...rest }: ComponentProps<'input'> & { label: ReactNode; hint?: ReactNode }) {
  return (
    <label className={clsx('checkbox', className)}>
      <input type="checkbox" {...rest} />
      <span>{label}{hint !== undefined && <span className="field-hint">{hint}</span>}</span>
    </label>
  );
}

/** Fields below each other with the form's buttons at the end. */
export function Form({ onSubmit, children, className }: { onSubmit: () => void; children: ReactNode; className?: string }) {
  return (
    <form
      className={clsx('form', className)}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      {children}
    </form>
  );
}
export function FormActions({ children }: { children: ReactNode }) {
  return <div className="form-actions">{children}</div>;
}
