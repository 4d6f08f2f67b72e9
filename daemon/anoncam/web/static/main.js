// The page: shows one of its parts, and keeps what is shown only while it is shown.

import { Live } from "/live.js";
import { Recordings } from "/recordings.js";
import { Zones } from "/zones.js";
import { showEvents, showFacts, showFindings } from "/health.js";
import { showPlots } from "/plots.js";
import { ask, askJson, camera, ofCamera, settle, toLogin, whoAmI } from "/server.js";
import { element, sentence } from "/words.js";

const PAGES = ["live", "recordings", "health", "zones"];
const PLOT_INTERVAL = 30_000;

const part = (id) => document.getElementById(id);
const role = await whoAmI();
const zones = new Zones(role);
let events = [];
let status = null;
let history = [];
let disk = null;
let shown = null;
let page = "";

async function refresh() {
  const cameras = await askJson("/api/cameras");
  settle(cameras);
  showCameras(cameras);
  const health = await askJson(ofCamera("/api/health"));
  status = health.status;
  events = health.events;
  history = health.history;
  disk = health.disk;
  told({ kind: "status", status });
  showPlots(part("plots"), history);
  showFindings(part("findings"), health.doctor);
}

// Nothing to choose from with one camera. Its choice loads the page anew, so nothing of another one stays.
function showCameras(cameras) {
  const choice = part("camera");
  choice.parentElement.hidden = cameras.length < 2;
  // A list that is open stays as it is.
  if (choice === document.activeElement) return;
  choice.replaceChildren(...cameras.map(({ name, state }) => element("option", `${name || "anoncam"}: ${state}`, { value: name })));
  choice.value = camera;
}

function told(message) {
  if (message.kind === "event") events = [...events, message.event].slice(-200);
  if (message.kind === "status") {
    status = message.status;
    const line = part("live-state");
    const text = message.unreachable ? "The device does not answer. We try again." : sentence(status);
    if (line.textContent !== text) line.textContent = text;
    line.className = status?.counts?.veil ? "veiled" : "";
    part("notice").textContent = status ? "" : text;
    zones.take(status);
  }
  if (page === "health") {
    showFacts(part("facts"), status, { temperature: history.at(-1)?.temperature, disk });
    showEvents(part("events"), events);
  }
}

function show() {
  const wanted = location.hash.slice(1);
  page = PAGES.includes(wanted) ? wanted : "live";
  shown?.close();
  shown = null;
  for (const id of PAGES) part(id).hidden = id !== page;
  for (const link of document.querySelectorAll("nav a")) {
    if (link.hash === `#${page}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  document.title = `anoncam: ${part(`${page}-title`).textContent}`;
  if (page === "recordings") {
    shown = new Recordings(() => events);
    shown.open().catch((error) => (part("notice").textContent = error.message));
  } else if (page === "zones") {
    shown = new Live(part("zones-video"), part("zones-still"), told);
  } else {
    shown = new Live(part("live-video"), part("live-picture"), told);
  }
  told({ kind: "" });
}

part("logout").addEventListener("click", async () => {
  await ask("/api/logout", { method: "POST" });
  toLogin();
});
part("camera").addEventListener("change", () => {
  location.assign(`/?camera=${encodeURIComponent(part("camera").value)}${location.hash}`);
});
part("live-full").addEventListener("click", () => {
  const video = part("live-video");
  (video.hidden ? part("live-picture") : video).requestFullscreen?.();
});
addEventListener("hashchange", () => {
  show();
  part("content").focus();
});
await refresh().catch((error) => (part("notice").textContent = error.message));
setInterval(() => refresh().catch(() => {}), PLOT_INTERVAL);
show();
document.documentElement.dataset.ready = "yes";
