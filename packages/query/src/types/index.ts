import type { FieldType } from '../fields.ts';
import { address } from './address.ts';
import { boolean } from './boolean.ts';
import { date } from './date.ts';
import { keyword } from './keyword.ts';
import type { Kind } from './kind.ts';
import { label } from './label.ts';
import { number } from './number.ts';
import { severity } from './severity.ts';
import { text } from './text.ts';
import { version } from './version.ts';

export const KINDS: Record<FieldType, Kind> = { text, keyword, number, date, boolean, version, label, severity, address };
