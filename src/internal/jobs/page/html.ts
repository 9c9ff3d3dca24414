/** The page of the jobs. Its URLs are relative, so that it works under each path. */
export const html = String.raw`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Customer jobs</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="page.css">
<script src="page.js" defer></script>
</head>
<body>
<header>
<h1>Customer jobs</h1>
<button id="forget" type="button" hidden>Forget the key</button>
</header>
<main>
<p id="status" role="status"></p>
<form id="access">
<label for="key">Key of the jobs</label>
<input id="key" type="password" autocomplete="off" required aria-describedby="key-problem">
<button type="submit">Show the jobs</button>
<p id="key-problem" role="alert"></p>
</form>
<section id="jobs" aria-label="Jobs" hidden>
<p id="none" hidden>There are no jobs.</p>
<ol id="list"></ol>
<button id="more" type="button" hidden>Show older jobs</button>
</section>
<noscript><p>This page needs JavaScript.</p></noscript>
</main>
<template id="job">
<li>
<article>
<h2></h2>
<p class="state"></p>
<progress max="1"></progress>
<dl>
<div><dt>Rows</dt><dd class="rows"></dd></div>
<div><dt>Parts</dt><dd class="parts"></dd></div>
<div><dt>Rate</dt><dd class="rate"></dd></div>
<div><dt>Time left</dt><dd class="remaining"></dd></div>
<div><dt>Created, updated</dt><dd class="written"></dd></div>
<div><dt>Rejected</dt><dd class="rejected"></dd></div>
<div><dt>Started</dt><dd class="created"></dd></div>
<div><dt>Ended</dt><dd class="ended"></dd></div>
</dl>
<p class="problem"></p>
<div role="group" class="actions">
<button type="button" data-action="pause">Pause</button>
<button type="button" data-action="resume">Resume</button>
<button type="button" data-action="cancel">Cancel</button>
</div>
<details>
<summary>Rejected rows</summary>
<p class="shown"></p>
<button type="button" class="download">Download all as NDJSON</button>
<table>
<caption></caption>
<thead><tr><th scope="col">Row</th><th scope="col">Id</th><th scope="col">Reason</th><th scope="col">Field</th><th scope="col">Message</th></tr></thead>
<tbody></tbody>
</table>
</details>
</article>
</li>
</template>
</body>
</html>
`
