/**
 * The emulator as an HTTP server on Node, and a test layer on it.
 *
 * @module
 * @since 0.1.0
 */
export * as EmulatorServer from "./EmulatorServer.js"
export * as StiggTest from "./node/StiggTest.js"
