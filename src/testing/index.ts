/**
 * A stateful, in-process emulator of the Stigg API for tests. It opens no socket.
 *
 * @module
 * @since 0.1.0
 */
export * as Act from "./Act.js"
export * as Controls from "./Controls.js"
export * as Emulator from "./Emulator.js"
export * as Faults from "./Faults.js"
export * as Inspection from "./Inspection.js"
export * as Journal from "./Journal.js"
export * as Limits from "./Limits.js"
export * as Operation from "./Operation.js"
export * as Saved from "./Saved.js"
export * as Seed from "./Seed.js"
export * as Snapshot from "./Snapshot.js"
export * as StiggApi from "./StiggApi.js"
export * as StiggTest from "./StiggTest.js"
export * as WebhookEvent from "./WebhookEvent.js"
export * as Webhooks from "./Webhooks.js"
