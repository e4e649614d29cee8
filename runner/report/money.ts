/** Millionths of a US dollar in words. Integers in, no floats on the way. */

const MICROS_PER_CENT = 10_000;
/** Below it cents alone say too little. */
const TEN_CENTS = 10 * MICROS_PER_CENT;
const MICRO_DIGITS = 6;

/** "0.42 USD", rounded half up; of less than ten cents two digits that say something: "0.0012 USD". */
export function usd(micros: number): string {
  return `${amount(micros)} USD`;
}

/** "0.42" without the currency, for columns that name it. */
export function amount(micros: number): string {
  const unit = unitOf(micros);
  return decimal(Math.floor((micros + unit / 2) / unit) * unit);
}

/** An upper bound, rounded up: "0.43 USD". */
export function usdAtMost(micros: number): string {
  const unit = unitOf(micros);
  return `${decimal(Math.ceil(micros / unit) * unit)} USD`;
}

/** What is left out of sight. */
function unitOf(micros: number): number {
  const size = Math.abs(micros);
  if (size >= TEN_CENTS || size === 0) return MICROS_PER_CENT;
  return 10 ** Math.max(0, String(size).length - 2);
}

function decimal(micros: number): string {
  const digits = String(Math.abs(micros)).padStart(MICRO_DIGITS + 1, "0");
  const fraction = digits.slice(-MICRO_DIGITS).replace(/0{1,4}$/u, "");
  return `${micros < 0 ? "-" : ""}${digits.slice(0, -MICRO_DIGITS)}.${fraction}`;
}
