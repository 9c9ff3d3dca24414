import * as Schema from "effect/Schema"
import { read } from "../docs/extraction.js"

const Manifest = Schema.parseJson(
  Schema.Struct({
    exports: Schema.Record({
      key: Schema.String,
      value: Schema.Union(Schema.String, Schema.Record({ key: Schema.String, value: Schema.String }))
    })
  })
)

/** The `exports` of the package. */
export const packageExports = Schema.decodeUnknownSync(Manifest)(read("package.json")).exports

/** The sources of the public modules, keyed by import name. */
export const publicModules: ReadonlyArray<readonly [string, string]> = Object.entries(packageExports).flatMap(
  ([name, target]) =>
    typeof target === "string"
      ? []
      : [[name, (target["default"] ?? "").replace(/^\.\/dist\//, "src/").replace(/\.js$/, ".ts")] as const]
)
