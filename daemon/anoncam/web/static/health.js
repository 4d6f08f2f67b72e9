// Health: what the status, the events and the last day say.

import { clock, element, sentence, size } from "/words.js";

const PLOTS = [
  ["Frames per second", (point) => point.fps, (value) => value.toFixed(1)],
  ["Milliseconds per result", (point) => point.latency_ms, (value) => value.toFixed(0)],
  ["Temperature, °C", (point) => point.temperature, (value) => value.toFixed(0)],
  ["Free disk", (point) => point.free_bytes, size],
];

export function showFacts(list, status, { temperature, disk }) {
  const facts = [["Now", sentence(status)]];
  if (status) {
    const { counts, detector, recording, config } = status;
    facts.push(
      ["Since", new Date(status.since).toLocaleString()],
      ["Source", status.source ?? "none"],
      ["Frames", `${counts.recorded} recorded, ${counts.veiled} of them veiled, ${counts.dropped} dropped`],
      ["Detector", detector ? `${detector.model} on ${detector.device}, ${detector.latency_ms} ms per result` : "none"],
      ["Temperature", temperature === null || temperature === undefined ? "unknown" : `${temperature.toFixed(0)} °C`],
      ["Disk", `${size(recording?.free_bytes)} free`],
      ["Next deletion", nextDeletion(status, disk)],
      ["Upload", upload(recording?.upload)],
      ["Version", status.version],
    );
    for (const problem of config?.problems ?? []) facts.push(["Configuration", problem]);
  }
  list.replaceChildren(...facts.flatMap(([name, text]) => [element("dt", name), element("dd", text)]));
}

function upload(backlog) {
  if (!backlog) return "not set up";
  const waiting = backlog.segments
    ? `${backlog.segments} ${backlog.segments === 1 ? "segment waits" : "segments wait"}, ${size(backlog.bytes)}; the oldest is of ${new Date(backlog.oldest).toLocaleString()}`
    : "nothing waits";
  return backlog.problem ? `${waiting}. It fails: ${backlog.problem}` : waiting;
}

// At the rate of the newest segments.
function nextDeletion(status, disk) {
  const free = status.recording?.free_bytes;
  if (!free || !disk?.bytes_per_second) return "not known yet";
  const days = free / disk.bytes_per_second / 86400;
  const when = days < 1 ? `${(days * 24).toFixed(1)} hours` : `${days.toFixed(1)} days`;
  return `the disk is full in ${when} at the latest; then the oldest recordings go, now those of ${disk.oldest}`;
}

export function showEvents(list, events) {
  list.replaceChildren(
    ...events.toReversed().map((event) => element("li", `${new Date(event.at).toLocaleDateString()} ${clock(event.at)} ${event.message}`, { class: event.level })),
  );
}

export function showPlots(place, history) {
  place.replaceChildren(...PLOTS.map(([title, value, words]) => plot(title, history.map(value), words)));
}

function plot(title, values, words) {
  const figure = element("figure");
  const known = values.filter((value) => value !== null && value !== undefined);
  const caption = element("figcaption", title);
  figure.append(caption);
  if (!known.length) {
    caption.textContent += ": nothing yet";
    return figure;
  }
  const low = Math.min(...known);
  const high = Math.max(...known);
  const text = `${words(known.at(-1))} now, from ${words(low)} to ${words(high)}`;
  caption.textContent += `: ${text}`;
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 100 100");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", `${title}: ${text}`);
  const line = document.createElementNS("http://www.w3.org/2000/svg", "polyline");
  const points = values.map((value, index) => [(index / Math.max(1, values.length - 1)) * 100, value]);
  line.setAttribute("points", points.filter(([, value]) => value !== null && value !== undefined).map(([x, value]) => `${x},${95 - (90 * (value - low)) / (high - low || 1)}`).join(" "));
  svg.append(line);
  figure.append(svg);
  return figure;
}
