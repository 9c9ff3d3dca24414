import * as Faults from "../../../Faults.js"
import { prefix } from "../ControlApi.js"

const scenarios = Object.keys(Faults.scenario)
  .map((name) => `<option>${name}</option>`)
  .join("")

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
<label id="choose-world" hidden>World <select id="world"></select></label>
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
</section>
<section aria-labelledby="faults-title">
<h2 id="faults-title">Active faults</h2>
<p id="no-faults" hidden>None.</p>
<ul id="faults"></ul>
<form id="scenario">
<label>Scenario <select name="scenario">${scenarios}</select></label>
<button type="submit">Inject</button>
<button id="clear-faults" type="button">Clear faults</button>
</form>
</section>
</div>
<section aria-labelledby="acts-title">
<h2 id="acts-title">Acts</h2>
<form id="act">
<label>Act <select name="type" id="act-type"></select></label>
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
<div id="request" hidden>
<h3 id="request-title"></h3>
<pre id="request-text" tabindex="0" aria-labelledby="request-title"></pre>
</div>
</section>
<section id="webhooks" aria-labelledby="webhooks-title" hidden>
<h2 id="webhooks-title">Webhooks</h2>
<ul id="webhook-urls"></ul>
<button id="resend" type="button">Send failed ones again</button>
<div class="scrolls">
<table aria-labelledby="webhooks-title">
<thead><tr><th scope="col">Time</th><th scope="col">Event</th><th scope="col">To</th><th scope="col">Try</th><th scope="col">Outcome</th><th scope="col">Answer</th></tr></thead>
<tbody id="deliveries"></tbody>
</table>
</div>
</section>
</main>
</body>
</html>
`
