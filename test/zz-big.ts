import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Emulator } from "/work/control/src/testing/index.js"
import { EmulatorServer } from "/work/control/src/testing/node.js"
const mb = () => (globalThis.gc?.(), Math.round(process.memoryUsage().rss / 1e6) + " MB rss, heap " + Math.round(process.memoryUsage().heapUsed / 1e6))
const t0 = performance.now()
await Effect.runPromise(Effect.gen(function* () {
  const { url } = yield* EmulatorServer.EmulatorServer
  console.log("loaded", Math.round(performance.now() - t0), "ms", mb())
  for (const path of ["snapshot", "save"]) {
    let peak = 0
    const timer = setInterval(() => { peak = Math.max(peak, process.memoryUsage().heapUsed) }, 20)
    const t = performance.now()
    let bytes = 0, done = false, worst = 0, pings = 0
    const read = (async () => { const r = await fetch(`${url}/_emulator/${path}`); for await (const c of r.body!) bytes += c.length; done = true })()
    yield* Effect.promise(async () => { while (!done) { const p = performance.now(); await (await fetch(`${url}/api/v1/customers/customer-5`, { headers: { "x-api-key": "a" } })).text(); worst = Math.max(worst, performance.now() - p); pings++; await new Promise((r) => setTimeout(r, 5)) } })
    yield* Effect.promise(() => read)
    clearInterval(timer)
    console.log(path, Math.round(performance.now() - t), "ms", Math.round(bytes / 1e6), "MB; pings", pings, "worst", worst.toFixed(1), "ms; peak heap", Math.round(peak / 1e6), mb())
  }
  const t = performance.now()
  return t
}).pipe(Effect.provide(EmulatorServer.layer({ data: process.argv[2]! })), Effect.tap((t) => Effect.sync(() => console.log("end"))), Effect.scoped))
console.log("total", Math.round(performance.now() - t0), mb())
