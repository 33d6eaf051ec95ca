/** Which package rows each record stands in, for millions of pairs: eight bytes each. */
export class Places {
  private readonly records: number;
  private pairs = new Uint32Array(1 << 16);
  private used = 0;

  /** Records are numbered from 0 to `records` - 1. */
  constructor(records: number) {
    this.records = records;
  }

  /** Rows must come in ascending order. */
  add(record: number, row: number): void {
    if (this.used + 2 > this.pairs.length) {
      const grown = new Uint32Array(this.pairs.length * 2);
      grown.set(this.pairs);
      this.pairs = grown;
    }
    this.pairs[this.used++] = record;
    this.pairs[this.used++] = row;
  }

  /** Sorts the pairs by record; what is returned tells a record's rows, ascending, each once. */
  group(): (record: number) => Uint32Array {
    const ends = new Uint32Array(this.records + 1);
    for (let i = 0; i < this.used; i += 2) ends[this.pairs[i]! + 1]!++;
    for (let i = 1; i < ends.length; i++) ends[i]! += ends[i - 1]!;
    const starts = ends.slice();
    const rows = new Uint32Array(this.used / 2);
    for (let i = 0; i < this.used; i += 2) rows[ends[this.pairs[i]!]!++] = this.pairs[i + 1]!;
    return (record) => rows.subarray(starts[record]!, starts[record + 1]!).filter((row, i, all) => i === 0 || row !== all[i - 1]);
  }
}
