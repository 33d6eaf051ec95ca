import type { Field, FieldTable, ObjectField } from '../fields.ts';
import { resolveField, type Found } from '../resolve.ts';
import { tokenize, tokenText, type Token } from '../syntax/lexer.ts';

/** What the cursor of a query, finished or not, stands at. */
export interface Place {
  /** These characters are replaced: what is being typed, or nothing. */
  from: number;
  to: number;
  /** What is typed of it so far, quotes and escapes removed. */
  prefix: string;
  /** The quote that what is being typed began with. */
  quote: '"' | '`' | '';
  /** Fields that can stand here; none where only a value can. */
  fields: readonly Field[];
  /** The field whose value can stand here. */
  value: Found | undefined;
  /** The value is a single one: after `<`, or in brackets. */
  single: boolean;
  /** What can stand here beside: `and`, `)`… */
  words: string[];
  /** An operator follows already. */
  operatorFollows: boolean;
}

interface Frame {
  fields: readonly Field[];
  /** The objects that the fields are in. */
  within: readonly ObjectField[];
  /** The field that a group or list gives the values of. */
  value: Found | undefined;
  list: boolean;
}

/** What has been read: nothing of a term yet, a field's operator, or a whole term. */
type State = 'start' | 'operator' | 'after';

class Reader {
  readonly frames: Frame[];
  state: State = 'start';
  pending: Found | undefined;
  single = false;
  private afterField = false;
  private readonly text: string;

  constructor(text: string, table: FieldTable) {
    this.text = text;
    this.frames = [{ fields: table.fields, within: [], value: undefined, list: false }];
  }

  get frame(): Frame {
    return this.frames.at(-1)!;
  }

  take(token: Token): void {
    const raw = this.text.slice(token.from, token.to);
    const afterField = this.afterField;
    this.afterField = token.kind === 'field';
    switch (token.kind) {
      case 'field':
        this.pending = this.find(raw);
        this.state = 'start';
        break;
      case 'operator':
        if (!afterField) this.pending = this.frame.value;
        this.single = raw !== ':';
        this.state = 'operator';
        break;
      case 'open':
        this.frames.push(this.opened(raw));
        this.state = 'start';
        break;
      case 'close':
        if (this.frames.length > 1) this.frames.pop();
        this.state = 'after';
        break;
      case 'keyword':
      case 'comma':
      case 'dots':
        this.state = 'start';
        break;
      default:
        this.state = 'after';
    }
  }

  private opened(bracket: string): Frame {
    if (this.state !== 'operator') return { ...this.frame, list: bracket === '[' };
    const { pending } = this;
    const list = bracket === '[';
    if (list || pending?.field.type !== 'object') return { fields: [], within: [], value: pending, list };
    return { fields: pending.field.fields, within: [...pending.within, pending.field], value: pending, list };
  }

  /** By a name as it is written in the frame, with all the objects around it. */
  private find(name: string): Found | undefined {
    const { fields, within } = this.frame;
    const found = resolveField(fields, name);
    return found && { ...found, within: [...within, ...found.within] };
  }
}

const isTyped = (token: Token | undefined, cursor: number): token is Token =>
  token !== undefined && token.to === cursor && (token.kind === 'word' || token.kind === 'keyword' || ((token.kind === 'phrase' || token.kind === 'exact') && !token.closed));

export function placeAt(text: string, cursor: number, table: FieldTable): Place {
  const before = text.slice(0, cursor);
  const tokens = tokenize(before);
  const typed = isTyped(tokens.at(-1), cursor) ? tokens.pop() : undefined;
  const reader = new Reader(before, table);
  for (const token of tokens) reader.take(token);

  const whole = typed && tokenize(text).find((token) => token.from === typed.from && token.closed);
  const to = Math.max(cursor, whole?.to ?? cursor);
  const quoted = typed?.kind === 'phrase' || typed?.kind === 'exact';
  const place: Place = {
    from: typed?.from ?? cursor,
    to,
    prefix: typed ? tokenText(before, typed) : '',
    quote: quoted ? (before[typed.from] as '"' | '`') : '',
    fields: [],
    value: undefined,
    single: reader.single || reader.frame.list,
    words: [],
    operatorFollows: /^\s*[:<>=!]/.test(text.slice(to)),
  };
  return describe(place, reader, typed !== undefined);
}

function describe(place: Place, reader: Reader, typing: boolean): Place {
  const { frame, state } = reader;
  if (state === 'operator') return { ...place, value: reader.pending, words: reader.pending?.field.type === 'object' ? ['('] : [] };
  if (frame.list) return state === 'after' ? { ...place, words: [',', '..', ']'] } : { ...place, value: frame.value };
  const close = reader.frames.length > 1 ? [')'] : [];
  const scalarGroup = frame.value !== undefined && frame.value.field.type !== 'object';
  const fields = place.quote ? [] : frame.fields;
  const value = scalarGroup ? frame.value : undefined;
  if (state === 'start') return { ...place, fields, value, single: false, words: ['not', '('] };
  // After a term, a word that is being typed may become the next term: `and` need not be written.
  return { ...place, fields: typing ? fields : [], value: typing ? value : undefined, single: false, words: ['and', 'or', ...(typing ? ['not'] : []), ...close] };
}
