import type * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import { pageHeaders } from "../../../../internal/access/pageHeaders.js"
import { prefix } from "../ControlApi.js"
import { css } from "./css.js"
import { html } from "./html.js"
import { script } from "./script.js"

const asset = (text: string, type: string) =>
  HttpServerResponse.text(text, {
    contentType: `${type}; charset=utf-8`,
    headers: { ...pageHeaders, vary: "accept" }
  })

const page = asset(html, "text/html")
const assets = new Map([
  [`${prefix}/page.css`, asset(css, "text/css")],
  [`${prefix}/page.js`, asset(script, "text/javascript")]
])

/** The page of the state, for a browser, or what it loads; null for any other request. */
export const answer = ({
  headers,
  method,
  url
}: HttpServerRequest.HttpServerRequest): HttpServerResponse.HttpServerResponse | null => {
  if (method !== "GET" && method !== "HEAD") return null
  const path = url.replace(/[?#].*$/s, "")
  const isOfBrowser = (headers["accept"] ?? "").includes("text/html")
  return path === prefix && isOfBrowser ? page : (assets.get(path) ?? null)
}
