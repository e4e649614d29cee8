/** Digits after the decimal sign. */
const minorDigits = { CHF: 2, EUR: 2, GBP: 2, JPY: 0, USD: 2 };

/** @typedef {keyof typeof minorDigits} Currency */

/** @param {string} text @returns {text is Currency} */
export function isCurrency(text) {
  return Object.hasOwn(minorDigits, text);
}

export const currencies = Object.keys(minorDigits);

/**
 * Minor units of "1250.50"; whole units for currencies that have none.
 * @param {string} text
 * @param {Currency} currency
 * @returns {number | undefined} undefined when it is not an amount in this currency
 */
export function parseAmount(text, currency) {
  const digits = minorDigits[currency];
  const match = /^(\d{1,12})(?:\.(\d{2}))?$/.exec(text);
  if (match === null || (match[2] !== undefined && digits === 0)) return undefined;
  return Number(match[1]) * 10 ** digits + Number(match[2] ?? 0);
}

/**
 * "EUR 1,250.50", in German "1.250,50 EUR" and, as the Swiss write it, "CHF 1'250.50".
 * @param {number} minor
 * @param {Currency} currency
 * @param {import("./day.mjs").Language} language
 * @returns {string}
 */
export function formatAmount(minor, currency, language) {
  const { group, point, codeFirst } = signs(currency, language);
  const digits = minorDigits[currency];
  const text = String(minor).padStart(digits + 1, "0");
  const whole = text.slice(0, text.length - digits).replaceAll(/\B(?=(\d{3})+$)/g, group);
  const number = digits === 0 ? whole : `${whole}${point}${text.slice(-digits)}`;
  return codeFirst ? `${currency} ${number}` : `${number} ${currency}`;
}

/** @param {Currency} currency @param {import("./day.mjs").Language} language */
function signs(currency, language) {
  if (language === "en") return { group: ",", point: ".", codeFirst: true };
  if (currency === "CHF") return { group: "'", point: ".", codeFirst: true };
  return { group: ".", point: ",", codeFirst: false };
}
