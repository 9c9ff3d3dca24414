/**
 * The emulator as an HTTP server on Node.
 *
 * @module
 * @since 0.1.0
 */
export * as EmulatorServer from "./EmulatorServer.js"
