import * as Webhooks from "effect-stigg/Webhooks"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import type { Check } from "../Check.js"
import { check } from "../Check.js"

const request = (secret: string) =>
  new Request("http://localhost/webhooks/stigg", {
    method: "POST",
    headers: { "content-type": "application/json", "stigg-webhooks-secret": secret },
    body: JSON.stringify({ type: "customer.deleted", messageId: "message-1", id: "customer-acme" })
  })

export const checks: ReadonlyArray<Check> = [
  check(
    "webhooks: a web handler handles a message once, and refuses a wrong secret",
    Effect.promise(async () => {
      const seen: Array<string> = []
      const { dispose, handler } = Webhooks.toWebHandler(
        Webhooks.on("CustomerDeleted", ({ customer }) => Effect.sync(() => seen.push(customer.id))).pipe(
          Layer.provideMerge(Webhooks.layer({ secrets: [Redacted.make("right")] }))
        )
      )
      const statuses: Array<number> = []
      for (const secret of ["right", "right", "wrong"]) statuses.push((await handler(request(secret))).status)
      await dispose()
      return [statuses, seen]
    }),
    [[200, 200, 401], ["customer-acme"]]
  )
]
