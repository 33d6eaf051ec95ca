/** One `WWW-Authenticate` challenge: scheme in lower case and its parameters by name in lower case. */
export interface Challenge {
  scheme: string;
  parameters: Map<string, string>;
}

const TOKEN = /[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}/y;

/**
 * Reads a `WWW-Authenticate` header, which may hold several challenges (RFC 9110, 11.6.1). What cannot be
 * read ends the list.
 */
export function parseChallenges(header: string): Challenge[] {
  const challenges: Challenge[] = [];
  const text = header.slice(0, 8_192);
  let at = 0;
  const token = (): string | undefined => {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    if (match === null) return undefined;
    at += match[0].length;
    return match[0];
  };
  const skip = (characters: string): void => {
    while (at < text.length && characters.includes(text[at]!)) at++;
  };

  for (;;) {
    skip(' \t,');
    const word = token();
    if (word === undefined) return challenges;
    skip(' \t');
    if (text[at] !== '=') {
      challenges.push({ scheme: word.toLowerCase(), parameters: new Map() });
      continue;
    }
    at++;
    skip(' \t');
    const value = text[at] === '"' ? quoted() : token();
    const current = challenges.at(-1);
    if (value === undefined || current === undefined) return challenges;
    current.parameters.set(word.toLowerCase(), value);
  }

  function quoted(): string | undefined {
    let value = '';
    for (at++; at < text.length; at++) {
      const character = text[at]!;
      if (character === '"') {
        at++;
        return value;
      }
      value += character === '\\' && at + 1 < text.length ? text[++at]! : character;
    }
    return undefined;
  }
}
