/** The binary operators: what they take and give, by type at validation and by value at run time. */
import { areComparable, compareNumbers, isNumber, isSame } from "./expression-equality.ts";
import { Hold, isOperandMap, joinTexts, kindOf } from "./expression-operand.ts";
import type { BinaryOperator } from "./expression-tree.ts";
import { commonType, DYN, type ValueType } from "./value-type.ts";

interface OperatorRule {
  /** Type of the result, nothing where the operator does not take operands of these types. */
  readonly typeOf: (left: ValueType, right: ValueType) => ValueType | undefined;
  /** Result, {@link REFUSED} where the operator does not take these operands. */
  readonly apply: (left: unknown, right: unknown) => unknown;
}

interface Calculation {
  readonly integers: (left: bigint, right: bigint) => bigint | Hold;
  /** Absent where only integers are taken. */
  readonly doubles?: (left: number, right: number) => number;
}

const BOOL: ValueType = { kind: "bool" };
const MAX_INTEGER = 2n ** 63n - 1n;
const MIN_INTEGER = -(2n ** 63n);
const REFUSED = Symbol("refused");
const BY_ZERO = new Hold("division by zero");

const ADDITION: Calculation = { integers: (a, b) => a + b, doubles: (a, b) => a + b };

const OPERATORS: Readonly<Record<BinaryOperator, OperatorRule>> = {
  "+": { typeOf: typeTakenBy("int", "double", "string", "list"), apply: add },
  "-": arithmetic({ integers: (a, b) => a - b, doubles: (a, b) => a - b }),
  "*": arithmetic({ integers: (a, b) => a * b, doubles: (a, b) => a * b }),
  "/": arithmetic({
    integers: (a, b) => (b === 0n ? BY_ZERO : a / b),
    doubles: (a, b) => a / b,
  }),
  "%": arithmetic({ integers: (a, b) => (b === 0n ? BY_ZERO : a % b) }),
  "<": comparison((order) => order < 0),
  "<=": comparison((order) => order <= 0),
  ">": comparison((order) => order > 0),
  ">=": comparison((order) => order >= 0),
  "==": { typeOf: equalityType, apply: equal },
  "!=": { typeOf: equalityType, apply: differ },
  in: { typeOf: membershipType, apply: contains },
};

/** Type of the result, nothing where the operator does not take operands of these types. */
export function operationType(
  operator: BinaryOperator,
  left: ValueType,
  right: ValueType,
): ValueType | undefined {
  return OPERATORS[operator].typeOf(left, right);
}

/** Result of the operator, a hold for operands that it does not take: null, missing, of another kind. */
export function operate(operator: BinaryOperator, left: unknown, right: unknown): unknown {
  const result = OPERATORS[operator].apply(left, right);
  if (result !== REFUSED) return result;
  return new Hold(`\`${operator}\` does not take ${kindOf(left)} and ${kindOf(right)}`);
}

// ---- arithmetic ----------------------------------------------------------------------------

function arithmetic(calculation: Calculation): OperatorRule {
  const kinds: readonly ValueType["kind"][] =
    calculation.doubles === undefined ? ["int"] : ["int", "double"];
  return {
    typeOf: typeTakenBy(...kinds),
    apply: (left, right) => calculate(calculation, left, right),
  };
}

/** Both operands of one of the kinds; of two unknown ones the result is unknown too. */
function typeTakenBy(...kinds: readonly ValueType["kind"][]): OperatorRule["typeOf"] {
  const takes = ({ kind }: ValueType): boolean => kind === "dyn" || kinds.includes(kind);
  return (left, right) => {
    if (!takes(left) || !takes(right)) return undefined;
    if (left.kind === "dyn") return knownToBe(right);
    if (right.kind === "dyn") return knownToBe(left);
    return left.kind === right.kind ? commonType(left, right) : undefined;
  };
}

/** Half of the operands being unknown, no more is known of a list than that it is one. */
function knownToBe(type: ValueType): ValueType {
  return type.kind === "list" ? { kind: "list", of: DYN } : type;
}

function add(left: unknown, right: unknown): unknown {
  if (typeof left === "string" && typeof right === "string") return joinTexts([left, right], "");
  if (Array.isArray(left) && Array.isArray(right)) return [...left, ...right];
  return calculate(ADDITION, left, right);
}

function calculate({ integers, doubles }: Calculation, left: unknown, right: unknown): unknown {
  if (typeof left === "bigint" && typeof right === "bigint") {
    const result = integers(left, right);
    const fits = result instanceof Hold || (result <= MAX_INTEGER && result >= MIN_INTEGER);
    return fits ? result : new Hold("the result does not fit in 64 bits");
  }
  if (typeof left !== "number" || typeof right !== "number") return REFUSED;
  if (doubles === undefined) return REFUSED;
  const result = doubles(left, right);
  return Number.isFinite(result) ? result : new Hold("the result is no number");
}

// ---- order ---------------------------------------------------------------------------------

function comparison(holds: (order: number) => boolean): OperatorRule {
  return {
    typeOf: (left, right) =>
      isOrdered(left) && isOrdered(right) ? equalityType(left, right) : undefined,
    apply: (left, right) => {
      const order = orderOf(left, right);
      return order === undefined ? REFUSED : holds(order);
    },
  };
}

function isOrdered({ kind }: ValueType): boolean {
  return ["int", "double", "string", "bool", "dyn"].includes(kind);
}

function orderOf(left: unknown, right: unknown): number | undefined {
  if (isNumber(left) && isNumber(right)) return compareNumbers(left, right);
  if (typeof left === "boolean" && typeof right === "boolean") return Number(left) - Number(right);
  if (typeof left !== "string" || typeof right !== "string") return undefined;
  if (left < right) return -1;
  return left > right ? 1 : 0;
}

// ---- equality ------------------------------------------------------------------------------

function equalityType(left: ValueType, right: ValueType): ValueType | undefined {
  const numeric: readonly ValueType["kind"][] = ["int", "double"];
  const bothNumeric = numeric.includes(left.kind) && numeric.includes(right.kind);
  const oneUnknown = left.kind === "dyn" || right.kind === "dyn";
  return oneUnknown || bothNumeric || left.kind === right.kind ? BOOL : undefined;
}

function equal(left: unknown, right: unknown): unknown {
  return areComparable(left, right) ? isSame(left, right) : REFUSED;
}

function differ(left: unknown, right: unknown): unknown {
  const result = equal(left, right);
  return typeof result === "boolean" ? !result : result;
}

// ---- membership ----------------------------------------------------------------------------

function membershipType(left: ValueType, right: ValueType): ValueType | undefined {
  if (right.kind === "dyn") return BOOL;
  if (right.kind === "list") return equalityType(left, right.of);
  // Of a closed map it is known which fields there are: `has(map.field)` asks, and a misspelt name is found.
  const isKey = left.kind === "string" || left.kind === "dyn";
  return right.kind === "object" && right.open && isKey ? BOOL : undefined;
}

/** Every element must be comparable, also those behind the one that matches. */
function contains(wanted: unknown, container: unknown): unknown {
  if (typeof wanted === "string" && isOperandMap(container))
    return Object.hasOwn(container, wanted);
  if (!Array.isArray(container) || !areComparable(wanted, wanted)) return REFUSED;
  let found = false;
  for (const element of container) {
    if (!areComparable(wanted, element)) {
      return new Hold(`cannot compare ${kindOf(wanted)} with the element ${kindOf(element)}`);
    }
    const same = isSame(wanted, element);
    if (same instanceof Hold) return same;
    found ||= same;
  }
  return found;
}
