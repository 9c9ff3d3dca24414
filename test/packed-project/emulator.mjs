/**
 * Runs what the files of examples/emulator say, with a tarball instead of the published package: the image's commands
 * without Docker, the start in the workflow, and where Docker is there, the image itself.
 *
 * usage: node emulator.mjs TARBALL EMPTY_FOLDER
 */
import assert from "node:assert/strict"
import { execFile, spawn } from "node:child_process"
import { once } from "node:events"
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises"
import { createServer } from "node:net"
import { basename, join } from "node:path"
import { promisify } from "node:util"

const [tarball, folder] = process.argv.slice(2)
const examples = new URL("../../examples/emulator/", import.meta.url)
const read = (name) => readFile(new URL(name, examples), "utf8")
const run = promisify(execFile)
const defaultPort = 4010

const freePort = async () => {
  const server = createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const { port } = server.address()
  server.close()
  return port
}

/** Installs the tarball where the published package would be installed. */
const packed = (command, what = tarball) => {
  const replaced = command.replace(/(?<= )effect-stigg(?= )/, what)
  assert.notEqual(replaced, command, `it does not install effect-stigg: ${command}`)
  return replaced
}

const answersWithin = async (seconds, url) => {
  for (const end = Date.now() + seconds * 1000; ; await new Promise((resolve) => setTimeout(resolve, 100))) {
    const answer = await fetch(url).catch((error) => error)
    if (answer.ok) return
    if (Date.now() > end) throw new Error(`${url} did not answer in ${seconds} s`, { cause: answer })
  }
}

// The image, without Docker.

const dockerfile = await read("Dockerfile")
const instructions = dockerfile
  .replace(/^#.*\n/gm, "")
  .replace(/\\\n\s*/g, "")
  .trim()
  .split("\n")
  .map((line) => /^([A-Z]+) (.*)$/.exec(line)?.slice(1) ?? assert.fail(`not an instruction: ${line}`))

/** The arguments of each instruction of a name. */
const all = (name) => instructions.flatMap(([found, rest]) => (found === name ? [rest] : []))
const only = (name) => {
  const found = all(name)
  assert.equal(found.length, 1, `expected one ${name}`)
  return found[0]
}
const known = ["FROM", "WORKDIR", "RUN", "USER", "EXPOSE", "HEALTHCHECK", "ENTRYPOINT", "CMD"]
assert.deepEqual([...new Set(instructions.map(([name]) => name))], known)
assert.equal(only("EXPOSE"), String(defaultPort))

const image = join(folder, "image")
await mkdir(image)
for (const command of all("RUN")) {
  console.log(`-- ${command}`)
  await run("bash", ["-c", packed(command)], { cwd: image })
}

const port = await freePort()
// Arguments of `docker run` replace CMD. These are added to it, because the port must be free.
const [program, ...args] = [...JSON.parse(only("ENTRYPOINT")), ...JSON.parse(only("CMD")), "--port", String(port)]
const emulator = spawn(program, args, { cwd: image, stdio: ["ignore", "pipe", "inherit"] })
const ended = once(emulator, "exit")
try {
  const [line] = await once(emulator.stdout, "data")
  assert.match(String(line), new RegExp(`^listening on http://127\\.0\\.0\\.1:${port}`))
  const [health, ...probe] = JSON.parse(only("HEALTHCHECK").replace(/^.*? CMD /, ""))
  const check = () =>
    run(
      health,
      probe.map((text) => text.replace(`:${defaultPort}/`, `:${port}/`))
    )
  await check()
  const answer = await fetch(`http://127.0.0.1:${port}/api/v1/customers/customer-acme`, {
    headers: { "x-api-key": "any" }
  })
  assert.equal(answer.status, 200)
  const stopped = Date.now()
  emulator.kill("SIGTERM")
  await ended
  assert.ok(Date.now() - stopped < 1000, "it took more than a second to stop")
  await assert.rejects(check(), "it is healthy although it has stopped")
} finally {
  emulator.kill("SIGKILL")
}
console.log("ok: the commands of the Dockerfile")

// The workflow.

const workflow = await read("github-actions.yml")
const start = /- name: Start the emulator\n +run: \|\n((?: {10}.*\n)+)/.exec(workflow)?.[1] ?? assert.fail("no start")
const workflowPort = await freePort()
const url = /STIGG_BASE_URL: (.*)/.exec(workflow)[1].replace(String(defaultPort), String(workflowPort))
const script = packed(start.replaceAll(/^ {10}/gm, "")).replace(
  /(?<=effect-stigg-emulator) /,
  ` --port ${workflowPort} `
)
const step = spawn("bash", ["-e", "-c", script], {
  cwd: folder,
  env: { ...process.env, RUNNER_TEMP: folder, STIGG_BASE_URL: url },
  stdio: ["ignore", "inherit", "inherit"],
  // In a group of its own, which also ends what it has started.
  detached: true
})
try {
  const [code] = await once(step, "exit")
  assert.equal(code, 0)
  await answersWithin(1, `${url}/_emulator/health`)
} finally {
  try {
    process.kill(-step.pid, "SIGTERM")
  } catch {
    // Nothing of the group is left.
  }
}
console.log("\nok: the start in the workflow")

// The image.

const hasDocker = await run("docker", ["info"]).then(
  () => true,
  () => false
)
if (!hasDocker) {
  console.log("skipped: the image (there is no Docker)")
  process.exit(0)
}
const context = join(folder, "context")
await mkdir(context)
await copyFile(tarball, join(context, basename(tarball)))
await writeFile(
  join(context, "Dockerfile"),
  packed(dockerfile.replace(/^RUN /m, `COPY ${basename(tarball)} .\nRUN `), `./${basename(tarball)}`)
)
const name = `effect-stigg-emulator-${process.pid}`
await run("docker", ["build", "--tag", name, context])
try {
  const imagePort = await freePort()
  await run("docker", ["run", "--detach", "--rm", "--name", name, "-p", `127.0.0.1:${imagePort}:${defaultPort}`, name])
  await answersWithin(10, `http://127.0.0.1:${imagePort}/_emulator/health`)
  await run("docker", ["stop", "--time", "2", name])
} finally {
  await run("docker", ["rm", "--force", name]).catch(() => {})
  await run("docker", ["rmi", "--force", name])
}
console.log("ok: the image")
