import { mostShortBytes } from './short-text.js';

/** Room for the frames of one message; larger ones are left to the client library. */
const mostBytes = 16 * 1024;
/** Longest text that is written unit by unit, which for so few is faster than a call into Node. */
const fewUnits = 48;
/** Beside a text: its type and length, and a value that follows it and is no text. */
const around = 16;

/** Writes into one piece of memory, message after message. What has no room, or no usual form, makes it fail. */
export class FrameWriter {
  readonly bytes = Buffer.allocUnsafeSlow(mostBytes);
  at = 0;
  /** Nothing that was written counts. */
  failed = false;

  begin(): void {
    this.at = 0;
    this.failed = false;
  }

  /** A copy of what was written. */
  taken(): Buffer {
    const taken = Buffer.allocUnsafe(this.at);
    this.bytes.copy(taken, 0, 0, this.at);
    return taken;
  }

  /** Whether there is room for so many bytes; else it fails. */
  fits(bytes: number): boolean {
    if (this.at + bytes + around > mostBytes) this.failed = true;
    return !this.failed;
  }

  byte(value: number): void {
    this.bytes[this.at] = value;
    this.at += 1;
  }

  int16(value: number): void {
    this.at = this.bytes.writeUInt16BE(value, this.at);
  }

  int32(value: number): void {
    this.at = this.bytes.writeInt32BE(value, this.at);
  }

  /** A length, to be written by `endLength`. */
  beginLength(): number {
    this.at += 4;
    return this.at;
  }

  /** @param from what `beginLength` gave */
  endLength(from: number): void {
    this.bytes.writeUInt32BE(this.at - from, from - 4);
  }

  /** Text of at most 255 bytes. */
  shortText(text: unknown): void {
    if (typeof text !== 'string' || text.length > mostShortBytes || !this.fits(text.length * 3)) {
      this.failed = true;
      return;
    }
    const from = this.at + 1;
    this.at = from;
    this.units(text);
    if (this.at - from > mostShortBytes) this.failed = true;
    else this.bytes[from - 1] = this.at - from;
  }

  /** Text of any length. */
  longText(text: string): void {
    if (!this.fits(text.length * 3)) return;
    const from = this.beginLength();
    this.units(text);
    this.endLength(from);
  }

  private units(text: string): void {
    const { bytes, at } = this;
    let index = 0;
    if (text.length <= fewUnits) {
      for (; index < text.length; index += 1) {
        const unit = text.charCodeAt(index);
        if (unit >= 0x80) break;
        bytes[at + index] = unit;
      }
    }
    this.at = at + (index === text.length ? index : bytes.write(text, at, 'utf8'));
  }
}
