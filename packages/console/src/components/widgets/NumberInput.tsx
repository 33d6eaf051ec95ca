import { useState } from 'react';
import { Input } from '../Field.tsx';

interface NumberProps {
  value: number;
  least: number;
  most: number;
  onValue: (value: number) => void;
}

/** A whole number within bounds. What is being typed may be out of them: it is put right when the field is left. */
export function NumberInput({ value, least, most, onValue }: NumberProps) {
  const [text, setText] = useState<string | null>(null);
  return (
    <Input
      type="number"
      inputMode="numeric"
      min={least}
      max={most}
      value={text ?? String(value)}
      onChange={(event) => {
        setText(event.target.value);
        const next = Number(event.target.value);
        if (event.target.value !== '' && Number.isInteger(next) && next >= least && next <= most) onValue(next);
      }}
      onBlur={() => {
        const next = Math.round(Number(text ?? value));
        if (text !== null && text !== '' && Number.isFinite(next)) onValue(Math.max(least, Math.min(most, next)));
        setText(null);
      }}
    />
  );
}
