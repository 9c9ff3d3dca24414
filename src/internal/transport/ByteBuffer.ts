/**
 * A buffer that doubles when it is full. For a body that arrives byte by byte, a list of chunks takes 100 times its
 * size.
 */
export interface ByteBuffer {
  /** Adds a chunk. Returns the length so far. */
  readonly add: (chunk: Uint8Array) => number
  /** The bytes so far, until the next `add`. */
  readonly bytes: () => Uint8Array
}

/** @param expected the length that the response announces; 0 if it is unknown */
export const make = (expected = 0): ByteBuffer => {
  let buffer: Uint8Array = empty
  let length = 0
  return {
    add: (chunk) => {
      const end = length + chunk.length
      if (length === 0) {
        // Most bodies arrive in one chunk, which is not copied. It is full, so the next chunk is not written into it.
        buffer = chunk
      } else {
        if (end > buffer.length) {
          const larger = new Uint8Array(
            end <= expected && expected <= maxReserved ? expected : Math.max(end, 2 * buffer.length)
          )
          larger.set(buffer.subarray(0, length))
          buffer = larger
        }
        buffer.set(chunk, length)
      }
      return (length = end)
    },
    bytes: () => buffer.subarray(0, length)
  }
}

/** The maximum number of bytes that are allocated for an announced length. */
const maxReserved = 1024 * 1024

const empty = new Uint8Array()

const decoder = new TextDecoder()

/** UTF-8 as text, without a byte order mark. */
export const toText = (bytes: Uint8Array): string => decoder.decode(bytes)
