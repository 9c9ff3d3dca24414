import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { ServiceOf } from "./Client.js"
import { derive } from "./derive.js"
import type { Declarations, Group } from "./Declaration.js"

/** A method that dies with the name of its operation. */
export const missing = (name: string) => () => Effect.dieSync(() => missingError(name))

const missingError = (name: string) => new Error(`${name} was called, but it is missing in layerTest`)

// Not Layer.mock: its spread loses the missing methods, and an async function that returns it hangs on its `then`.
/** The methods of a group, each of which dies with its own name. */
export const make = <Name extends string, Ds extends Declarations>(group: Group<Name, Ds>): ServiceOf<Ds> =>
  derive(group.operations, ({ name, pagination }, key) => {
    const dies = (suffix: string) => missing(`${name}${suffix}`)
    const streamDies = (suffix: string) => () => Stream.dieSync(() => missingError(`${name}${suffix}`))
    return pagination === null
      ? { [key]: dies("") }
      : { [key]: streamDies(""), [`${key}Pages`]: streamDies("Pages"), [`${key}Page`]: dies("Page") }
  })
