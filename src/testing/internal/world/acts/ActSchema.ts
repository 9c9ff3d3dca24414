import * as Schema from "effect/Schema"
import * as SeedSchema from "../../seed/SeedSchema.js"

const act = <const Type extends string, Fields extends Schema.Struct.Fields>(type: Type, fields: Fields) =>
  Schema.Struct({ type: Schema.Literal(type), ...fields }).annotations({
    parseOptions: { onExcessProperty: "error" }
  })

const Id = SeedSchema.Id
const optionalNull = <A, I>(schema: Schema.Schema<A, I>) => Schema.optional(Schema.NullOr(schema))
const OptionalMoment = Schema.optional(SeedSchema.Moment)
const { maxAmount } = SeedSchema
const Credits = Schema.Finite.pipe(Schema.positive(), Schema.lessThanOrEqualTo(maxAmount))

const ofCustomer = { customerId: Id, resourceId: optionalNull(Id) }

/** The schema of an act. */
export const ActSchema = Schema.Union(
  act("reportUsage", {
    ...ofCustomer,
    of: Id,
    value: Schema.Finite.pipe(Schema.between(-maxAmount, maxAmount)),
    updateBehavior: Schema.optional(Schema.Literal("DELTA", "SET"))
  }),
  act("subscribe", {
    ...ofCustomer,
    planId: Id,
    startDate: OptionalMoment,
    endDate: optionalNull(SeedSchema.Moment),
    isTrial: Schema.optional(Schema.Boolean)
  }),
  act("unsubscribe", { ...ofCustomer, planId: Id, endDate: OptionalMoment }),
  act("changePlan", {
    planId: Id,
    features: Schema.optional(Schema.Array(SeedSchema.PlanFeature)),
    credits: Schema.optional(Schema.Array(SeedSchema.PlanCredits))
  }),
  act("grantCredits", {
    ...ofCustomer,
    currencyId: Id,
    amount: Credits,
    startDate: OptionalMoment,
    endDate: optionalNull(SeedSchema.Moment)
  }),
  act("spendCredits", { ...ofCustomer, currencyId: Id, amount: Credits }),
  act("failPayment", {
    customerId: Id,
    invoiceId: Schema.optional(Id),
    reason: Schema.optional(Schema.String)
  }),
  act("payInvoice", { customerId: Id, invoiceId: Id })
).annotations({ identifier: "Act" })

/** A decoded act. */
export type Act = typeof ActSchema.Type

/** A decoded act of one type. */
export type Of<Type extends Act["type"]> = Extract<Act, { readonly type: Type }>
