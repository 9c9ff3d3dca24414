import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Page } from "../../Pagination.js"
import type { PageParams } from "../../schemas/PageParams.js"
import * as StiggError from "../../StiggError.js"
import * as PagePull from "../pagination/PagePull.js"

/** A list operation in its three forms: one page, a stream of pages, a stream of items. */
export interface List<Params, A> {
  readonly page: (params?: Params) => Effect.Effect<Page<A>, StiggError.StiggError>
  readonly pages: (params?: Params) => Stream.Stream<Page<A>, StiggError.StiggError>
  readonly items: (params?: Params) => Stream.Stream<A, StiggError.StiggError>
}

/** The page size of streams: the API's maximum, which takes a fifth of the requests of the default of 20. */
const streamLimit = 100

/** Makes the three forms of a list from a function that fetches one page. */
export const make = <Params extends PageParams, A>(
  operation: { readonly name: string; readonly method: string; readonly path: string },
  fetch: (params: Params) => Effect.Effect<Page<A>, StiggError.StiggError>
): List<Params, A> => {
  const none = {} as Params // every field of a list's params is optional
  const pull = (params: Params = none) =>
    PagePull.make(fetch, { ...params, limit: params.limit ?? streamLimit }, () => repeatedCursor(operation))
  return {
    page: (params = none) => fetch(params),
    pages: (params) => Stream.unwrapScoped(Effect.map(pull(params), Stream.repeatEffectOption)),
    // Each page is a chunk as it is: `Pagination.items` would copy it.
    items: (params) =>
      Stream.unwrapScoped(
        Effect.map(pull(params), (page) =>
          Stream.repeatEffectChunkOption(Effect.map(page, ({ data }) => Chunk.unsafeFromArray(data)))
        )
      )
  }
}

/** The error of a list whose cursor repeats, which would make pagination endless. */
export const repeatedCursor = (operation: {
  readonly name: string
  readonly method: string
  readonly path: string
}): StiggError.StiggError =>
  new StiggError.ResponseDecodeError({
    operation: operation.name,
    method: operation.method,
    url: operation.path,
    attempts: 1,
    // The message omits the cursor: it is the server's text, and nothing here can redact it.
    message: "The API returned a repeated cursor, so pagination would never end",
    status: 200,
    traceId: null,
    headers: {},
    body: "",
    path: "pagination"
  })
