/**
 * The script of the page. It shows text only through `textContent`, because ids and problems come from users. The key is
 * kept for the tab and goes into a header, never into a URL.
 */
export const script = String.raw`"use strict"
const pageSize = 50
const maxRejects = 100
const keyName = "effect-stigg/jobs/key"
const byId = (id) => document.getElementById(id)
const status = byId("status")
const shownJobs = new Map()
let pages = 1
let timer
let round = 0

const numbers = new Intl.NumberFormat()
const number = (value) => (value === null ? "unknown" : numbers.format(value))
const time = (value) => (value === null ? "" : new Date(value).toLocaleString())
const duration = (millis) => {
  const seconds = Math.ceil(millis / 1000)
  if (seconds < 60) return seconds + " s"
  if (seconds < 3600) return Math.floor(seconds / 60) + " min " + (seconds % 60) + " s"
  return numbers.format(Math.floor(seconds / 3600)) + " h " + Math.floor((seconds % 3600) / 60) + " min"
}
const setText = (element, text) => {
  if (element.textContent !== text) element.textContent = text
}

class WrongKey extends Error {}

const ask = async (path, method) => {
  const key = sessionStorage.getItem(keyName)
  if (key === null) throw new WrongKey()
  const response = await fetch(path, {
    method: method ?? "GET",
    headers: { authorization: "Bearer " + key },
    cache: "no-store",
    redirect: "error"
  })
  if (response.status === 401) throw new WrongKey()
  if (response.ok) return response
  const answer = await response.json().catch(() => ({}))
  throw new Error(typeof answer.message === "string" ? answer.message : "The runner answered " + response.status)
}

const failed = (error) => {
  if (error instanceof WrongKey) return lock("This key is not valid.")
  setText(status, error instanceof TypeError ? "The runner does not answer. Trying again." : error.message)
}

const lock = (problem) => {
  clearTimeout(timer)
  round++
  sessionStorage.removeItem(keyName)
  shownJobs.clear()
  byId("list").replaceChildren()
  byId("jobs").hidden = byId("forget").hidden = true
  byId("access").hidden = false
  setText(byId("key-problem"), problem)
  setText(status, "")
  byId("key").focus()
}

const unlock = () => {
  byId("access").hidden = true
  byId("forget").hidden = false
  setText(byId("key-problem"), "")
  refresh()
}

const jobUrl = (id, rest) => "jobs/" + encodeURIComponent(id) + "/" + rest

const makeJob = (id) => {
  const item = byId("job").content.cloneNode(true).firstElementChild
  const find = (selector) => item.querySelector(selector)
  const heading = find("h2")
  heading.id = "job-" + shownJobs.size + "-" + round
  heading.textContent = id
  find("article").setAttribute("aria-labelledby", heading.id)
  find("progress").setAttribute("aria-label", "Progress of " + id)
  find(".actions").setAttribute("aria-label", "Actions for " + id)
  find("caption").textContent = "Rejected rows of " + id
  const shown = { item, find, state: null, rejected: 0, loaded: -1 }
  for (const button of item.querySelectorAll("[data-action]")) {
    button.addEventListener("click", async () => {
      if (button.getAttribute("aria-disabled") === "true") return
      const action = button.dataset.action
      if (action === "cancel" && !confirm("Cancel " + id + "? It cannot be resumed.")) return
      try {
        showJob(await (await ask(jobUrl(id, action), "POST")).json())
      } catch (error) {
        failed(error)
      }
    })
  }
  find("details").addEventListener("toggle", () => loadRejects(id, shown))
  find(".download").addEventListener("click", async () => {
    try {
      const url = URL.createObjectURL(await (await ask(jobUrl(id, "rejects"))).blob())
      const link = document.createElement("a")
      link.href = url
      link.download = "rejects.ndjson"
      link.click()
      setTimeout(() => URL.revokeObjectURL(url), 60000)
    } catch (error) {
      failed(error)
    }
  })
  return shown
}

const possible = {
  pause: ["Planning", "Running"],
  resume: ["Pausing", "Paused"],
  cancel: ["Planning", "Running", "Pausing", "Paused"]
}

const showJob = (job) => {
  let shown = shownJobs.get(job.id)
  if (shown === undefined) shownJobs.set(job.id, (shown = makeJob(job.id)))
  const { find, item } = shown
  if (shown.state !== null && shown.state !== job.state) setText(status, job.id + ": " + job.state)
  shown.state = job.state
  shown.rejected = job.rejected
  setText(find(".state"), job.kind + ": " + job.state)
  const bar = find("progress")
  if (job.fraction === null) bar.removeAttribute("value")
  else bar.value = job.fraction
  setText(find(".rows"), number(job.rows) + " of " + number(job.total))
  setText(find(".parts"), job.parts === null ? "unknown" : number(job.parts.done) + " of " + number(job.parts.total))
  setText(find(".rate"), job.rate === null ? "unknown" : number(Math.round(job.rate)) + " rows/s")
  setText(find(".remaining"), job.remaining === null ? "unknown" : duration(job.remaining))
  setText(find(".written"), number(job.created) + ", " + number(job.updated + job.updatedOrSkipped))
  setText(find(".rejected"), number(job.rejected))
  setText(find(".created"), time(job.createdAt))
  setText(find(".ended"), time(job.endedAt))
  setText(find(".problem"), job.problem ?? "")
  // Not the attribute disabled, with which a button would lose the focus.
  for (const button of item.querySelectorAll("[data-action]")) {
    button.setAttribute("aria-disabled", String(!possible[button.dataset.action].includes(job.state)))
  }
  find("details").hidden = job.rejected === 0
  loadRejects(job.id, shown)
  return item
}

const loadRejects = async (id, shown) => {
  const { find, rejected } = shown
  if (!find("details").open || shown.loaded === rejected) return
  shown.loaded = rejected
  try {
    const text = await (await ask(jobUrl(id, "rejects?limit=" + maxRejects))).text()
    const rejects = text.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line))
    find("tbody").replaceChildren(...rejects.map(rejectRow))
    setText(find(".shown"), rejects.length < rejected ? "The first " + rejects.length + " of " + number(rejected) : "")
  } catch (error) {
    shown.loaded = -1
    failed(error)
  }
}

const rejectRow = (reject) => {
  const value = reject.value
  const id = value !== null && typeof value === "object" && typeof value.id === "string" ? value.id : ""
  const row = document.createElement("tr")
  for (const text of [number(reject.row), id, reject.reason, reject.field ?? "", reject.message]) {
    row.appendChild(document.createElement("td")).textContent = text
  }
  return row
}

const refresh = async () => {
  clearTimeout(timer)
  const mine = ++round
  try {
    const jobs = []
    let next = null
    for (let page = 0; page < pages && (page === 0 || next !== null); page++) {
      const before = next === null ? "" : "&before=" + encodeURIComponent(next)
      const answer = await (await ask("jobs?limit=" + pageSize + before)).json()
      jobs.push(...answer.jobs)
      next = answer.next
    }
    if (mine !== round) return
    const list = byId("list")
    const items = jobs.map(showJob)
    const ids = new Set(jobs.map(({ id }) => id))
    for (const [id, { item }] of shownJobs) {
      if (ids.has(id)) continue
      shownJobs.delete(id)
      item.remove()
    }
    // Only what is not in its place moves, so that the focus stays.
    items.forEach((item, index) => {
      if (list.children[index] !== item) list.insertBefore(item, list.children[index] ?? null)
    })
    byId("none").hidden = jobs.length > 0
    byId("more").hidden = next === null
    byId("jobs").hidden = false
    if (status.textContent.startsWith("The runner ")) setText(status, "")
  } catch (error) {
    if (mine === round) failed(error)
  }
  if (mine === round && sessionStorage.getItem(keyName) !== null) timer = setTimeout(refresh, 1000)
}

byId("access").addEventListener("submit", (event) => {
  event.preventDefault()
  const key = byId("key").value
  byId("key").value = ""
  if (!/^[\x21-\x7e]+$/.test(key)) return lock("This key is not valid.")
  sessionStorage.setItem(keyName, key)
  unlock()
})
byId("forget").addEventListener("click", () => lock(""))
byId("more").addEventListener("click", () => {
  pages++
  refresh()
})
if (sessionStorage.getItem(keyName) !== null) unlock()
`
