/** What a schema's `format` says of a text. */

export const TEXT_FORMATS = {
  artifact: isRepositoryPath,
  date: isDate,
  "date-time": (text: string) => DATE_TIME.test(text) && isDate(text.slice(0, 10)),
  email: (text: string) => text.length <= 254 && /^[^@\s]+@[^@\s]+$/.test(text),
  uri: (text: string) => /^[a-z][-+.a-z0-9]*:/i.test(text) && URL.canParse(text),
} as const;
const DATE_TIME = /^\d{4}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[-+]\d\d:\d\d)$/;

/** A relative path that stays in the repository. */
function isRepositoryPath(path: string): boolean {
  if (path.length > 500 || path.includes("\\") || /\p{Cc}/u.test(path)) return false;
  return path.split("/").every((segment) => segment !== "" && segment !== "." && segment !== "..");
}

function isDate(text: string): boolean {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text)?.map(Number) ?? [];
  if (year === undefined || month === undefined || day === undefined) return false;
  const lengths = [31, isLeap(year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  return day >= 1 && day <= (lengths[month - 1] ?? 0);
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}
