/** The start of a formula in a spreadsheet, after any number of apostrophes. */
const formula = /^'*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/
const neutralized = /^'+[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/

/**
 * Puts an apostrophe before a text that a spreadsheet would run as a formula. A text that starts with apostrophes
 * followed by a formula gets one more, so that {@link restore} reverses every case.
 */
export const neutralize = (text: string): string => (formula.test(text) ? `'${text}` : text)

/** Removes the apostrophe that {@link neutralize} added. */
export const restore = (text: string): string => (neutralized.test(text) ? text.slice(1) : text)
