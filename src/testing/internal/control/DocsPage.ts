import * as HttpApiSwagger from "@effect/platform/HttpApiSwagger"
import * as HttpLayerRouter from "@effect/platform/HttpLayerRouter"
import * as Effect from "effect/Effect"
import { StiggApi } from "../../StiggApi.js"
import * as ApiFailure from "../contract/ApiFailure.js"
import { ControlApi, paths } from "./ControlApi.js"

/** Built on first use, because the documents take longer to make than a server to start. */
const built = HttpLayerRouter.toHttpEffect(
  HttpApiSwagger.layerHttpLayerRouter({ api: StiggApi.addHttpApi(ControlApi), path: paths.docs })
).pipe(Effect.scoped, Effect.cached, Effect.runSync)

/** A page on which the API and the control routes can be tried. */
export const page = Effect.mapError(Effect.flatten(built), ApiFailure.of)
