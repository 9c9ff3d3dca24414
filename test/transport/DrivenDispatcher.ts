import { Dispatcher } from "undici"

/** The events of an exchange, for the test to cause. */
export interface Driven {
  readonly options: Dispatcher.DispatchOptions
  readonly handler: Required<Pick<Dispatcher.DispatchHandler, EventName>>
  readonly controller: Dispatcher.DispatchController
}

type EventName = "onRequestStart" | "onResponseStart" | "onResponseData" | "onResponseEnd" | "onResponseError"

/** A dispatcher without sockets, for orders of events that sockets rarely have. */
export class DrivenDispatcher extends Dispatcher {
  readonly exchanges: Array<Driven> = []
  /** The reasons of all aborts, in their order. */
  readonly aborted: Array<unknown> = []

  /** @param onDispatch runs inside `dispatch`, so what it causes is synchronous. */
  constructor(private readonly onDispatch: (driven: Driven) => void = () => {}) {
    super()
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const { aborted } = this
    let paused = false
    const controller: Dispatcher.DispatchController = {
      aborted: false,
      reason: null,
      get paused() {
        return paused
      },
      abort: (reason) => {
        aborted.push(reason)
        // As undici does, from inside `abort`.
        handler.onResponseError?.(controller, reason)
      },
      pause: () => {
        paused = true
      },
      resume: () => {
        paused = false
      }
    }
    const driven = { options, handler: handler as Driven["handler"], controller }
    this.exchanges.push(driven)
    this.onDispatch(driven)
    return true
  }
}
