import * as Worlds from "../../world/Worlds.js"
import { prefix } from "../ControlApi.js"
import * as Fields from "./fields.js"

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
/** Says that something was done. */
const say = (text) => {
  setText(byId("problem"), "")
  setText(byId("status"), text)
}
const time = (text) => (text === null ? "" : text.replace("T", " ").replace(/(\.\d+)?Z$/, " UTC"))

/** Asks a control route. A body that is a text or a file is sent as it is. */
const ask = async (path, { method = "GET", body, of = world, ...query } = {}) => {
  const params = new URLSearchParams(query)
  if (of !== null) params.set("world", of)
  const response = await fetch(prefix + path + "?" + params, {
    method,
    headers: body === undefined ? {} : { "content-type": "application/json" },
    body: body === undefined || typeof body === "string" || body instanceof Blob ? body : JSON.stringify(body),
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

const targetOf = (rule, what) =>
  [
    rule[what] ?? "any " + what,
    rule.customer === undefined ? "" : "customer " + rule.customer,
    rule.times === undefined ? "" : rule.times + " more times",
    rule.probability === undefined ? "" : "probability " + rule.probability
  ]
    .filter((text) => text !== "")
    .join(", ")
const faultText = ({ type, ...rest }) =>
  [type, ...Object.entries(rest).map(([name, value]) => (name === type ? "" : name + " ") + (typeof value === "object" ? JSON.stringify(value) : value))].join(" ")
const showFaults = (id, rules, what) => {
  byId("no-" + id).hidden = rules.length > 0
  showAll(
    byId(id),
    rules.map((rule) => faultText(rule.fault) + ": " + targetOf(rule, what)),
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

const makeDelivery = ({ messageId, type, url }) => {
  const row = rowOf(7)()
  const again = perform("The message is sent again.", "webhooks/resend", post({ messageId }))
  buttonIn(row.lastElementChild, "Send again", "Send " + type + " to " + url + " again", again)
  return row
}
const showWebhooks = (urls, deliveries) => {
  showAll(byId("webhook-urls"), urls, ({ url }) => url, () => document.createElement("li"), (item, { events, url }) =>
    setText(item, url + (events === undefined ? "" : ": " + events.join(", ")))
  )
  const last = deliveries.slice(-shownRequests).reverse()
  showAll(byId("deliveries"), last, JSON.stringify, makeDelivery, (row, each) =>
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

const showWorld = () => {
  byId("world").value = world
  byId("save").href = prefix + "save?" + new URLSearchParams({ world })
  // The emulator always has this one.
  byId("remove-world").disabled = world === "${Worlds.mainName}"
}
const showWorlds = (worlds) => {
  const names = worlds.map(({ name }) => name)
  if (!names.includes(world)) world = names.at(-1)
  byId("choose-world").hidden = names.length < 2
  showAll(byId("world"), names, (name) => name, (name) => new Option(name, name), () => {})
  showWorld()
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
    const [now, faults, customers, entitlements, requests, webhooks, webhookFaults, deliveries] = await Promise.all([
      ask("time"),
      ask("faults"),
      customersOf(),
      selected === null ? null : ask("entitlements", { customerId: selected }).catch(() => null),
      ask("requests", { limit: shownRequests }),
      ask("webhooks"),
      ask("webhooks/faults"),
      ask("webhooks/deliveries")
    ])
    if (mine !== round) return
    if (entitlements === null) selected = null
    showTime(now)
    showFaults("faults", faults.data, "operation")
    showCustomers(customers.data, customers.next)
    showEntitlements(entitlements === null ? null : entitlements.data)
    showRequests(requests.data)
    showWebhooks(webhooks.data, deliveries.data)
    showFaults("webhook-faults", webhookFaults.data, "event")
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

const isOffline = (error) => error instanceof TypeError
const failed = (error) =>
  setText(byId("problem"), isOffline(error) ? "The emulator does not answer. Trying again." : error.message)

/** Says beside a form, or a button without one, what is wrong, and marks the field that the message names. */
const blame = (control, message) => {
  const problem = document.createElement("p")
  problem.setAttribute("role", "alert")
  problem.textContent = message
  control.problem = problem
  if (!(control instanceof HTMLFormElement)) return control.after(problem)
  control.append(problem)
  const path = message.split(": ", 1)[0].split(".")
  const field = path.map((name) => control.elements.namedItem(name)).find((element) => element !== null)
  if (field === undefined) return
  problem.id = control.id + "-problem"
  field.setAttribute("aria-invalid", "true")
  field.setAttribute("aria-describedby", problem.id)
}
const unblame = (control) => {
  control.problem?.remove()
  if (!(control instanceof HTMLFormElement)) return
  for (const field of control.elements) {
    field.removeAttribute("aria-invalid")
    field.removeAttribute("aria-describedby")
  }
}

/** Does something, says so, and shows the new state. */
const perform = (text, path, options, then) => async (event) => {
  event.preventDefault()
  const control = event.currentTarget.closest("form") ?? event.currentTarget
  unblame(control)
  try {
    await ask(path, typeof options === "function" ? await options() : options)
    say(text)
    then?.()
    isBroken = false
    rounds = 0
    refresh()
  } catch (error) {
    setText(byId("status"), "")
    if (isOffline(error)) failed(error)
    else blame(control, error.message)
  }
}
const on = (id, type, listener) => byId(id).addEventListener(type, listener)
const post = (body) => ({ method: "POST", body })
const clear = { method: "DELETE" }
const inputOf = (form, name) => byId(form).elements.namedItem(name)
const valueOf = (form, name) => inputOf(form, name).value

on("pause", "click", (event) => {
  const pause = byId("paused").hidden
  perform(pause ? "The time is paused." : "The time passes again.", "time", post({ pause }))(event)
})
on("advance", "submit", (event) => {
  const advance = valueOf("advance", "duration")
  perform("The time has advanced by " + advance + ".", "time", post({ advance }))(event)
})
on("set-time", "submit", perform("The time is set.", "time", () => post({ set: valueOf("set-time", "set") })))
on("scenario", "submit", (event) => {
  const scenario = valueOf("scenario", "scenario")
  perform("The scenario " + scenario + " is active.", "faults", post({ scenario }))(event)
})
on("clear-faults", "click", perform("There are no faults.", "faults", clear))
on("clear-requests", "click", perform("The requests are forgotten.", "requests", clear))

/** Of something that replaces the state: asks before, and forgets what is shown of the former one. */
const replacing = (question, text, path, options) => {
  const replace = perform(text, path, options, () => {
    selected = null
    byId("request").hidden = true
  })
  return (event) => {
    event.preventDefault()
    if (confirm(question)) replace(event)
  }
}
on(
  "reset",
  "click",
  replacing("Reset everything to the start?", "Everything but added webhooks is as at the start.", "reset", post({}))
)
on(
  "load",
  "submit",
  replacing("Replace the whole state by the saved one?", "The saved state is loaded.", "load", async () => {
    const [file] = inputOf("load", "file").files
    // A file that was changed since it was chosen cannot be read. This says so; the request would not.
    await file.slice(0, 1).arrayBuffer()
    return post(file)
  })
)
const seed = (body) =>
  replacing("Replace the catalogue and all customers?", "The seed is in place.", "seed", () => post(body()))
on("seed-by-name", "submit", seed(() => JSON.stringify(valueOf("seed-by-name", "seed"))))
on("seed", "submit", seed(() => valueOf("seed", "seed")))
on("seed-file", "change", async ({ currentTarget }) => {
  const [file] = currentTarget.files
  if (file === undefined) return
  inputOf("seed", "seed").value = await file.text()
  // So that the same file can be chosen again.
  currentTarget.value = ""
})
on(
  "remove-world",
  "click",
  replacing("Remove this world? Its next use makes it anew.", "The world is removed.", "worlds", clear)
)

on(
  "webhook",
  "submit",
  perform("The webhook is added.", "webhooks", () => {
    const events = Array.from(inputOf("webhook", "events").selectedOptions, ({ value }) => value)
    const endpoint = { url: valueOf("webhook", "url"), secret: valueOf("webhook", "secret") }
    return post(events.length === 0 ? endpoint : { ...endpoint, events })
  })
)
on("remove-webhooks", "click", perform("Added webhooks are removed.", "webhooks", clear))
on("resend", "click", perform("What failed is sent again.", "webhooks/resend", post({})))
on("search", "submit", (event) => {
  event.preventDefault()
  search = valueOf("search", "search")
  pages = 1
  refresh()
})
on("more", "click", () => {
  pages++
  refresh()
})
on("world", "change", () => {
  world = byId("world").value
  showWorld()
  selected = null
  pages = 1
  byId("request").hidden = true
  refresh()
})
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) refresh()
})

// What is not a number is refused by the emulator, which names the field.
const numberOf = (value) => (value.trim() === "" || Number.isNaN(Number(value)) ? value : Number(value))
const readers = {
  text: ({ value }) => value,
  amount: ({ value }) => numberOf(value),
  flag: ({ checked }) => checked,
  after: ({ value }) => ({ in: value }),
  json: ({ value }) => {
    try {
      return JSON.parse(value)
    } catch {
      return value
    }
  },
  headers: ({ value }) =>
    Object.fromEntries(
      value
        .split("\n")
        .filter((line) => line.trim() !== "")
        .map((line) => {
          const [name, value = ""] = line.split(/:(.*)/)
          return [name.trim(), value.trim()]
        })
    )
}
const isLong = (kind) => kind === "json" || kind === "headers"
const acts = ${JSON.stringify(Fields.acts)}
const faults = ${JSON.stringify(Fields.faults)}

/** Shows the fields of the kind that is chosen in a form. Returns a function that reads them. */
const fieldsOf = (form, kinds) => {
  const choice = inputOf(form, "type")
  for (const [type, { title }] of Object.entries(kinds)) choice.add(new Option(title, type))
  const show = () => {
    const fields = kinds[choice.value].fields.map(({ isOptional, kind, label, name }) => {
      const element = document.createElement("label")
      element.textContent = label + " "
      const input = element.appendChild(document.createElement(isLong(kind) ? "textarea" : "input"))
      input.name = name
      if (kind === "flag") input.type = "checkbox"
      input.autocomplete = "off"
      input.required = isOptional !== true
      if (name === "customerId" && selected !== null) input.value = selected
      return element
    })
    byId(form + "-fields").replaceChildren(...fields)
  }
  choice.addEventListener("change", show)
  show()
  return () => {
    const read = { type: choice.value }
    for (const { isOptional, kind, name } of kinds[choice.value].fields) {
      const input = inputOf(form, name)
      if (isOptional !== true || input.value !== "") read[name] = readers[kind](input)
    }
    return read
  }
}

const readAct = fieldsOf("act", acts)
const actOf = () => {
  const act = readAct()
  if (act.type !== "changePlan") return act
  const { featureId, usageLimit, ...plan } = act
  return { ...plan, features: [{ featureId, usageLimit }] }
}
on("act", "submit", (event) =>
  perform(acts[valueOf("act", "type")].title + ": done.", "acts", () => post(actOf()))(event)
)

const ruleOf = (form, fault) => {
  const rule = { fault }
  for (const name of ["operation", "event", "customer", "times", "probability"]) {
    const value = inputOf(form, name)?.value ?? ""
    if (value !== "") rule[name] = name === "times" || name === "probability" ? numberOf(value) : value
  }
  return rule
}
const readFault = fieldsOf("fault", faults)
on("fault", "submit", perform("The fault is active.", "faults", () => post(ruleOf("fault", readFault()))))
on(
  "webhook-fault",
  "submit",
  perform("The fault of webhooks is active.", "webhooks/faults", () =>
    post(ruleOf("webhook-fault", { type: valueOf("webhook-fault", "type") }))
  )
)
on("clear-webhook-faults", "click", perform("There are no faults of webhooks.", "webhooks/faults", clear))
refresh()
`
