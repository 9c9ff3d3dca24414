import { describe, expect, it } from "@effect/vitest"
import type { Connection, Receiver } from "../src/internal/undici/Dispatch.js"
import { dispatch, toOptions } from "../src/internal/undici/Dispatch.js"
import type { Driven } from "./transport/DrivenDispatcher.js"
import { DrivenDispatcher } from "./transport/DrivenDispatcher.js"

const options = toOptions("GET", new URL("http://localhost/"), {}, null)

/** The names of the callbacks that a dispatcher's events lead to. */
const callbacks = (drive: (driven: Driven, connection: Connection) => void) => {
  const called: Array<string> = []
  let connection: Connection | null = null
  const receiver: Receiver = {
    onHeaders: (status) => called.push(`headers ${status}`),
    onChunk: (chunk) => called.push(`chunk ${chunk.length}`),
    onEnd: () => called.push("end"),
    onError: (cause) => called.push(String(cause))
  }
  const dispatcher = new DrivenDispatcher((driven) => {
    if (connection !== null) drive(driven, connection)
  })
  dispatch(dispatcher, options, (started) => {
    connection = started
    return receiver
  })
  return { called, aborted: dispatcher.aborted.map(String) }
}

const respond = ({ controller, handler }: Driven) => {
  handler.onResponseStart(controller, 102, {})
  handler.onResponseStart(controller, 200, {})
  handler.onResponseData(controller, Buffer.alloc(5))
  handler.onResponseEnd(controller, {})
}

const aborted = ["Error: The request was aborted"]

describe("the receiver of an exchange", () => {
  it("is called for each part of the response, but not for an informational one", () => {
    const result = callbacks((driven) => {
      driven.handler.onRequestStart(driven.controller, null)
      respond(driven)
    })
    expect(result).toEqual({ called: ["headers 200", "chunk 5", "end"], aborted: [] })
  })

  it("is not called after an abort, whenever that is, and the dispatcher is told once", () => {
    const before = callbacks((driven, connection) => {
      connection.abort()
      driven.handler.onRequestStart(driven.controller, null)
      respond(driven)
    })
    expect(before).toEqual({ called: [], aborted })
    const after = callbacks((driven, connection) => {
      driven.handler.onRequestStart(driven.controller, null)
      driven.handler.onResponseStart(driven.controller, 200, {})
      connection.abort()
      connection.abort()
      respond(driven)
      driven.handler.onResponseError(driven.controller, new Error("late"))
    })
    expect(after).toEqual({ called: ["headers 200"], aborted })
  })

  it("is not called after the end or an error, and an abort has no effect then", () => {
    const ended = callbacks((driven, connection) => {
      driven.handler.onRequestStart(driven.controller, null)
      respond(driven)
      connection.abort()
      respond(driven)
      driven.handler.onResponseError(driven.controller, new Error("late"))
    })
    expect(ended).toEqual({ called: ["headers 200", "chunk 5", "end"], aborted: [] })
    const failed = callbacks((driven, connection) => {
      driven.handler.onRequestStart(driven.controller, null)
      driven.handler.onResponseError(driven.controller, new Error("broken"))
      connection.abort()
      respond(driven)
      driven.handler.onResponseError(driven.controller, new Error("late"))
      throw new Error("thrown")
    })
    expect(failed).toEqual({ called: ["Error: broken"], aborted: [] })
  })

  it("has the error of a dispatcher that throws", () => {
    const result = callbacks(() => {
      throw new Error("thrown")
    })
    expect(result).toEqual({ called: ["Error: thrown"], aborted: [] })
  })

  it("can pause and resume a connection, and neither does anything before there is one", () => {
    const paused: Array<boolean> = []
    callbacks(({ controller, handler }, { pause, resume }) => {
      pause()
      resume()
      handler.onRequestStart(controller, null)
      for (const change of [pause, pause, resume, resume]) {
        change()
        paused.push(controller.paused)
      }
    })
    expect(paused).toEqual([true, true, false, false])
  })
})
