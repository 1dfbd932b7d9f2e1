const encoder = new TextEncoder();
/** Longer texts are encoded faster by the system. */
const SHORT = 64;
/** Room for the most that a text may take, three bytes a unit, is only made up to this length. */
const LONG = 1024 * 1024;
const MOST_BYTES = 3;

/** Bytes of a COPY in binary format, written field by field and taken away in pieces. */
export class CopyBuffer {
  #bytes = new Uint8Array(512 * 1024);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;
  /** Bytes of texts written since it was last set to zero. */
  textBytes = 0;
  /** Whether one of them had the character that stands for what could not be read. */
  replaced = false;

  /** Bytes held. Setting it back takes back what was written since. */
  get length(): number {
    return this.#length;
  }
  set length(length: number) {
    this.#length = length;
  }

  /** What was written, to be used before more is; the buffer is then empty. */
  take(): Uint8Array {
    const bytes = this.#bytes.subarray(0, this.#length);
    this.#length = 0;
    return bytes;
  }

  /** Begins a row of so many fields; −1 ends the COPY. */
  row(fields: number): void {
    this.#room(2);
    this.#view.setInt16(this.#length, fields);
    this.#length += 2;
  }

  null(): void {
    this.#field(-1);
  }

  int16(value: number): void {
    const start = this.#field(2);
    this.#view.setInt16(start, value);
  }

  int32(value: number): void {
    const start = this.#field(4);
    this.#view.setInt32(start, value);
  }

  int64(value: bigint): void {
    const start = this.#field(8);
    this.#view.setBigInt64(start, value);
  }

  float32(value: number): void {
    const start = this.#field(4);
    this.#view.setFloat32(start, value);
  }

  float64(value: number): void {
    const start = this.#field(8);
    this.#view.setFloat64(start, value);
  }

  boolean(value: boolean): void {
    const start = this.#field(1);
    this.#view.setUint8(start, value ? 1 : 0);
  }

  bytes(value: Uint8Array): void {
    const start = this.#field(value.length);
    this.#bytes.set(value, start);
  }

  text(value: string): void {
    if (value.length > LONG) {
      if (value.includes("\ufffd")) this.replaced = true;
      const bytes = encoder.encode(value);
      this.textBytes += bytes.length;
      return this.bytes(bytes);
    }
    this.#room(4 + value.length * MOST_BYTES);
    const start = this.#length + 4;
    const size = this.#ascii(value, start) ?? this.#encoded(value, start);
    this.#view.setInt32(this.#length, size);
    this.#length = start + size;
    this.textBytes += size;
  }

  /** Most texts are short and plain: for these a loop beats every call. */
  #ascii(value: string, start: number): number | undefined {
    if (value.length > SHORT) return undefined;
    const bytes = this.#bytes;
    for (let at = 0; at < value.length; at++) {
      const unit = value.charCodeAt(at);
      if (unit > 0x7f) return undefined;
      bytes[start + at] = unit;
    }
    return value.length;
  }

  #encoded(value: string, start: number): number {
    if (value.includes("\ufffd")) this.replaced = true;
    return encoder.encodeInto(value, this.#bytes.subarray(start)).written;
  }

  /** Writes a field's length, and returns where its bytes go; what holds them may be another then. */
  #field(size: number): number {
    this.#room(4 + Math.max(size, 0));
    this.#view.setInt32(this.#length, size);
    const start = this.#length + 4;
    this.#length = start + Math.max(size, 0);
    return start;
  }

  #room(size: number): void {
    if (this.#length + size <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + size));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}
