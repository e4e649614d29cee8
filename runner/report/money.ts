/** Millionths of a US dollar in words. Integers in, no floats on the way. */

const microsPerCent = 10_000;

/** "0.42 USD", rounded half up; "< 0.01 USD" for what would look like nothing. */
export function usd(micros: number): string {
  return `${amount(micros)} USD`;
}

/** "0.42" without the currency, for columns that name it. */
export function amount(micros: number): string {
  if (micros > 0 && micros < microsPerCent / 2) return "< 0.01";
  return cents(Math.floor((micros + microsPerCent / 2) / microsPerCent));
}

/** An upper bound, rounded up: "0.43 USD". */
export function usdAtMost(micros: number): string {
  return `${cents(Math.ceil(micros / microsPerCent))} USD`;
}

function cents(count: number): string {
  const digits = String(Math.abs(count)).padStart(3, "0");
  return `${count < 0 ? "-" : ""}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
