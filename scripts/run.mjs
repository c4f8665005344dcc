// The one door of every npm script. Plain JavaScript for Node 18 and newer, because it runs before anything is installed:
// it installs what the lock file names, finds Node 24, and hands the work to it.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const NODE_MAJOR = 24;

const COMMANDS = {
  start: { file: "src/main.ts", packages: "runtime" },
  demo: { file: "src/demo.ts", packages: "runtime" },
  rekey: { file: "src/cli.ts", packages: "runtime" },
  test: { file: "test/run.ts", packages: "all" },
  check: { file: "test/check.ts", packages: "all" },
  format: { file: "node_modules/@biomejs/biome/bin/biome", packages: "all", args: ["format", "--write", "."] },
};

const [name, ...given] = process.argv.slice(2);
const command = COMMANDS[name];
if (!command) stop(`Usage: node scripts/run.mjs ${Object.keys(COMMANDS).join("|")}`);
install(command.packages);
run(findNode(), [
  "--disable-warning=ExperimentalWarning",
  `--import=${new URL("tsx.mjs", import.meta.url).href}`,
  path.join(ROOT, command.file),
  ...(command.args ?? []),
  ...given,
]);

/** Makes node_modules what package-lock.json says. A stamp with the lock file's digest makes every later start skip this. */
function install(packages) {
  const stampFile = path.join(ROOT, "node_modules", ".rekey-installed");
  const digest = createHash("sha256")
    .update(readFileSync(path.join(ROOT, "package-lock.json")))
    .digest("hex");
  const stamp = existsSync(stampFile) ? readFileSync(stampFile, "utf8") : "";
  if (stamp === `${digest} all` || stamp === `${digest} ${packages}`) return;
  process.stderr.write("Installing packages (once) …\n");
  const only = packages === "all" ? [] : ["--omit=dev"];
  const npm = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ["npm"];
  const done = spawnSync(npm[0], [...npm.slice(1), "ci", "--no-audit", "--no-fund", "--loglevel=error", ...only], {
    cwd: ROOT,
    stdio: ["ignore", 2, 2],
    env: { ...process.env, NODE_ENV: "", npm_config_production: "", npm_config_omit: "" },
  });
  if (done.status !== 0)
    stop("The packages could not be installed: is the npm registry reachable? Try again with: npm ci");
  writeFileSync(stampFile, `${digest} ${packages}`);
}

/** @returns the path of a Node of the major version that this program needs: this one, the one the lock file brings, or none. */
function findNode() {
  if (Number(process.versions.node.split(".")[0]) >= NODE_MAJOR) return process.execPath;
  const brought = path.join(ROOT, "node_modules", `node-${process.platform}-${process.arch}`, "bin", "node");
  if (existsSync(brought)) return brought;
  return stop(
    `Rekey needs Node ${NODE_MAJOR} or newer; this is ${process.version} on ${process.platform}-${process.arch}. Install it from nodejs.org and try again.`,
  );
}

/** Runs the program with this terminal; it also sees the channel close, so that nothing keeps running when this process is killed. */
function run(node, args) {
  const child = spawn(node, args, { cwd: process.cwd(), stdio: ["inherit", "inherit", "inherit", "ipc"] });
  process.on("SIGINT", () => {}); // A terminal sends it to both processes; the child decides when to go.
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  process.on("SIGHUP", () => child.kill("SIGTERM"));
  child.on("exit", (code, signal) => process.exit(signal ? 1 : code));
}

function stop(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}
