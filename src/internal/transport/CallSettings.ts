import * as Duration from "effect/Duration"
import * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"
import type * as RequestOptions from "../../RequestOptions.js"
import * as Redaction from "../failure/Redaction.js"
import * as CallOptions from "../options/CallOptions.js"
import * as Header from "../options/Header.js"
import type { InvalidOption } from "../options/InvalidOption.js"
import * as Target from "../options/Target.js"

/** The merged options of a call, decoded for its attempts. */
export interface CallSettings {
  readonly options: RequestOptions.CallOptions
  readonly timeout: Duration.Duration
  readonly maxResponseBytes: number
  readonly redaction: Redaction.Redaction
}

/** The settings of a call, or its first invalid option. */
type Result = Either.Either<CallSettings, InvalidOption>

/** Makes the settings of a call from its overrides. Calls without overrides share settings that are computed once. */
export const make = (
  target: Target.Target,
  clientOptions: RequestOptions.Options
): ((overrides: RequestOptions.CallOptions) => Result) => {
  const secrets = Target.secrets(target)
  const clientRedaction = Redaction.make(secrets)

  /** Redacts the headers of this call too: they may hold secrets, such as another API key. */
  const redactionOf = ({ headers = {} }: RequestOptions.Options): Redaction.Redaction => {
    const more = Header.secrets(headers)
    return more.length === 0
      ? clientRedaction
      : Redaction.make([...secrets, ...more.map((value) => Redacted.make(value))])
  }

  const settings = (overrides: RequestOptions.CallOptions): Result => {
    const options = CallOptions.merge(clientOptions, overrides)
    const invalid = CallOptions.invalidOption(options)
    if (invalid !== null) return Either.left(invalid)
    return Either.right({
      options,
      timeout: Duration.decode(options.timeout ?? CallOptions.defaultTimeout),
      maxResponseBytes: CallOptions.maxResponseBytes(options),
      redaction: redactionOf(options)
    })
  }

  const common = settings({})
  return (overrides) => (Object.keys(overrides).length === 0 ? common : settings(overrides))
}
