import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Net from "node:net"

export interface Door {
  readonly port: number
  readonly open: Effect.Effect<void>
  readonly shut: Effect.Effect<void>
  /** From now on, connections stay open and carry nothing. */
  readonly silence: Effect.Effect<void>
}

/** A proxy to a server. When shut, it accepts no connections and drops existing ones. */
export const make = (target: {
  readonly host: string
  readonly port: number
}): Effect.Effect<Door, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.async<Door>((resume) => {
      const sockets = new Set<Net.Socket>()
      let isSilent = false
      const server = Net.createServer((inside) => {
        const outside = Net.connect(target.port, target.host)
        for (const [from, to] of [
          [inside, outside],
          [outside, inside]
        ] as const) {
          sockets.add(from)
          if (!isSilent) from.pipe(to)
          from.on("error", () => to.destroy())
          from.on("close", () => {
            sockets.delete(from)
            to.destroy()
          })
        }
      })
      server.listen(0, "127.0.0.1", () => {
        const { port } = server.address() as Net.AddressInfo
        resume(
          Effect.succeed({
            port,
            open: Effect.async<void>((resume) => void server.listen(port, "127.0.0.1", () => resume(Effect.void))),
            shut: Effect.async<void>((resume) => {
              server.close(() => resume(Effect.void))
              for (const socket of sockets) socket.destroy()
            }),
            silence: Effect.sync(() => {
              isSilent = true
              for (const socket of sockets) socket.unpipe()
            })
          })
        )
      })
    }),
    ({ shut }) => Effect.ignore(shut)
  )
