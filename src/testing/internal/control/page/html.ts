import * as Faults from "../../../Faults.js"
import * as Operation from "../../../Operation.js"
import * as WebhookEvent from "../../../WebhookEvent.js"
import { RuleSchema as WebhookRule } from "../../webhooks/Fault.js"
import { paths, prefix } from "../ControlApi.js"

const options = (names: ReadonlyArray<string>): string => names.map((name) => `<option>${name}</option>`).join("")

/** What a fault applies to. `what` is one kind of it, such as an operation, with its names. */
const rule = (what: string, names: ReadonlyArray<string>): string => `
<label>For ${what} <select name="${what}"><option value="">any</option>${options(names)}</select></label>
<label>For customer (optional) <input name="customer" autocomplete="off"></label>
<label>Times (optional) <input name="times" inputmode="numeric" size="6" autocomplete="off"></label>
<label>Probability (optional) <input name="probability" inputmode="decimal" size="6" autocomplete="off"></label>`

/** The page of the state. */
export const html = String.raw`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Stigg emulator</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${prefix}/page.css">
<script src="${prefix}/page.js" defer></script>
</head>
<body>
<header>
<h1>Stigg emulator</h1>
<a href="${prefix}/docs">Try the API</a>
<div id="choose-world" class="actions" hidden>
<label>World <select id="world"></select></label>
<button id="remove-world" type="button">Remove world</button>
</div>
<button id="reset" type="button">Reset</button>
</header>
<main>
<noscript><p>This page needs JavaScript.</p></noscript>
<div id="messages">
<p id="status" role="status"></p>
<p id="problem" role="alert"></p>
</div>
<div class="beside">
<section aria-labelledby="time-title">
<h2 id="time-title">Time</h2>
<p><time id="now"></time> <span id="paused" hidden>(paused)</span></p>
<form id="advance">
<button id="pause" type="button">Pause</button>
<label>Advance by <input name="duration" value="1 day" required autocomplete="off"></label>
<button type="submit">Advance</button>
</form>
<form id="set-time">
<label>Set to <input name="set" placeholder="2030-01-01T00:00:00Z" required autocomplete="off"></label>
<button type="submit">Set</button>
</form>
</section>
<section aria-labelledby="state-title">
<h2 id="state-title">State</h2>
<p><a id="save" class="button" href="${paths.save}" download="emulator.json">Save</a></p>
<form id="load">
<label>Saved file <input type="file" name="file" required></label>
<button type="submit">Load</button>
</form>
<form id="seed-by-name">
<label>Named seed <input name="seed" value="demo" list="seed-names" required autocomplete="off"></label>
<datalist id="seed-names"><option>demo</option><option>random:100</option></datalist>
<button type="submit">Seed</button>
</form>
<form id="seed">
<label>Seed as JSON <textarea name="seed" rows="3" cols="30" required spellcheck="false"></textarea></label>
<label>Take JSON from <input type="file" id="seed-file"></label>
<button type="submit">Seed with JSON</button>
</form>
</section>
</div>
<section aria-labelledby="faults-title">
<h2 id="faults-title">Active faults</h2>
<p id="no-faults" hidden>None.</p>
<ul id="faults"></ul>
<form id="scenario">
<label>Scenario <select name="scenario">${options(Object.keys(Faults.scenario))}</select></label>
<button type="submit">Inject</button>
<button id="clear-faults" type="button">Clear faults</button>
</form>
<form id="fault" aria-label="One fault">
<label>Fault <select name="type"></select></label>
<div id="fault-fields" class="actions"></div>${rule("operation", Operation.all)}
<button type="submit">Inject fault</button>
</form>
</section>
<section aria-labelledby="acts-title">
<h2 id="acts-title">Acts</h2>
<form id="act">
<label>Act <select name="type"></select></label>
<div id="act-fields" class="actions"></div>
<button type="submit">Perform</button>
</form>
</section>
<section aria-labelledby="customers-title">
<h2 id="customers-title">Customers</h2>
<form id="search" role="search">
<label>Id, name or email <input type="search" name="search" autocomplete="off"></label>
<button type="submit">Search</button>
</form>
<div class="scrolls">
<table aria-labelledby="customers-title">
<thead><tr><th scope="col">Id</th><th scope="col">Name</th><th scope="col">Email</th><th scope="col">Created</th><th scope="col">Archived</th></tr></thead>
<tbody id="customers"></tbody>
</table>
</div>
<p id="no-customers" hidden>No customers.</p>
<button id="more" type="button" hidden>Show more</button>
<div id="entitlements-of" hidden>
<h3 id="entitlements-title"></h3>
<div class="scrolls">
<table aria-labelledby="entitlements-title">
<thead><tr><th scope="col">Feature or credits</th><th scope="col">Granted</th><th scope="col">Reason</th><th scope="col">Usage</th><th scope="col">Period ends</th><th scope="col">Valid until</th></tr></thead>
<tbody id="entitlements"></tbody>
</table>
</div>
</div>
</section>
<section aria-labelledby="requests-title">
<h2 id="requests-title">Last requests</h2>
<div class="scrolls">
<table aria-labelledby="requests-title">
<thead><tr><th scope="col">Time</th><th scope="col">Request</th><th scope="col">Operation</th><th scope="col">Status</th><th scope="col">Faults</th><th scope="col">ms</th><td></td></tr></thead>
<tbody id="requests"></tbody>
</table>
</div>
<p id="no-requests" hidden>None yet.</p>
<button id="clear-requests" type="button">Clear requests</button>
<div id="request" hidden>
<h3 id="request-title"></h3>
<pre id="request-text" tabindex="0" aria-labelledby="request-title"></pre>
</div>
</section>
<section aria-labelledby="webhooks-title">
<h2 id="webhooks-title">Webhooks</h2>
<ul id="webhook-urls"></ul>
<form id="webhook">
<label>URL <input name="url" placeholder="http://127.0.0.1:3000/webhooks/stigg" size="40" required autocomplete="off"></label>
<label>Secret <input type="password" name="secret" required autocomplete="off"></label>
<label>Events (none: all) <select name="events" multiple size="4">${options(WebhookEvent.all)}</select></label>
<button type="submit">Add webhook</button>
<button id="remove-webhooks" type="button">Remove added webhooks</button>
</form>
<h3>Active faults of webhooks</h3>
<p id="no-webhook-faults" hidden>None.</p>
<ul id="webhook-faults"></ul>
<form id="webhook-fault" aria-label="Fault of webhooks">
<label>Fault of webhooks <select name="type">${options(WebhookRule.fields.fault.fields.type.literals)}</select></label>${rule("event", WebhookEvent.all)}
<button type="submit">Inject fault of webhooks</button>
<button id="clear-webhook-faults" type="button">Clear faults of webhooks</button>
</form>
<h3>Last tries</h3>
<button id="resend" type="button">Send failed ones again</button>
<div class="scrolls">
<table aria-labelledby="webhooks-title">
<thead><tr><th scope="col">Time</th><th scope="col">Event</th><th scope="col">To</th><th scope="col">Try</th><th scope="col">Outcome</th><th scope="col">Answer</th><td></td></tr></thead>
<tbody id="deliveries"></tbody>
</table>
</div>
</section>
</main>
</body>
</html>
`
