// Recordings: a day as one timeline, played fragment by fragment, so that scrubbing has no break.

import { ask, askJson, ofCamera } from "/server.js";
import { Buffer, Source, playable } from "/media.js";
import { clock, element, size, span } from "/words.js";

const AHEAD = 15; // seconds that are loaded ahead
const KEPT = 30;
const DAY = 86400;
const NO_GAP = 1.5; // seconds: the name of a segment that is being written has no fractions

export class Recordings {
  constructor(events) {
    this.events = events;
    this.day = document.getElementById("day");
    this.video = document.getElementById("player");
    this.bar = document.getElementById("timeline");
    this.table = document.getElementById("segments");
    this.position = document.getElementById("position");
    this.segments = [];
    this.buffer = null;
    this.busy = false;
    // Its end takes all listeners away: the page may be opened again.
    this.end = new AbortController();
    this.#on(this.day, "change", () => this.#showDay());
    this.#on(this.bar, "pointerdown", (event) => this.#pull(event));
    this.#on(this.bar, "pointermove", (event) => event.buttons && this.#pull(event));
    this.#on(this.bar, "keydown", (event) => this.#press(event));
    this.#on(this.video, "timeupdate", () => this.#mark());
    this.#on(this.video, "seeking", () => this.#load());
    this.timer = setInterval(() => this.#load(), 500);
  }

  async open() {
    const days = await askJson(ofCamera("/api/days"));
    this.day.replaceChildren(...days.map((day) => element("option", day, { value: day })));
    await this.#showDay();
  }

  close() {
    this.end.abort();
    clearInterval(this.timer);
    this.buffer?.close();
    this.buffer = null;
  }

  #on(target, name, act) {
    target.addEventListener(name, act, { signal: this.end.signal });
  }

  async #showDay() {
    this.buffer?.close();
    this.buffer = null;
    this.start = Date.parse(`${this.day.value}T00:00:00Z`) / 1000;
    const found = this.day.value ? await askJson(ofCamera(`/api/days/${this.day.value}`)) : [];
    this.segments = joined(found.map((segment) => this.#placed(segment)));
    this.#drawBar();
    this.table.replaceChildren(...this.segments.toReversed().map((segment) => this.#row(segment)));
  }

  #placed(segment) {
    const from = Date.parse(segment.started) / 1000 - this.start;
    const length = segment.seconds ?? (segment.ended ? (Date.parse(segment.ended) - Date.parse(segment.started)) / 1000 : Date.now() / 1000 - this.start - from);
    return { ...segment, from, to: from + Math.max(1, length), index: null };
  }

  #drawBar() {
    const marks = [];
    for (let hour = 0; hour < 24; hour += 3) {
      marks.push(place(element("div", clock((this.start + hour * 3600) * 1000, false), { class: "hour" }), hour * 3600));
    }
    for (const segment of this.segments) {
      marks.push(place(element("div", null, { class: "recorded" }), segment.from, segment.to));
      if (segment.frames_veiled) marks.push(place(element("div", null, { class: "veiled" }), segment.from, segment.to));
    }
    for (const event of this.events()) {
      const at = Date.parse(event.at) / 1000 - this.start;
      if (event.level !== "info" && at >= 0 && at < DAY) {
        marks.push(place(element("div", null, { class: "event", title: `${clock(event.at)} ${event.message}` }), at));
      }
    }
    this.cursor = place(element("div", null, { class: "cursor" }), 0);
    this.bar.replaceChildren(...marks, this.cursor);
  }

  #row(segment) {
    const row = element("tr");
    const play = element("button", clock(segment.started), { type: "button", "aria-label": `Play ${clock(segment.started)}` });
    play.addEventListener("click", () => this.go(segment.from));
    const start = element("td");
    start.append(play);
    const evidence = element("td");
    const state = element("span", segment.finished ? (segment.evidence ? "recorded" : "none") : "being written");
    evidence.append(state);
    const actions = element("td");
    if (segment.finished) {
      const verify = element("button", "Verify", { type: "button", "aria-label": `Verify ${clock(segment.started)}` });
      verify.addEventListener("click", () => this.#verify(segment, state));
      const download = element("a", "Download", {
        href: ofCamera(`/api/recordings/${segment.name}/download`), download: "", "aria-label": `Download ${clock(segment.started)} with its evidence`,
      });
      actions.append(verify, download);
    }
    const veiled = segment.frames_veiled ? `${segment.frames_veiled} frames: ${Object.keys(segment.frames_veiled_because ?? {}).join("; ")}` : "";
    row.append(start, element("td", span(segment.to - segment.from)), element("td", size(segment.bytes)), element("td", segment.faces_covered ?? ""), element("td", veiled), evidence, actions);
    return row;
  }

  async #verify(segment, shown) {
    shown.textContent = "is compared";
    const { state } = await askJson(ofCamera(`/api/recordings/${segment.name}/verify`));
    shown.textContent = state === "kept" ? "✓ as recorded" : `✗ ${state}`;
    shown.className = state === "kept" ? "good" : "bad";
  }

  // Play from a time of the day, in seconds.
  async go(time) {
    const segment = this.segments.find((each) => each.to > time);
    if (!segment) return;
    const target = Math.max(time, segment.from) + 0.01;
    if (!(await this.#prepare(segment))) return;
    this.video.currentTime = target;
    await this.#load();
    this.video.play().catch(() => {});
  }

  async #prepare(segment) {
    await this.#index(segment);
    if (this.buffer) return true;
    if (!Source || !playable(segment.codecs)) {
      this.video.src = ofCamera(`/api/recordings/${segment.name}`);
      this.video.play().catch(() => {});
      return false;
    }
    this.buffer = new Buffer(this.video, 2 * DAY);
    await this.#begin(segment);
    return true;
  }

  async #index(segment) {
    const fresh = !segment.finished && Date.now() - (segment.indexedAt ?? 0) > 2000;
    if (segment.index && !fresh) return;
    const index = await askJson(ofCamera(`/api/recordings/${segment.name}/fragments`));
    segment.index = index.fragments.map((each, number) => ({ ...each, loaded: segment.index?.[number]?.loaded ?? false }));
    segment.indexedAt = Date.now();
    segment.init ??= await this.#bytes(segment, 0, index.init);
    segment.codecs ??= codecsOf(segment.init);
    const last = index.fragments.at(-1);
    if (last && !segment.finished) segment.to = segment.from + last.start + 1;
  }

  async #begin(segment) {
    this.begun = segment;
    await this.buffer.begin(segment.codecs, segment.init, segment.from);
  }

  async #bytes(segment, offset, length) {
    const response = await ask(ofCamera(`/api/recordings/${segment.name}`), { headers: { Range: `bytes=${offset}-${offset + length - 1}` } });
    return new Uint8Array(await response.arrayBuffer());
  }

  // Load what comes next, and go over gaps between segments.
  async #load() {
    if (!this.buffer || this.busy) return;
    this.busy = true;
    try {
      const now = this.video.currentTime;
      const segment = this.segments.find((each) => each.to > now + 0.05);
      if (!segment) return;
      await this.#index(segment);
      await this.#fill(segment, now);
      const following = this.segments[this.segments.indexOf(segment) + 1];
      if (following && segment.to - now < AHEAD) {
        await this.#index(following);
        await this.#fill(following, now);
      }
      this.#overGap();
    } finally {
      this.busy = false;
    }
  }

  async #fill(segment, now) {
    const buffered = this.buffer.ranges();
    for (const [number, fragment] of segment.index.entries()) {
      const from = segment.from + fragment.start;
      const to = segment.from + (segment.index[number + 1]?.start ?? fragment.start + 1);
      const middle = (from + to) / 2;
      if (to < now || from > now + AHEAD || buffered.some(([start, end]) => start <= middle && middle < end)) continue;
      const data = await this.#bytes(segment, fragment.offset, fragment.size);
      if (this.begun !== segment) await this.#begin(segment);
      await this.buffer.append(data);
    }
    await this.buffer.keep(now - KEPT, now + 3 * AHEAD);
  }

  #overGap() {
    const now = this.video.currentTime;
    const ranges = this.buffer.ranges();
    if (ranges.some(([start, end]) => start <= now && now < end - 0.05)) return;
    const next = ranges.find(([start]) => start > now);
    if (next) this.video.currentTime = next[0] + 0.01;
  }

  #pull(event) {
    const box = this.bar.getBoundingClientRect();
    this.go(((event.clientX - box.left) / box.width) * DAY);
  }

  #press(event) {
    const steps = { ArrowRight: 60, ArrowLeft: -60, PageUp: 3600, PageDown: -3600 };
    if (!(event.key in steps)) return;
    event.preventDefault();
    this.go(Math.max(0, this.video.currentTime + steps[event.key]));
  }

  #mark() {
    if (!this.buffer) return;
    const now = this.video.currentTime;
    place(this.cursor, now);
    const text = new Date((this.start + now) * 1000).toLocaleString();
    this.bar.setAttribute("aria-valuenow", Math.round(now));
    this.bar.setAttribute("aria-valuetext", text);
    this.position.textContent = text;
  }
}

// Segments that follow each other do so without a gap or an overlap.
function joined(segments) {
  segments.forEach((segment, index) => {
    const before = segments[index - 1];
    if (!before || Math.abs(segment.from - before.to) > NO_GAP) return;
    segment.to += before.to - segment.from;
    segment.from = before.to;
  });
  return segments;
}

function place(mark, from, to) {
  mark.style.left = `${(from / DAY) * 100}%`;
  if (to !== undefined) mark.style.width = `max(2px, ${((to - from) / DAY) * 100}%)`;
  return mark;
}

// Profile, constraints and level of H.264 from the box avcC.
function codecsOf(init) {
  const text = new TextDecoder("latin1").decode(init);
  const place = text.indexOf("avcC") + 5;
  return `avc1.${[...init.slice(place, place + 3)].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}
