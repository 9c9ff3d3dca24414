import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { Options, Watermark } from "../../../CustomerExport.js"
import { newest, Watermark as WatermarkSchema } from "../../../CustomerExport.js"
import * as Customers from "../../../Customers.js"
import * as RetryPolicy from "../../../RetryPolicy.js"
import type { Customer } from "../../../schemas/Customer.js"
import type { StiggError } from "../../../StiggError.js"
import { isRetryable, retryAfter } from "../../../StiggError.js"
import { selection } from "../../export/Selection.js"
import * as Walk from "../../export/Walk.js"
import { defaultRetry } from "../../import/Delivery.js"
import type { PartControl, PartStopped } from "../JobKind.js"
import { JobHalted } from "../JobKind.js"
import * as Patience from "../Patience.js"
import { ExportWindow } from "./ExportWindow.js"
import { planWindows } from "./planWindows.js"

const encodeWindow = Schema.encodeSync(ExportWindow)
const decodeWindow = Schema.decode(ExportWindow)

const Plan = Schema.parseJson(Schema.Struct({ watermark: Schema.NullOr(WatermarkSchema) }))
const encodePlan = Schema.encode(Plan)
const decodePlan = Schema.decode(Plan)

/** What the customers of an environment are read by. */
export interface Reading extends Pick<
  Options,
  "from" | "until" | "since" | "upTo" | "changedSince" | "filter" | "partitions" | "expected"
> {
  readonly partRows?: number | undefined
  readonly giveUpAfter?: Duration.Duration | undefined
}

/**
 * Takes a watermark, and then cuts creation time into parts. Every part is read after the watermark was taken, so that a
 * change that a part does not show yet has a later time than the watermark.
 */
export const plan = (
  customers: Customers.Service,
  reading: Reading
): Effect.Effect<
  { readonly plan: string; readonly total: number | null; readonly parts: ReadonlyArray<string> },
  JobHalted
> =>
  Effect.gen(function* () {
    const { changedSince, expected = null, filter = {}, partRows = 10_000 } = reading
    // Of all customers, also if only some are exported: the later it is, the less the next export reads again.
    const watermark = Option.getOrNull(yield* newest())
    const { from, until } = selection(reading)
    const range = { from, until }
    const windows =
      watermark === null
        ? [range]
        : yield* planWindows(customers, range, { newest: watermark.createdAt.epochMillis, partRows, filter })
    return {
      plan: yield* Effect.mapError(encodePlan({ watermark: watermark ?? watermarkIn(changedSince) }), unreadable),
      total: expected,
      parts: windows.map((window) => encodeWindow(window))
    }
  }).pipe(
    RetryPolicy.locally(defaultRetry),
    Effect.provideService(Customers.Customers, customers),
    Effect.mapError((error) => (error._tag === "JobHalted" ? error : haltedBy(error)))
  )

const watermarkIn = (moment: Reading["changedSince"]): Watermark | null =>
  moment !== undefined && "ids" in moment ? moment : null

/** The watermark of a plan, as the result has it. */
export const watermarkOf = (plan: string | null): Effect.Effect<Watermark | null, JobHalted> =>
  Effect.mapBoth(decodePlan(plan ?? ""), { onFailure: unreadable, onSuccess: ({ watermark }) => watermark })

/**
 * The customers of a part, pages at a time. Each run of the stream begins anew. It waits while the API fails, and ends
 * where the part should not go on.
 */
export const pages = (
  customers: Pick<Customers.Service, "listPage">,
  spec: string,
  reading: Reading,
  control: PartControl
): Stream.Stream<ReadonlyArray<Customer>, JobHalted | PartStopped> =>
  Stream.unwrap(
    Effect.gen(function* () {
      const window = yield* Effect.mapError(decodeWindow(spec), unreadable)
      const { filter = {}, giveUpAfter = Duration.minutes(10), partitions = 1 } = reading
      const { keep } = selection(reading)
      const patiently = Patience.make({
        ...{ control, giveUpAfter, isFatal: (error) => !isRetryable(error) },
        afterRateLimit: (error, wait) => retryAfter(error) ?? wait
      })
      const patient: Walk.Customers<JobHalted | PartStopped> = {
        listPage: (params) => patiently(RetryPolicy.locally(customers.listPage(params), { maxRetries: 0 }))
      }
      const plan = yield* Walk.begin({ ...window, workers: partitions, pageSize: 100 })
      return Walk.walk(patient, plan, filter).pipe(
        Stream.tap(() => control.goOn),
        Stream.map((step) => step.customers.filter(keep)),
        Stream.mapError((error) =>
          error._tag === "JobHalted" || error._tag === "PartStopped" ? error : haltedBy(error)
        )
      )
    })
  )

const haltedBy = ({ message }: StiggError): JobHalted => new JobHalted({ desired: "Pause", problem: message })

export const unreadable = (): JobHalted =>
  new JobHalted({ desired: "Fail", problem: "The job was stored by a version that this one cannot read" })
