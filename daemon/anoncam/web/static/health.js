// Health: what the status, the events and the last look at the machine say.

import { clock, element, sentence, size } from "/words.js";

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

// What `anoncam doctor` has found; without problems, the rest is there for whoever asks.
export function showFindings(place, doctor) {
  if (!doctor) {
    place.replaceChildren(element("p", "The machine was not looked at since the recorder has started. It is, every quarter of an hour, where anoncam-doctor.timer runs.", { class: "hint" }));
    return;
  }
  const of = (verdict) => doctor.findings.filter((each) => each.verdict === verdict);
  const problems = of("problem");
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  const head = element("p", `${problems.length ? count : "No problem"} found at ${clock(doctor.at)}.`, { class: problems.length ? "bad" : "good" });
  const rest = element("details");
  rest.open = place.querySelector("details")?.open ?? false;
  rest.append(element("summary", "All that was looked at"), findings([...of("note"), ...of("ok")]));
  place.replaceChildren(head, findings(problems), rest);
}

function findings(found) {
  const list = element("ul", null, { class: "findings" });
  for (const { check, verdict, what, cause, remedy } of found) {
    const entry = element("li", null, { class: verdict });
    entry.append(element("strong", check), ` ${what}`);
    if (cause) entry.append(element("div", `Cause: ${cause}`));
    if (remedy) entry.append(element("div", `What helps: ${remedy}`));
    list.append(entry);
  }
  return list;
}
