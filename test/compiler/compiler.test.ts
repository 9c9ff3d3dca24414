/**
 * The tests that ask the compiler are one file: it reads the project once for all of them. It names the members of a union
 * in the order in which it has met them, so that the messages about a user's mistakes come first.
 */
import "./misuse.js"
import "./operations.js"
import "./hover.js"
import "./examples.js"
