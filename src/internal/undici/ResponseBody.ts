import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as ByteBuffer from "../transport/ByteBuffer.js"
import type { Connection } from "./Dispatch.js"

/** How many bytes may wait for a reader, as in Node's own streams. */
const highWaterMark = 64 * 1024

/**
 * A response body as it arrives. While nobody reads it, or the reader is slower than the socket, the socket is paused
 * once {@link highWaterMark} bytes wait.
 */
export class ResponseBody {
  private chunks: Array<Uint8Array> = []
  private size = 0
  private ended: Either.Either<void, unknown> | null = null
  private reader: "none" | "stream" | "bytes" = "none"
  private readonly waiting = new Set<() => void>()

  constructor(private readonly connection: Connection) {}

  add(chunk: Uint8Array): void {
    this.chunks.push(chunk)
    this.size += chunk.length
    if (this.size >= highWaterMark && this.reader !== "bytes") this.connection.pause()
    for (const wake of this.waiting) wake()
  }

  end(result: Either.Either<void, unknown>): void {
    this.ended = result
    for (const wake of this.waiting) wake()
  }

  /** The whole body. It stays available. Fails with the cause that broke the connection. */
  readonly bytes: Effect.Effect<Uint8Array, unknown> = Effect.suspend(() => {
    if (this.reader === "stream") return Effect.fail(new AlreadyRead())
    if (this.reader === "none") {
      this.reader = "bytes"
      this.connection.resume()
    }
    return Effect.flatMap(
      this.waitUntil(() => this.ended !== null),
      () =>
        this.ended !== null && Either.isLeft(this.ended)
          ? Effect.fail(this.ended.left)
          : Effect.sync(() => this.joined())
    )
  })

  /** The body by chunks, once. A reader that stops early closes the socket. */
  readonly stream: Stream.Stream<Uint8Array, unknown> = Stream.suspend(() => {
    if (this.reader !== "none") return Stream.fail(new AlreadyRead())
    this.reader = "stream"
    const pull = Effect.flatMap(
      this.waitUntil(() => this.chunks.length > 0 || this.ended !== null),
      () => {
        if (this.chunks.length > 0) return Effect.sync(() => this.taken())
        return Effect.fail(this.ended === null ? Option.none() : Either.getLeft(this.ended))
      }
    )
    return Stream.ensuring(
      Stream.repeatEffectChunkOption(pull),
      Effect.sync(() => this.connection.abort())
    )
  })

  private joined(): Uint8Array {
    const buffer = ByteBuffer.make()
    for (const chunk of this.chunks) buffer.add(chunk)
    const bytes = buffer.bytes()
    this.chunks = [bytes]
    return bytes
  }

  private taken(): Chunk.Chunk<Uint8Array> {
    const { chunks } = this
    this.chunks = []
    this.size = 0
    this.connection.resume()
    return Chunk.unsafeFromArray(chunks)
  }

  private waitUntil(isTrue: () => boolean): Effect.Effect<void> {
    return Effect.suspend(() =>
      isTrue()
        ? Effect.void
        : Effect.async<void>((resume) => {
            const wake = () => {
              if (!isTrue()) return
              this.waiting.delete(wake)
              resume(Effect.void)
            }
            this.waiting.add(wake)
            return Effect.sync(() => this.waiting.delete(wake))
          })
    )
  }
}

/** The cause of a `ResponseError` for a body that is read a second time. */
class AlreadyRead extends Error {
  constructor() {
    super("The body was already read")
  }
}
