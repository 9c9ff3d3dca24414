import * as Failure from "../../src/internal/failure/Failure.js"
import type { AnyDeclaration, Declarations, Group, Named } from "../../src/internal/operations/Declaration.js"
import * as groups from "../../src/internal/operations/groups.js"
import { StiggError } from "../../src/StiggError.js"

/** The methods of each service, and the errors that they document, derived from the declarations of the operations. */

export type Tag = StiggError["_tag"]

export interface Method {
  readonly name: string
  /** The names of the operations that it calls. */
  readonly operations: ReadonlyArray<string>
  /** The tags of the errors that not every operation documents, such as `"StiggNotFoundError"`. */
  readonly errors: ReadonlyArray<Tag>
  /** The method that this one is another form of: `"list"` for `"listPage"`. */
  readonly formOf: string | null
}

export interface Service {
  /** The name of the module in the package's `exports`, without `./`. */
  readonly module: string
  readonly methods: ReadonlyArray<Method>
}

/** The tag of the error that a status maps to, if the body is the API's. */
const tagOf = (status: number): Tag =>
  Failure.fromStatus(
    { operation: "", method: "GET", url: "", attempts: 1 },
    { answered: { status, headers: {}, traceId: null, body: "" }, message: null, code: null, isDocumented: true },
    null
  )._tag

const errorsOf = (operations: ReadonlyArray<AnyDeclaration>): ReadonlyArray<Tag> => [
  ...new Set(operations.flatMap(({ errors }) => errors).map(tagOf))
]

type Operation = Named<string, AnyDeclaration>

const method = (name: string, operations: ReadonlyArray<Operation>, formOf: string | null = null): Method => ({
  name,
  operations: operations.map(({ name }) => name),
  errors: errorsOf(operations),
  formOf
})

const methodsOf = <Ds extends Declarations>({ operations }: Group<string, Ds>): ReadonlyArray<Method> =>
  Object.entries<Operation>(operations).flatMap(([name, operation]) => [
    method(name, [operation]),
    ...(operation.pagination === null ? [] : ["Pages", "Page"]).map((form) => method(name + form, [operation], name))
  ])

const { provision, retrieve } = groups.customers.operations

export const services: ReadonlyArray<Service> = [
  // `ensure` is written by hand.
  { module: "Customers", methods: [...methodsOf(groups.customers), method("ensure", [provision, retrieve])] },
  { module: "customers/PaymentMethod", methods: methodsOf(groups.paymentMethod) },
  { module: "customers/PromotionalEntitlements", methods: methodsOf(groups.promotionalEntitlements) },
  { module: "customers/Integrations", methods: methodsOf(groups.integrations) }
]

const special = new Set<Tag>(errorsOf(groups.all))

/** The classes of the errors that every operation can fail with. */
export const everyError = StiggError.members.filter(({ _tag }) => !special.has(_tag))
