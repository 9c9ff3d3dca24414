import { afterEach } from "vitest"
import { setImmediate } from "node:timers/promises"

// vitest's worker gives up when it gets no answer for 60 s, and a row of synchronous tests leaves it no time to get one.
afterEach(() => setImmediate())
