import { run } from "./Check.js"
import { checks } from "./portable.js"

/** The worker: a request names the addresses, the response has the outcomes. */
export default {
  async fetch(request: Request): Promise<Response> {
    const { searchParams } = new URL(request.url)
    const addresses = { api: searchParams.get("api") ?? "", peer: searchParams.get("peer") ?? "" }
    return Response.json(await run(checks, addresses))
  }
}
