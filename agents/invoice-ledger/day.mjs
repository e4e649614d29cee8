const msPerDay = 86_400_000;

/** @typedef {"de" | "en"} Language */

const months = {
  en: "January February March April May June July August September October November December".split(
    " ",
  ),
  de: "Januar Februar März April Mai Juni Juli August September Oktober November Dezember".split(
    " ",
  ),
};

/**
 * Number of the day since 1970.
 * @param {string} text yyyy-mm-dd
 * @returns {number | undefined} undefined when there is no such day
 */
export function parseDay(text) {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return undefined;
  const ms = Date.parse(`${text}T00:00:00Z`);
  if (Number.isNaN(ms) || !new Date(ms).toISOString().startsWith(text)) return undefined;
  return ms / msPerDay;
}

/**
 * "14 October 2026", in German "14. Oktober 2026".
 * @param {string} text yyyy-mm-dd, a real day
 * @param {Language} language
 * @returns {string}
 */
export function formatDay(text, language) {
  const [year, month, day] = text.split("-").map(Number);
  const name = months[language][(month ?? 1) - 1];
  return language === "de" ? `${day}. ${name} ${year}` : `${day} ${name} ${year}`;
}
