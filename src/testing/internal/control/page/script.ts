import { prefix } from "../ControlApi.js"

/**
 * The script of the page. It shows text only through `textContent`, because ids, names and requests come from others.
 */
export const script = String.raw`"use strict"
const prefix = "${prefix}/"
const pageSize = 50
const shownRequests = 30
const byId = (id) => document.getElementById(id)
let world = null
let search = ""
let pages = 1
let selected = null
let timer
let round = 0
let rounds = 0
let isBroken = false

const setText = (element, text) => {
  if (element.textContent !== text) element.textContent = text
}
const say = (text) => {
  setText(byId("problem"), "")
  setText(byId("status"), text)
}
const time = (text) => (text === null ? "" : text.replace("T", " ").replace(/(\.\d+)?Z$/, " UTC"))

const ask = async (path, { method = "GET", body, of = world, ...query } = {}) => {
  const params = new URLSearchParams(query)
  if (of !== null) params.set("world", of)
  const response = await fetch(prefix + path + "?" + params, {
    method,
    headers: body === undefined ? {} : { "content-type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
    cache: "no-store",
    redirect: "error"
  })
  const answer = await response.json().catch(() => ({}))
  if (response.ok) return answer
  throw new Error(typeof answer.message === "string" ? answer.message : "The emulator answered " + response.status)
}

/** Makes the children of an element those of the items. What stays keeps its element, and so the focus. */
const showAll = (parent, items, keyOf, make, update) => {
  const former = new Map(Array.from(parent.children, (child) => [child.key, child]))
  const seen = new Map()
  items.forEach((item, index) => {
    const same = seen.get(keyOf(item)) ?? 0
    seen.set(keyOf(item), same + 1)
    const key = keyOf(item) + (same === 0 ? "" : " " + same)
    let child = former.get(key)
    former.delete(key)
    if (child === undefined) {
      child = make(item)
      child.key = key
    }
    update(child, item)
    if (parent.children[index] !== child) parent.insertBefore(child, parent.children[index] ?? null)
  })
  for (const child of former.values()) child.remove()
}

const rowOf = (columns) => () => {
  const row = document.createElement("tr")
  for (let column = 0; column < columns; column++) row.appendChild(document.createElement("td"))
  return row
}
const setCells = (row, texts) => texts.forEach((text, column) => setText(row.children[column], text))
const buttonIn = (cell, text, label, click) => {
  const button = cell.appendChild(document.createElement("button"))
  button.type = "button"
  button.textContent = text
  if (label !== text) button.setAttribute("aria-label", label)
  button.addEventListener("click", click)
}

const showTime = ({ isPaused, now }) => {
  byId("now").dateTime = now
  setText(byId("now"), time(now))
  byId("paused").hidden = !isPaused
  setText(byId("pause"), isPaused ? "Resume" : "Pause")
}

const targetOf = (rule) =>
  [
    rule.operation === undefined ? "any operation" : [].concat(rule.operation).join(", "),
    rule.customer === undefined ? "" : "customer " + rule.customer,
    rule.times === undefined ? "" : rule.times + " more times",
    rule.probability === undefined ? "" : "probability " + rule.probability
  ]
    .filter((text) => text !== "")
    .join(", ")
const faultText = ({ type, ...rest }) =>
  [type, ...Object.entries(rest).map(([name, value]) => (name === type ? "" : name + " ") + (typeof value === "object" ? JSON.stringify(value) : value))].join(" ")
const showFaults = (rules) => {
  byId("no-faults").hidden = rules.length > 0
  showAll(
    byId("faults"),
    rules.map((rule) => faultText(rule.fault) + ": " + targetOf(rule)),
    (text) => text,
    () => document.createElement("li"),
    setText
  )
}

const makeCustomer = ({ id }) => {
  const row = rowOf(5)()
  buttonIn(row.firstElementChild, id, id, () => {
    const field = byId("act").elements.namedItem("customerId")
    if (field !== null && (field.value === "" || field.value === selected)) field.value = id
    selected = id
    refresh()
  })
  return row
}
const showCustomers = (customers, next) => {
  showAll(byId("customers"), customers, ({ id }) => id, makeCustomer, (row, customer) => {
    row.setAttribute("aria-current", String(customer.id === selected))
    const texts = [customer.name ?? "", customer.email ?? "", time(customer.createdAt), time(customer.archivedAt)]
    texts.forEach((text, column) => setText(row.children[column + 1], text))
  })
  byId("no-customers").hidden = customers.length > 0
  setText(byId("no-customers"), next === null ? "No customers." : "None of those looked at so far.")
  byId("more").hidden = next === null
}

const usageOf = ({ currentUsage, hasUnlimitedUsage, usageLimit }) => {
  if (currentUsage === null) return ""
  return currentUsage + " of " + (hasUnlimitedUsage ? "unlimited" : usageLimit)
}
const showEntitlements = (entitlements) => {
  byId("entitlements-of").hidden = entitlements === null
  if (entitlements === null) return
  setText(byId("entitlements-title"), "Entitlements of " + selected)
  showAll(byId("entitlements"), entitlements, ({ id, type }) => type + " " + id, rowOf(6), (row, each) =>
    setCells(row, [
      each.id,
      each.isGranted ? "yes" : "no",
      each.reason,
      usageOf(each),
      time(each.usagePeriodEnd),
      time(each.validUntil)
    ])
  )
}

const showRequest = (received) => {
  setText(byId("request-title"), received.method + " " + received.path)
  setText(byId("request-text"), JSON.stringify(received, null, 2))
  byId("request").hidden = false
  byId("request-text").focus()
}
const pathOf = ({ path, query }) => {
  const params = Object.entries(query).flatMap(([name, value]) => [].concat(value).map((each) => name + "=" + each))
  return params.length === 0 ? path : path + "?" + params.join("&")
}
const makeRequest = (received) => {
  const row = rowOf(7)()
  buttonIn(row.lastElementChild, "Details", "Details of " + received.method + " " + received.path, () => showRequest(received))
  return row
}
const showRequests = (requests) => {
  byId("no-requests").hidden = requests.length > 0
  showAll(byId("requests"), requests.toReversed(), JSON.stringify, makeRequest, (row, each) =>
    setCells(row, [
      time(each.at),
      each.method + " " + pathOf(each),
      each.operation ?? "",
      each.status === null ? "none" : String(each.status),
      each.faults.map(faultText).join(", "),
      each.millis === null ? "" : each.millis.toFixed(1)
    ])
  )
}

const showWebhooks = (urls, deliveries) => {
  byId("webhooks").hidden = urls.length === 0 && deliveries.length === 0
  showAll(byId("webhook-urls"), urls, ({ url }) => url, () => document.createElement("li"), (item, { events, url }) =>
    setText(item, url + (events === undefined ? "" : ": " + events.join(", ")))
  )
  const last = deliveries.slice(-shownRequests).reverse()
  showAll(byId("deliveries"), last, JSON.stringify, rowOf(6), (row, each) =>
    setCells(row, [
      time(each.at),
      each.type,
      each.url,
      String(each.attempt),
      each.outcome + (each.fault === null ? "" : " (" + each.fault + ")"),
      each.error ?? (each.status === null ? "" : String(each.status))
    ])
  )
}

const showWorlds = (worlds) => {
  const names = worlds.map(({ name }) => name)
  if (!names.includes(world)) world = names.at(-1)
  byId("choose-world").hidden = names.length < 2
  showAll(byId("world"), names, (name) => name, (name) => new Option(name, name), () => {})
  byId("world").value = world
}

const customersOf = async () => {
  const data = []
  let next = null
  for (let page = 0; page < pages && (page === 0 || next !== null); page++) {
    const answer = await ask("customers", { limit: pageSize, search, ...(next === null ? {} : { after: next }) })
    data.push(...answer.data)
    next = answer.next
  }
  return { data, next }
}

const refresh = async () => {
  clearTimeout(timer)
  const mine = ++round
  try {
    // The list of worlds can be long, and seldom changes.
    if (rounds++ % 5 === 0) showWorlds((await ask("worlds", { of: null })).data)
    const [now, faults, customers, entitlements, requests, webhooks, deliveries] = await Promise.all([
      ask("time"),
      ask("faults"),
      customersOf(),
      selected === null ? null : ask("entitlements", { customerId: selected }).catch(() => null),
      ask("requests", { limit: shownRequests }),
      ask("webhooks"),
      ask("webhooks/deliveries")
    ])
    if (mine !== round) return
    if (entitlements === null) selected = null
    showTime(now)
    showFaults(faults.data)
    showCustomers(customers.data, customers.next)
    showEntitlements(entitlements === null ? null : entitlements.data)
    showRequests(requests.data)
    showWebhooks(webhooks.data, deliveries.data)
    if (isBroken) say("")
    isBroken = false
  } catch (error) {
    if (mine !== round) return
    failed(error)
    isBroken = true
    rounds = 0
  } finally {
    if (mine === round && !document.hidden) timer = setTimeout(refresh, 1000)
  }
}

const failed = (error) =>
  setText(byId("problem"), error instanceof TypeError ? "The emulator does not answer. Trying again." : error.message)

/** Does something, says so, and shows the new state. */
const perform = (text, path, options) => async (event) => {
  event?.preventDefault()
  try {
    await ask(path, typeof options === "function" ? options() : options)
    say(text)
    refresh()
  } catch (error) {
    setText(byId("status"), "")
    failed(error)
  }
}
const post = (body) => ({ method: "POST", body })
const valueOf = (form, name) => byId(form).elements.namedItem(name).value

byId("pause").addEventListener("click", () => {
  const pause = byId("paused").hidden
  perform(pause ? "The time is paused." : "The time passes again.", "time", post({ pause }))()
})
byId("advance").addEventListener("submit", (event) => {
  const advance = valueOf("advance", "duration")
  perform("The time has advanced by " + advance + ".", "time", post({ advance }))(event)
})
byId("scenario").addEventListener("submit", (event) => {
  const scenario = valueOf("scenario", "scenario")
  perform("The scenario " + scenario + " is active.", "faults", post({ scenario }))(event)
})
byId("clear-faults").addEventListener("click", perform("There are no faults.", "faults", { method: "DELETE" }))
byId("reset").addEventListener("click", () => {
  if (!confirm("Reset everything to the start?")) return
  selected = null
  byId("request").hidden = true
  perform("Everything but added webhooks is as at the start.", "reset", post({}))()
})
byId("resend").addEventListener("click", perform("What failed is sent again.", "webhooks/resend", post({})))
byId("search").addEventListener("submit", (event) => {
  event.preventDefault()
  search = valueOf("search", "search")
  pages = 1
  refresh()
})
byId("more").addEventListener("click", () => {
  pages++
  refresh()
})
byId("world").addEventListener("change", () => {
  world = byId("world").value
  selected = null
  pages = 1
  byId("request").hidden = true
  refresh()
})
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) refresh()
})

const text = (name, label, isOptional) => ({ name, label, isOptional, read: (input) => input.value })
const amount = (name, label, isOptional) => ({
  name,
  label,
  isOptional,
  // What is not a number is refused by the emulator, which names the field.
  read: ({ value }) => (value.trim() === "" || Number.isNaN(Number(value)) ? value : Number(value))
})
const isChecked = (name, label) => ({ name, label, isOptional: true, type: "checkbox", read: ({ checked }) => checked })
const after = (name, label) => ({ name, label, isOptional: true, read: ({ value }) => ({ in: value }) })
const customerId = text("customerId", "Customer")
const acts = {
  reportUsage: ["Report usage", customerId, text("of", "Feature or currency"), amount("value", "Value")],
  subscribe: [
    "Subscribe to a plan",
    customerId,
    text("planId", "Plan"),
    after("endDate", "Ends after, such as 14 days"),
    isChecked("isTrial", "Trial")
  ],
  unsubscribe: ["Leave a plan", customerId, text("planId", "Plan")],
  changePlan: ["Change a limit of a plan", text("planId", "Plan"), text("featureId", "Feature"), amount("usageLimit", "Limit")],
  grantCredits: ["Grant credits", customerId, text("currencyId", "Currency"), amount("amount", "Amount")],
  spendCredits: ["Spend credits", customerId, text("currencyId", "Currency"), amount("amount", "Amount")],
  failPayment: ["Fail a payment", customerId, text("invoiceId", "Invoice (optional)", true)],
  payInvoice: ["Pay an invoice", customerId, text("invoiceId", "Invoice")]
}
const fieldsOf = (type) => acts[type].slice(1)
for (const [type, [title]] of Object.entries(acts)) byId("act-type").add(new Option(title, type))
const showFields = () => {
  const fields = fieldsOf(byId("act-type").value).map(({ isOptional, label, name, type }) => {
    const element = document.createElement("label")
    element.textContent = label + " "
    const input = element.appendChild(document.createElement("input"))
    input.name = name
    input.type = type ?? "text"
    input.autocomplete = "off"
    input.required = isOptional !== true
    if (name === "customerId" && selected !== null) input.value = selected
    return element
  })
  byId("act-fields").replaceChildren(...fields)
}
byId("act-type").addEventListener("change", showFields)
showFields()
const actOf = () => {
  const type = valueOf("act", "type")
  const act = { type }
  for (const { isOptional, name, read } of fieldsOf(type)) {
    const input = byId("act").elements.namedItem(name)
    if (isOptional !== true || input.value !== "") act[name] = read(input)
  }
  if (type !== "changePlan") return act
  const { featureId, usageLimit, ...plan } = act
  return { ...plan, features: [{ featureId, usageLimit }] }
}
byId("act").addEventListener("submit", (event) =>
  perform(acts[valueOf("act", "type")][0] + ": done.", "acts", () => post(actOf()))(event)
)
refresh()
`
