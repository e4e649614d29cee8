/** What an agent proposes to remember, checked field by field: it comes from outside. */
import type { MemoryKind } from "#runner/schema/types.gen.ts";

export interface MemoryProposal {
  readonly kind: MemoryKind;
  readonly subject: string;
  readonly attribute?: string;
  readonly text: string;
  readonly confidence?: number;
  readonly validFrom?: string;
  readonly validTo?: string;
}

const LARGEST_TEXT_BYTES = 4096;

const KINDS: readonly string[] = [
  "fact",
  "decision",
  "template",
  "heuristic",
] satisfies MemoryKind[];

const FIELDS: Readonly<
  Record<keyof MemoryProposal, { required: boolean; isValid: (value: unknown) => boolean }>
> = {
  kind: { required: true, isValid: isKind },
  subject: { required: true, isValid: (value) => isLine(value, 120) },
  attribute: { required: false, isValid: (value) => isLine(value, 60) },
  text: { required: true, isValid: isBody },
  confidence: {
    required: false,
    isValid: (value) => typeof value === "number" && value >= 0 && value <= 1,
  },
  validFrom: { required: false, isValid: isDate },
  validTo: { required: false, isValid: isDate },
};

/** The proposal when it has the right form, else the reason why not. */
export function readProposal(value: unknown): MemoryProposal | string {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return "it is not an object";
  const members: Readonly<Record<string, unknown>> = { ...value };
  const unknown = Object.keys(members).find((key) => !Object.hasOwn(FIELDS, key));
  if (unknown !== undefined) return `it has an unknown field "${unknown}"`;
  const bad = Object.entries(FIELDS).find(([key, { required, isValid }]) =>
    members[key] === undefined ? required : !isValid(members[key]),
  );
  if (bad !== undefined) return `its field "${bad[0]}" is missing or not valid`;
  return isProposal(members) ? members : "it is not a proposal";
}

function isProposal(members: object): members is MemoryProposal {
  return "kind" in members && "subject" in members && "text" in members;
}

function isKind(value: unknown): boolean {
  return typeof value === "string" && KINDS.includes(value);
}

function isLine(value: unknown, longest: number): boolean {
  return (
    typeof value === "string" &&
    value.trim() !== "" &&
    value.length <= longest &&
    !/\p{Cc}|\p{Cs}/u.test(value)
  );
}

function isBody(value: unknown): boolean {
  if (typeof value !== "string" || value.trim() === "" || /[^\P{C}\n\t\u200C\u200D]/u.test(value))
    return false;
  return new TextEncoder().encode(value).length <= LARGEST_TEXT_BYTES;
}

function isDate(value: unknown): boolean {
  return (
    typeof value === "string" && /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/.test(value)
  );
}
