import all from "../vitest.config.js"

/**
 * The tests that run on each version of Node: those of what a version can change. The others have the same result on
 * each version, because they compute, read documents and types, or start processes. All of them take over 80 s.
 */
const files = {
  "HTTP, sockets and timers": [
    "UndiciHttpClient.*.test.ts",
    "testing/EmulatorServer.test.ts",
    "testing/sockets.test.ts",
    "transport/LagAwareTimer.test.ts",
    "transport/Telemetry.test.ts",
    "transport/sockets.test.ts"
  ],
  "every operation, and its schemas": [
    "customers/*.test.ts",
    "schemas/Dictionary.test.ts",
    "schemas/Entitlement.test.ts",
    "schemas/OpenEnum.test.ts",
    "schemas/Params.test.ts",
    "schemas/ResponseStruct.test.ts",
    "schemas/Timestamp.test.ts"
  ],
  "calls: retries, options, errors, the cache": [
    "Entitlements.test.ts",
    "RequestOptions.test.ts",
    "RetryPolicy.test.ts",
    "Stigg.test.ts",
    "StiggClient.*test.ts",
    "StiggError.promise.test.ts",
    "testing/Faults.test.ts"
  ],
  "streams, decoders of bytes, files": [
    "CustomerCsv.test.ts",
    "Pagination.test.ts",
    "import/Ndjson.test.ts",
    "import/SourceFile.test.ts",
    "testing/lists.test.ts"
  ]
}

export default {
  ...all,
  test: {
    ...all.test,
    include: Object.values(files)
      .flat()
      .map((file) => `test/${file}`)
  }
}
