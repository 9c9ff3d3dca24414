import type { Service } from "../../Entitlements.js"

/** The methods that the cached and the offline implementation provide; `require` builds on `check`. */
export type Checks = Omit<Service, "require">
