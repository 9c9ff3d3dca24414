/**
 * The emulator as an HTTP server on Node.
 *
 * @since 0.1.0
 */
export * as EmulatorServer from "./EmulatorServer.js"
