/** What a spreadsheet takes for the start of a formula, behind as many apostrophes as there may be. */
const formula = /^'*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/
const neutralized = /^'+[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/

/**
 * A text as a spreadsheet shows it and does not run it: with an apostrophe before it. What begins with apostrophes and
 * would be a formula behind them gets one more, so that {@link restore} finds every text again.
 */
export const neutralize = (text: string): string => (formula.test(text) ? `'${text}` : text)

/** The text that was neutralized. */
export const restore = (text: string): string => (neutralized.test(text) ? text.slice(1) : text)
