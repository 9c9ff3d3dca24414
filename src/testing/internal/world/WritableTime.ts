/** What the API's timestamps can express, for a message. */
export const range = "the years 0 to 9999"

const first = Date.parse("0000-01-01T00:00:00.000Z")
const last = Date.parse("9999-12-31T23:59:59.999Z")

/** Whether the API's timestamps can express a time, in milliseconds since the epoch. */
export const isWritable = (millis: number): boolean => millis >= first && millis <= last
