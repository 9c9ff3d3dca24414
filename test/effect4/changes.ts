/** What Effect 4 makes of the modules and names of Effect 3 that `src` uses. A name that is not here keeps its name. */

export type Change =
  /** Another name does the same. `to` is an export of the module's counterpart, or has its module. */
  | { readonly kind: "renamed"; readonly to: string }
  /** The name stays, but not its parameters or its meaning. */
  | { readonly kind: "reshaped"; readonly note: string }
  /** Another name or a combination does it, in another form. Names in `to` exist in Effect 4. */
  | { readonly kind: "rewritten"; readonly to: ReadonlyArray<string>; readonly note: string }
  /** Effect 4 has no counterpart. */
  | { readonly kind: "gone"; readonly note: string }

const renamed = (to: string): Change => ({ kind: "renamed", to })
const reshaped = (note: string): Change => ({ kind: "reshaped", note })
const rewritten = (to: string | ReadonlyArray<string>, note: string): Change => ({
  kind: "rewritten",
  to: typeof to === "string" ? [to] : to,
  note
})
const gone = (note: string): Change => ({ kind: "gone", note })

interface ModuleChange {
  /** The counterpart in Effect 4; null if there is none. */
  readonly to: string | null
  readonly names?: Readonly<Record<string, Change>>
}

const check = (to: string) => rewritten(to, "a check: `schema.check(…)`")

export const changes: Readonly<Record<string, ModuleChange>> = {
  "effect/Arbitrary": {
    to: "effect/Arbitrary",
    names: { LazyArbitrary: rewritten("Arbitrary", "a generator of its own; fast-check is gone") }
  },
  "effect/Array": {
    to: "effect/Array",
    names: { isNonEmptyReadonlyArray: renamed("isReadonlyArrayNonEmpty") }
  },
  "effect/Cause": {
    to: "effect/Cause",
    names: {
      defects: rewritten("findDefect", "a cause is a flat list of reasons: filter `cause.reasons`"),
      failureOption: renamed("findErrorOption"),
      failures: rewritten("findError", "a cause is a flat list of reasons: filter `cause.reasons`"),
      isInterrupted: renamed("hasInterrupts"),
      isInterruptedOnly: renamed("hasInterruptsOnly"),
      stripFailures: rewritten(["fromReasons", "isFailReason"], "the reasons of a cause are an array to filter")
    }
  },
  "effect/Channel": {
    to: "effect/Channel",
    names: {
      toPullIn: rewritten("toPullScoped", "the pull fails with `Cause.Done` at the end, instead of an `Either`")
    }
  },
  "effect/Chunk": { to: "effect/Chunk", names: { unsafeFromArray: renamed("fromArrayUnsafe") } },
  "effect/Clock": {
    to: "effect/Clock",
    names: { ClockTypeId: gone("a clock is an interface without a type id") }
  },
  "effect/Config": {
    to: "effect/Config",
    names: {
      mapOrFail: rewritten("mapEffect", "takes an Effect, not an `Either`"),
      redacted: renamed("Redacted"),
      string: renamed("String")
    }
  },
  "effect/ConfigError": {
    to: "effect/Config",
    names: {
      InvalidData: rewritten("ConfigError", "one class, whose cause is a `SourceError` or a `SchemaError`"),
      MissingData: rewritten("ConfigError", "one class, whose cause is a `SourceError` or a `SchemaError`"),
      isConfigError: rewritten("ConfigError", "`instanceof`"),
      isInvalidData: rewritten("ConfigError", "the issue of its `SchemaError`"),
      isMissingData: rewritten("ConfigError", "the issue of its `SchemaError`")
    }
  },
  "effect/Console": { to: "effect/Console" },
  "effect/Context": {
    to: "effect/Context",
    names: {
      GenericTag: renamed("Service"),
      Tag: rewritten("Service", "`Context.Service<Self, Shape>()(key)`: the key is the last argument"),
      Reference: reshaped("`Context.Reference<A>(key, { defaultValue })`, not a class to extend")
    }
  },
  "effect/Cron": { to: "effect/Cron" },
  "effect/Data": { to: "effect/Data", names: { struct: rewritten([], "plain objects are equal by their content") } },
  "effect/DateTime": {
    to: "effect/DateTime",
    names: {
      greaterThan: renamed("isGreaterThan"),
      lessThan: renamed("isLessThan"),
      lessThanOrEqualTo: renamed("isLessThanOrEqualTo"),
      unsafeFromDate: renamed("fromDateUnsafe"),
      unsafeMake: renamed("makeUnsafe")
    }
  },
  "effect/DefaultServices": {
    to: null,
    names: { liveServices: gone("the services are references with default values: an empty context has them") }
  },
  "effect/Deferred": {
    to: "effect/Deferred",
    names: { unsafeDone: renamed("doneUnsafe"), unsafeMake: renamed("makeUnsafe") }
  },
  "effect/Duration": {
    to: "effect/Duration",
    names: {
      DurationInput: renamed("Input"),
      decode: renamed("fromInputUnsafe"),
      decodeUnknown: rewritten("fromInput", "takes an `Input`, not any value"),
      greaterThan: rewritten("isGreaterThan", "takes durations, not inputs"),
      greaterThanOrEqualTo: rewritten("isGreaterThanOrEqualTo", "takes durations, not inputs"),
      lessThanOrEqualTo: rewritten("isLessThanOrEqualTo", "takes durations, not inputs"),
      min: reshaped("takes durations, not inputs"),
      sum: reshaped("takes durations, not inputs")
    }
  },
  "effect/Effect": {
    to: "effect/Effect",
    names: {
      async: renamed("callback"),
      intoDeferred: rewritten("effect/Deferred.into", "a function of `Deferred`"),
      unsafeMakeLatch: rewritten("effect/Latch.makeUnsafe", "a module of its own"),
      withClock: rewritten("provideService", "the clock is a service"),
      catchAll: renamed("catch"),
      catchAllCause: renamed("catchCause"),
      catchAllDefect: renamed("catchDefect"),
      clock: rewritten("clockWith", "or the service `Clock.Clock`"),
      contextWithEffect: rewritten("context", "`Effect.context` and `flatMap`"),
      dieMessage: rewritten("die", "`Effect.die(new Error(…))`"),
      dieSync: rewritten(["die", "suspend"], "`Effect.suspend(() => Effect.die(…))`"),
      disconnect: gone("a fiber of its own, interrupted without waiting for it: `forkIn` and `Fiber.join`"),
      either: renamed("result"),
      ignoreLogged: rewritten("ignore", "`Effect.ignore` with the option `log`"),
      fork: renamed("forkChild"),
      forkDaemon: renamed("forkDetach"),
      makeSemaphore: renamed("effect/Semaphore.make"),
      mapInputContext: renamed("updateContext"),
      orElse: renamed("catch"),
      runtime: rewritten(["context", "runForkWith"], "there is no `Runtime`: run with a context"),
      tapBoth: rewritten(["tap", "tapError"], "both in turn"),
      timeoutFail: rewritten("timeoutOrElse", "`orElse: () => Effect.fail(…)`"),
      tryMap: rewritten(["flatMap", "try"], "`Effect.flatMap(value => Effect.try(…))`"),
      whenEffect: renamed("when"),
      withFiberRuntime: rewritten("withFiber", "the fiber has no `RuntimeFlags` and no `FiberRef`"),
      zipRight: renamed("andThen")
    }
  },
  "effect/Either": {
    to: "effect/Result",
    names: {
      Either: renamed("Result"),
      getLeft: renamed("getFailure"),
      getRight: renamed("getSuccess"),
      isLeft: renamed("isFailure"),
      isRight: renamed("isSuccess"),
      left: renamed("fail"),
      right: renamed("succeed"),
      mapLeft: renamed("mapError"),
      match: reshaped("`onFailure` and `onSuccess`")
    }
  },
  "effect/Encoding": {
    to: null,
    names: {
      encodeBase64: renamed("effect/encoding/Base64.encode"),
      encodeBase64Url: renamed("effect/encoding/Base64Url.encode"),
      encodeHex: renamed("effect/encoding/Hex.encode")
    }
  },
  "effect/Equal": { to: "effect/Equal" },
  "effect/Equivalence": { to: "effect/Equivalence" },
  "effect/ExecutionStrategy": {
    to: null,
    names: { sequential: gone("`Scope.fork` takes the text") }
  },
  "effect/Exit": {
    to: "effect/Exit",
    names: { causeOption: renamed("getCause"), isInterrupted: renamed("hasInterrupts") }
  },
  "effect/Fiber": {
    to: "effect/Fiber",
    names: { RuntimeFiber: rewritten("Fiber", "has a `context`, and no `FiberRef`s") }
  },
  "effect/FiberId": { to: null, names: { none: gone("a fiber's id is a number; `Cause.interrupt()` needs none") } },
  "effect/FiberRef": {
    to: "effect/References",
    names: {
      currentMetricLabels: renamed("effect/Metric.CurrentMetricAttributes"),
      currentTracerEnabled: renamed("TracerEnabled"),
      currentTracerTimingEnabled: renamed("TracerTimingEnabled"),
      get: rewritten([], "a reference is read like a service")
    }
  },
  "effect/FiberSet": { to: "effect/FiberSet", names: { unsafeAdd: renamed("addUnsafe") } },
  "effect/Function": { to: "effect/Function" },
  "effect/Hash": { to: "effect/Hash" },
  "effect/Inspectable": { to: "effect/Inspectable" },
  "effect/JSONSchema": {
    to: "effect/JsonSchema",
    names: { make: rewritten("effect/Schema.toJsonSchemaDocument", "a document with its definitions") }
  },
  "effect/Layer": {
    to: "effect/Layer",
    names: {
      fail: rewritten("effectDiscard", "`Layer.effectDiscard(Effect.fail(…))`"),
      mapError: rewritten("catch", "`Layer.catch` with a layer that fails"),
      scoped: renamed("effect"),
      scopedDiscard: renamed("effectDiscard"),
      unwrapEffect: renamed("unwrap"),
      unwrapScoped: renamed("unwrap")
    }
  },
  "effect/ManagedRuntime": { to: "effect/ManagedRuntime" },
  "effect/Metric": {
    to: "effect/Metric",
    names: {
      Metric: reshaped("an interface without the types of its namespace, such as `Metric.Counter`"),
      fromMetricKey: rewritten(["counter", "histogram"], "metrics are made without keys"),
      increment: rewritten("update", "`Metric.update(counter, 1)`")
    }
  },
  "effect/MetricBoundaries": {
    to: "effect/Metric",
    names: { exponential: renamed("exponentialBoundaries"), fromIterable: renamed("boundariesFromIterable") }
  },
  "effect/MetricKey": {
    to: "effect/Metric",
    names: {
      MetricKey: rewritten("Metric", "metrics are made without keys"),
      counter: rewritten("counter", "metrics are made without keys"),
      histogram: rewritten("histogram", "metrics are made without keys"),
      taggedWithLabels: renamed("withAttributes")
    }
  },
  "effect/MetricKeyType": {
    to: "effect/Metric",
    names: { MetricKeyType: rewritten(["Counter", "Histogram"], "metrics are made without keys") }
  },
  "effect/MetricLabel": { to: "effect/Metric", names: { make: rewritten("withAttributes", "a record of strings") } },
  "effect/Option": {
    to: "effect/Option",
    names: { flatMapNullable: renamed("flatMapNullishOr"), fromNullable: renamed("fromNullishOr") }
  },
  "effect/ParseResult": {
    to: "effect/SchemaIssue",
    names: {
      ArrayFormatter: rewritten("makeFormatterStandardSchemaV1", "makes a formatter, a function"),
      Composite: reshaped("`new Composite(ast, issues, input)`"),
      Missing: rewritten("MissingKey", "takes the annotations of the key, not an AST"),
      ParseError: renamed("effect/Schema.SchemaError"),
      ParseIssue: renamed("Issue"),
      Pointer: reshaped("`new Pointer(path, issue)`, with an array as the path"),
      Type: rewritten("InvalidType", "takes no message"),
      decodeUnknownEither: renamed("effect/SchemaParser.decodeUnknownResult"),
      decodeUnknownOption: renamed("effect/Schema.decodeUnknownOption"),
      encodeUnknownEither: renamed("effect/SchemaParser.encodeUnknownResult"),
      succeed: renamed("effect/Effect.succeed"),
      try: renamed("effect/Effect.try")
    }
  },
  "effect/Predicate": {
    to: "effect/Predicate",
    names: {
      isNotNullable: renamed("isNotNullish"),
      isNullable: renamed("isNullish"),
      isObject: reshaped("excludes arrays and functions; `isObjectOrArray` and `isObjectKeyword` are wider"),
      isReadonlyRecord: renamed("isReadonlyObject"),
      isRecord: renamed("isObject")
    }
  },
  "effect/PrimaryKey": { to: "effect/PrimaryKey" },
  "effect/PubSub": { to: "effect/PubSub" },
  "effect/Queue": { to: "effect/Queue" },
  "effect/Random": { to: "effect/Random" },
  "effect/RateLimiter": {
    to: "effect/persistence/RateLimiter",
    names: {
      RateLimiter: reshaped("a service with a store, not a function"),
      make: rewritten(["makeWithRateLimiter", "layerStoreMemory"], "a service with a store, not a function")
    }
  },
  "effect/Record": { to: "effect/Record" },
  "effect/Redacted": { to: "effect/Redacted" },
  "effect/Ref": { to: "effect/Ref" },
  "effect/RegExp": { to: "effect/RegExp" },
  "effect/Runtime": {
    to: "effect/Runtime",
    names: {
      FiberFailureCauseId: gone("a promise rejects with the error itself"),
      isFiberFailure: gone("a promise rejects with the error itself"),
      make: gone("there is no `Runtime`: run with a context"),
      runFork: renamed("effect/Effect.runForkWith"),
      updateContext: gone("there is no `Runtime`: run with a context")
    }
  },
  "effect/RuntimeFlags": {
    to: null,
    names: {
      Interruption: gone("a fiber has no flags that a program may set"),
      RuntimeFlags: gone("a fiber has no flags that a program may set"),
      enable: gone("a fiber has no flags that a program may set")
    }
  },
  "effect/Schedule": {
    to: "effect/Schedule",
    names: {
      as: rewritten("map", "`Schedule.map(() => …)`"),
      andThen: renamed("concat"),
      check: rewritten("while", "gets one metadata object"),
      driver: rewritten("toStepWithSleep", "a step function, which ends with `Cause.Done`"),
      intersect: rewritten("max", "takes an array; the output is a duration"),
      jitteredWith: rewritten("modifyDelay", "`Schedule.jittered` has no options"),
      modifyDelay: reshaped("takes an effectful function of one metadata object"),
      union: rewritten("min", "takes an array; the output is a duration"),
      whileInput: rewritten("while", "gets one metadata object")
    }
  },
  "effect/Schema": {
    to: "effect/Schema",
    names: {
      BigIntFromSelf: renamed("BigInt"),
      DateTimeUtcFromSelf: renamed("DateTimeUtc"),
      Defect: reshaped("a function"),
      FilterIssue: reshaped("`{ path, issue }`"),
      Literal: reshaped("one value; several are `Schema.Literals([…])`"),
      Record: reshaped("`Schema.Record(key, value)`"),
      RedactedFromSelf: renamed("Redacted"),
      Schema: renamed("Codec"),
      Simplify: renamed("effect/Struct.Simplify"),
      TaggedRequest: rewritten("TaggedClass", "with `Persistable` of `effect/persistence`"),
      TemplateLiteralParser: reshaped("takes an array"),
      Tuple: reshaped("takes an array"),
      Union: reshaped("takes an array"),
      between: check("isBetween"),
      compose: renamed("decodeTo"),
      declare: reshaped("takes a type guard; type parameters go to `declareConstructor`"),
      decode: rewritten("decodeEffect", "`Schema.decode` is something else"),
      decodeUnknown: renamed("decodeUnknownEffect"),
      decodeUnknownEither: renamed("decodeUnknownResult"),
      encodeEither: renamed("encodeResult"),
      encodeUnknown: renamed("encodeUnknownEffect"),
      equivalence: renamed("toEquivalence"),
      filter: check("makeFilter"),
      int: check("isInt"),
      lessThanOrEqualTo: check("isLessThanOrEqualTo"),
      make: reshaped("its type parameter is the type of the schema"),
      maxItems: check("isMaxLength"),
      maxLength: check("isMaxLength"),
      minItems: check("isMinLength"),
      minLength: check("isMinLength"),
      nonNegative: check("isGreaterThanOrEqualTo"),
      optionalToOptional: rewritten("decodeTo", "between `optionalKey`s, with a `SchemaGetter`"),
      optionalWith: rewritten(["optionalKey", "withDecodingDefault"], "by its options"),
      parseJson: renamed("fromJsonString"),
      pattern: check("isPattern"),
      positive: check("isGreaterThan"),
      transform: rewritten("decodeTo", "`from.pipe(Schema.decodeTo(to, SchemaTransformation.transform(…)))`"),
      transformLiteral: rewritten("Literal", "`Schema.Literal(from).transform(to)`"),
      transformOrFail: rewritten(
        "decodeTo",
        "`from.pipe(Schema.decodeTo(to, SchemaTransformation.transformOrFail(…)))`"
      ),
      typeSchema: renamed("toType")
    }
  },
  "effect/SchemaAST": {
    to: "effect/SchemaAST",
    names: {
      ParseOptionsAnnotationId: rewritten("resolve", "annotations have string keys"),
      PropertySignature: reshaped("optionality is in the context of the property's type"),
      SurrogateAnnotationId: gone("annotations have string keys, and none of this meaning"),
      Type: rewritten("Arrays", "an element of a tuple is an AST"),
      TypeLiteral: renamed("Objects"),
      Union: reshaped("`new Union(types, options)`, instead of `Union.make`"),
      getAnnotation: rewritten("resolveAt", "annotations have string keys"),
      getDecodingFallbackAnnotation: rewritten("effect/Schema.catchDecoding", "middleware, not an annotation"),
      getIdentifierAnnotation: rewritten("resolveIdentifier", "undefined, instead of an `Option`"),
      getJSONSchemaAnnotation: rewritten("resolveAt", "annotations have string keys"),
      getMessageAnnotation: rewritten("resolveAt", "annotations have string keys"),
      getPropertySignatures: rewritten("Objects", "the property signatures of an `Objects`"),
      isNumberKeyword: renamed("isNumber"),
      isRefinement: rewritten("Filter", "checks are a field of each AST"),
      isStringKeyword: renamed("isString"),
      isTransformation: rewritten("Link", "the encoding is a field of each AST"),
      isTupleType: renamed("isArrays"),
      isTypeLiteral: renamed("isObjects"),
      isUndefinedKeyword: renamed("isUndefined"),
      typeAST: renamed("toType")
    }
  },
  "effect/Scope": {
    to: "effect/Scope",
    names: { CloseableScope: renamed("Closeable"), extend: renamed("provide") }
  },
  "effect/Sink": { to: "effect/Sink" },
  "effect/Stream": {
    to: "effect/Stream",
    names: {
      catchAll: renamed("catch"),
      chunks: reshaped("its elements are arrays"),
      dieSync: rewritten(["die", "suspend"], "`Stream.suspend(() => Stream.die(…))`"),
      flattenIterables: renamed("flattenIterable"),
      mapAccum: reshaped("the initial state is a function, and an input has any number of outputs"),
      mapAccumEffect: reshaped("the initial state is a function, and an input has any number of outputs"),
      mapBoth: reshaped("`onElement` and `onError`"),
      mapChunks: rewritten("mapArray", "chunks are arrays"),
      mapChunksEffect: rewritten("mapArrayEffect", "chunks are arrays"),
      mapConcatChunkEffect: rewritten(["mapEffect", "flattenArray"], "chunks are arrays"),
      paginateChunkEffect: rewritten("paginate", "chunks are arrays"),
      repeatEffectChunkOption: rewritten("fromPull", "a pull, which ends with `Cause.Done`"),
      repeatEffectOption: rewritten("fromEffectRepeat", "ends with `Cause.Done`, instead of `Option.none()`"),
      repeatEffectWithSchedule: renamed("fromEffectSchedule"),
      runCollect: reshaped("returns an array"),
      runFold: reshaped("the initial state is a function"),
      runForEachChunk: rewritten("runForEachArray", "chunks are arrays"),
      timeoutFail: rewritten("timeoutOrElse", "`orElse: () => Stream.fail(…)`"),
      unwrapScoped: renamed("unwrap")
    }
  },
  "effect/Tracer": { to: "effect/Tracer" },
  "effect/Utils": {
    to: "effect/Utils",
    names: { PCGRandom: gone("no seeded generator outside of an Effect: `Random.withSeed`, or one of our own") }
  },
  "@effect/cluster/ClusterCron": { to: "effect/cluster/ClusterCron" },
  "@effect/cluster/ClusterSchema": { to: "effect/cluster/ClusterSchema" },
  "@effect/cluster/ClusterWorkflowEngine": { to: "effect/cluster/ClusterWorkflowEngine" },
  "@effect/cluster/Entity": { to: "effect/cluster/Entity" },
  "@effect/cluster/EntityAddress": { to: "effect/cluster/EntityAddress" },
  "@effect/cluster/EntityId": { to: "effect/cluster/EntityId" },
  "@effect/cluster/EntityType": { to: "effect/cluster/EntityType" },
  "@effect/cluster/MessageStorage": { to: "effect/cluster/MessageStorage" },
  "@effect/cluster/Sharding": { to: "effect/cluster/Sharding" },
  "@effect/cluster/SingleRunner": {
    to: "effect/cluster/SingleRunner",
    names: { layer: reshaped("needs a `Digest` too, which hashes long keys of messages") }
  },
  "@effect/experimental/Persistence": {
    to: "effect/persistence/Persistence",
    names: {
      PersistenceBackingError: renamed("PersistenceError"),
      PersistenceParseError: renamed("effect/Schema.SchemaError"),
      ResultPersistence: renamed("Persistence")
    }
  },
  "@effect/experimental/RateLimiter": {
    to: "effect/persistence/RateLimiter",
    names: {
      RateLimitStoreError: reshaped("a `reason` of the one class `RateLimiterError`"),
      RateLimiterError: reshaped("one class, with a `reason`"),
      RateLimiterStore: reshaped("`tokenBucket` returns a pair; two more operations, for adaptive limits")
    }
  },
  "@effect/experimental/Sse": { to: "effect/encoding/Sse" },
  "@effect/platform/Cookies": { to: "effect/http/Cookies" },
  "@effect/platform/Error": {
    to: "effect/PlatformError",
    names: { PlatformError: reshaped("one class, with a `reason`") }
  },
  "@effect/platform/FetchHttpClient": { to: "effect/http/FetchHttpClient" },
  "@effect/platform/FileSystem": { to: "effect/FileSystem" },
  "@effect/platform/Headers": { to: "effect/http/Headers" },
  "@effect/platform/HttpApi": { to: "effect/http-api/HttpApi" },
  "@effect/platform/HttpApiBuilder": {
    to: "effect/http-api/HttpApiBuilder",
    names: {
      Middleware: rewritten("effect/http/HttpRouter.middleware", "routes are layers, and so is what wraps them"),
      Router: rewritten("layer", "an API is a layer of routes of `HttpRouter`"),
      api: rewritten("layer", "registers the API with an `HttpRouter`, instead of providing it"),
      httpApp: rewritten("effect/http/HttpRouter.toHttpEffect", "takes a layer"),
      middleware: rewritten("effect/http/HttpRouter.middleware", "routes are layers, and so is what wraps them")
    }
  },
  "@effect/platform/HttpApiEndpoint": {
    to: "effect/http-api/HttpApiEndpoint",
    names: {
      HttpApiEndpoint: reshaped("an interface without the types of its namespace, such as `Any`"),
      PathSegment: rewritten("effect/http/HttpRouter.PathInput", "a path"),
      del: rewritten("delete", "the schemas are options, not methods"),
      get: reshaped("the schemas are options, not methods"),
      make: reshaped("the schemas are options, not methods"),
      post: reshaped("the schemas are options, not methods")
    }
  },
  "@effect/platform/HttpApiError": {
    to: "effect/http-api/HttpApiError",
    names: {
      HttpApiDecodeError: rewritten("HttpApiSchemaError", "has the `SchemaError`"),
      Unauthorized: reshaped("as a schema it has a body; `UnauthorizedNoContent` has none")
    }
  },
  "@effect/platform/HttpApiGroup": {
    to: "effect/http-api/HttpApiGroup",
    names: { HttpApiGroup: reshaped("an interface without the types of its namespace, such as `Any`") }
  },
  "@effect/platform/HttpApiMiddleware": {
    to: "effect/http-api/HttpApiMiddleware",
    names: {
      Tag: rewritten("Service", "`HttpApiMiddleware.Service<Self>()(id, options)`: the option `failure` is `error`")
    }
  },
  "@effect/platform/HttpApiSchema": {
    to: "effect/http-api/HttpApiSchema",
    names: {
      Text: rewritten("asText", "a combinator: `Schema.String.pipe(HttpApiSchema.asText(…))`"),
      annotations: rewritten("status", "a combinator for each annotation")
    }
  },
  "@effect/platform/HttpApiSecurity": { to: "effect/http-api/HttpApiSecurity" },
  "@effect/platform/HttpApiSwagger": {
    to: "effect/http-api/HttpApiSwagger",
    names: { layerHttpLayerRouter: rewritten("layer", "the API is an argument") }
  },
  "@effect/platform/HttpApp": {
    to: "effect/http/HttpEffect",
    names: {
      Default: rewritten([], "an Effect of a response that needs `HttpServerRequest`"),
      toWebHandlerRuntime: rewritten("toWebHandlerWith", "takes a context")
    }
  },
  "@effect/platform/HttpBody": { to: "effect/http/HttpBody" },
  "@effect/platform/HttpClient": {
    to: "effect/http/HttpClient",
    names: { withTracerDisabledWhen: rewritten("TracerDisabledWhen", "a reference") }
  },
  "@effect/platform/HttpClientError": {
    to: "effect/http/HttpClientError",
    names: {
      RequestError: rewritten(["HttpClientError", "TransportError"], "one class, with a `reason` of several classes"),
      ResponseError: rewritten(["HttpClientError", "DecodeError"], "one class, with a `reason` of several classes")
    }
  },
  "@effect/platform/HttpClientRequest": { to: "effect/http/HttpClientRequest" },
  "@effect/platform/HttpClientResponse": {
    to: "effect/http/HttpClientResponse",
    names: { TypeId: reshaped("a string, and the key of a field with itself as its value") }
  },
  "@effect/platform/HttpIncomingMessage": {
    to: "effect/http/HttpIncomingMessage",
    names: {
      TypeId: reshaped("a string, and the key of a field with itself as its value"),
      withMaxBodySize: rewritten("MaxBodySize", "a reference")
    }
  },
  "@effect/platform/HttpLayerRouter": { to: "effect/http/HttpRouter" },
  "@effect/platform/HttpMethod": { to: "effect/http/HttpMethod" },
  "@effect/platform/HttpRouter": {
    to: "effect/http/HttpRouter",
    names: {
      HttpRouter: reshaped("a class without the types of its namespace, such as `DefaultServices`"),
      toHttpApp: rewritten("toHttpEffect", "takes a layer"),
      use: rewritten("middleware", "routes are layers"),
      withRouterConfig: rewritten("RouterConfig", "a reference")
    }
  },
  "@effect/platform/HttpServer": {
    to: "effect/http/HttpServer",
    names: { layerContext: renamed("layerServices") }
  },
  "@effect/platform/HttpServerError": {
    to: "effect/http/HttpServerError",
    names: { RequestError: rewritten("RequestParseError", "a class for each reason") }
  },
  "@effect/platform/HttpServerRequest": {
    to: "effect/http/HttpServerRequest",
    names: { TypeId: reshaped("a string, and the key of a field with itself as its value") }
  },
  "@effect/platform/HttpServerResponse": {
    to: "effect/http/HttpServerResponse",
    names: { unsafeJson: renamed("jsonUnsafe") }
  },
  "@effect/platform/HttpTraceContext": { to: "effect/http/HttpTraceContext" },
  "@effect/platform/KeyValueStore": { to: "effect/persistence/KeyValueStore" },
  "@effect/platform/OpenApi": { to: "effect/http-api/OpenApi" },
  "@effect/platform/Path": { to: "effect/Path" },
  "@effect/platform/Runtime": { to: "effect/Runtime" },
  "@effect/platform/UrlParams": {
    to: "effect/http/UrlParams",
    names: {
      UrlParams: reshaped("an object with `params`, whose values can be redacted, not an array"),
      makeUrl: rewritten("effect/http/Url.make", "a `Result`")
    }
  },
  "@effect/sql/SqlClient": { to: "effect/sql/SqlClient" },
  "@effect/sql/SqlError": { to: "effect/sql/SqlError", names: { SqlError: reshaped("one class, with a `reason`") } },
  "@effect/sql/Statement": { to: "effect/sql/Statement" },
  "@effect/workflow/DurableDeferred": { to: "effect/workflow/DurableDeferred" },
  "@effect/workflow/Workflow": {
    to: "effect/workflow/Workflow",
    names: {
      Any: reshaped("its name is in `_tag`"),
      make: reshaped("the name is the first argument, not an option")
    }
  },
  "@effect/workflow/WorkflowEngine": { to: "effect/workflow/WorkflowEngine" },
  "@effect/workflow/WorkflowProxy": { to: "effect/workflow/WorkflowProxy" },
  "@effect/workflow/WorkflowProxyServer": { to: "effect/workflow/WorkflowProxyServer" }
}
