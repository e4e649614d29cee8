/** How long the state remembers days. */

/** The longest month, and the days by which a clock and a calendar may differ. */
export const DAYS_KEPT = 35;
