/** Objects and refs that are named and cannot be read: missing, damaged or cut off; a code tells them from a bug. */

/** The `code` of an error about an object or a ref that cannot be read. */
const DAMAGED = "DAMAGED";
/** The same, of what a partial clone left at the origin. */
const PROMISED = "PROMISED";

/** What git says of an object that it can read no more. */
const SAID_OF_OBJECTS =
  /is corrupt|is empty|object corrupt or missing|inflate: |unable to unpack|cannot unpack|checksum mismatch|far too short|missing (?:blob|tree|commit)|bad object|hash mismatch/;
const OBJECT = /\b(?:[0-9a-f]{40}|[0-9a-f]{64})\b|objects\/[0-9a-f]{2}\/[0-9a-f]{38,62}/;

/** `path` is the object's id or the file of the ref. */
export function damagedError(message: string, path: string, cause?: unknown): Error {
  return Object.assign(new Error(message, { cause }), { code: DAMAGED, path });
}

export function missingObject(oid: string, where: string): Error {
  return damagedError(`object ${oid} (${where}) is missing or damaged`, oid);
}

export function promisedObject(oid: string, where: string): Error {
  const message = `object ${oid} (${where}) was left at the origin, which does not give it now`;
  return Object.assign(new Error(message), { code: PROMISED, path: oid });
}

/** It cannot be read here, now. */
export function isUnreadable(error: unknown): boolean {
  return isDamage(error) || isPromised(error);
}

export function isDamage(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === DAMAGED;
}

export function isPromised(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === PROMISED;
}

/** The object that git complains of in these words; undefined when they are about anything else. */
export function complainedOf(stderr: string): string | undefined {
  if (!SAID_OF_OBJECTS.test(stderr)) return undefined;
  return OBJECT.exec(stderr)?.[0]?.replace("objects/", "").replace("/", "");
}
