const msPerDay = 86_400_000;
const msBefore = msPerDay / 2;

/**
 * The week that a brief of this instant is about: the one that contains the moment twelve hours
 * earlier, so that Monday morning looks back and Wednesday looks at the days so far.
 * @param {string} asOf
 * @returns {{ name: string, days: string[] }} ISO week and its days, Monday first, in UTC
 */
export function weekOf(asOf) {
  const moment = Math.floor((Date.parse(asOf) - msBefore) / msPerDay);
  // Day 0 of the epoch was a Thursday.
  const monday = moment - ((moment + 3) % 7);
  const thursday = new Date((monday + 3) * msPerDay);
  const firstDay = Date.UTC(thursday.getUTCFullYear(), 0, 1) / msPerDay;
  const number = Math.floor((monday + 3 - firstDay) / 7) + 1;
  return {
    name: `${thursday.getUTCFullYear()}-W${String(number).padStart(2, "0")}`,
    days: [0, 1, 2, 3, 4, 5, 6].map((offset) => dayOf((monday + offset) * msPerDay)),
  };
}

/**
 * @param {string | number} instant
 * @returns {string} yyyy-mm-dd in UTC
 */
export function dayOf(instant) {
  return new Date(instant).toISOString().slice(0, 10);
}
