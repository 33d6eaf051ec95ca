import type { ReactNode } from 'react';
import './configuration.css';

interface SegmentedProps<V extends string> {
  legend: string;
  name: string;
  value: V;
  onValue: (value: V) => void;
  options: readonly { value: V; label: string; icon?: ReactNode }[];
  /** The legend is for screen readers alone. */
  quiet?: boolean;
}

/** A choice of few, all in sight: radio buttons side by side. */
export function Segmented<V extends string>({ legend, name, value, onValue, options, quiet = false }: SegmentedProps<V>) {
  return (
    <fieldset className="segmented">
      <legend className={quiet ? 'visually-hidden' : 'field-label'}>{legend}</legend>
      <div className="segments">
        {options.map((option) => (
          <label key={option.value} className="segment">
            <input type="radio" name={name} value={option.value} checked={option.value === value} onChange={() => onValue(option.value)} />
            {option.icon}
            {option.label}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
