/** git's deltas: one object told as copies from another and new bytes. Format: gitformat-pack(5). */
import { LARGEST_READ } from "./git-object.ts";

/** A number in groups of seven bits, the lowest first, and where it ends. */
interface Sized {
  readonly value: number;
  readonly end: number;
}

/** The object that `delta` makes of `base`; throws when the two do not belong together. */
export function applyDelta(base: Buffer, delta: Buffer): Buffer {
  const from = sizeAt(delta, 0);
  const to = sizeAt(delta, from.end);
  if (from.value !== base.length) throw new Error("the delta is for another object");
  if (to.value > LARGEST_READ) throw new Error("the object is too large to be read at once");
  const parts: Buffer[] = [];
  let length = 0;
  for (let at = to.end; at < delta.length && length <= to.value;) {
    const { part, end } = partAt(base, delta, at);
    parts.push(part);
    length += part.length;
    at = end;
  }
  if (length !== to.value) throw new Error("the delta does not make what it says");
  return Buffer.concat(parts, length);
}

function sizeAt(bytes: Buffer, start: number): Sized {
  let [value, factor, at] = [0, 1, start];
  for (;;) {
    const byte = bytes.readUInt8(at);
    at += 1;
    value += (byte & 0x7f) * factor;
    factor *= 128;
    if (byte < 0x80) return { value, end: at };
  }
}

function partAt(
  base: Buffer,
  delta: Buffer,
  at: number,
): { readonly part: Buffer; readonly end: number } {
  const command = delta.readUInt8(at);
  if (command >= 0x80) return copyAt(base, delta, at);
  const part = delta.subarray(at + 1, at + 1 + command);
  if (command === 0 || part.length !== command) throw new Error("the delta is damaged");
  return { part, end: at + 1 + command };
}

/** A copy says with a bit for each byte of offset and size whether that byte is there; size 0 means 64 KiB. */
function copyAt(
  base: Buffer,
  delta: Buffer,
  start: number,
): { readonly part: Buffer; readonly end: number } {
  const command = delta.readUInt8(start);
  let at = start + 1;
  const number = (firstBit: number, bytes: number): number => {
    let value = 0;
    for (let byte = 0; byte < bytes; byte += 1) {
      if ((command & (1 << (firstBit + byte))) === 0) continue;
      value += delta.readUInt8(at) * 256 ** byte;
      at += 1;
    }
    return value;
  };
  const offset = number(0, 4);
  const size = number(4, 3) || 0x10000;
  const part = base.subarray(offset, offset + size);
  if (part.length !== size) throw new Error("the delta copies what is not there");
  return { part, end: at };
}
