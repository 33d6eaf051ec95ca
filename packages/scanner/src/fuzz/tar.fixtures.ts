/** One member of a tar for the seeds: what of the format the readers tell apart. */
export interface Member {
  path: string;
  content?: string | Buffer;
  /** Type flag. Default `0`, a file. */
  flag?: string;
  target?: string;
  /** Records of an extended header before it. */
  pax?: Record<string, string>;
}

/** A tar of these members with its end mark. */
export function tarOf(members: readonly Member[]): Buffer {
  return Buffer.concat([...members.flatMap(member), Buffer.alloc(1024)]);
}

function member({ path, content = '', flag = '0', target = '', pax }: Member): Buffer[] {
  const bytes = Buffer.from(content);
  const out: Buffer[] = [];
  if (pax) out.push(...member({ path: 'PaxHeaders/0', flag: 'x', content: Object.entries(pax).map(([key, value]) => record(key, value)).join('') }));
  const block = Buffer.alloc(512);
  block.write(path.slice(0, 100), 0);
  block.write('0000644\0', 100);
  block.write('0000000\0'.repeat(2), 108);
  block.write(bytes.length.toString(8).padStart(11, '0'), 124);
  block.write('00000000000', 136);
  block.write(flag, 156);
  block.write(target, 157);
  block.write('ustar\x0000', 257);
  block.fill(' ', 148, 156);
  block.write(`${block.reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, '0')}\0 `, 148);
  return [...out, block, bytes, Buffer.alloc(-bytes.length & 511)];
}

/** A record's length counts its own digits. */
function record(key: string, value: string): string {
  const body = ` ${key}=${value}\n`;
  let length = Buffer.byteLength(body);
  length += String(length + String(length).length).length;
  return `${length}${body}`;
}
