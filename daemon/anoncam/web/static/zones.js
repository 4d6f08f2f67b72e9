// Zones: drawn over the live picture; the device checks them, covers them and keeps them.

import { askJson, ofCamera } from "/server.js";
import { element } from "/words.js";

const SMALLEST = 0.01;

export class Zones {
  constructor(role) {
    this.canvas = document.getElementById("zones-canvas");
    this.list = document.getElementById("zones-list");
    this.state = document.getElementById("zones-state");
    this.save = document.getElementById("zones-save");
    this.undo = document.getElementById("zones-undo");
    this.may = role === "admin";
    this.configured = [];
    this.saved = [];
    this.zones = [];
    this.before = [];
    this.drawing = null;
    document.getElementById("zones-edit").hidden = !this.may;
    document.getElementById("zones-role").hidden = this.may;
    if (this.may) this.#listen();
    new ResizeObserver(() => this.#draw()).observe(this.canvas);
  }

  // What the daemon covers now; what is being edited here stays.
  take(status) {
    if (!status?.zones) return;
    this.rotation = status.rotation ?? 0;
    const untouched = same(this.zones, this.saved);
    this.configured = status.zones.configured;
    this.saved = status.zones.added;
    if (untouched) this.zones = this.saved;
    this.#show();
  }

  #listen() {
    this.canvas.addEventListener("pointerdown", (event) => {
      this.canvas.setPointerCapture(event.pointerId);
      this.drawing = [this.#at(event), this.#at(event)];
    });
    this.canvas.addEventListener("pointermove", (event) => {
      if (!this.drawing) return;
      this.drawing[1] = this.#at(event);
      this.#draw();
    });
    this.canvas.addEventListener("pointerup", () => {
      const [a, b] = this.drawing ?? [];
      this.drawing = null;
      if (a) this.#add(Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[0], b[0]), Math.max(a[1], b[1]));
    });
    document.getElementById("zone-add").addEventListener("click", () => {
      const [left, top, right, bottom] = ["left", "top", "right", "bottom"].map((side) => Number(document.getElementById(`zone-${side}`).value) / 100);
      this.#add(left, top, right, bottom);
    });
    this.save.addEventListener("click", () => this.#send(this.zones));
    this.undo.addEventListener("click", () => {
      if (!same(this.zones, this.saved)) this.zones = this.saved;
      else if (this.before.length) return this.#send(this.before.pop(), false);
      this.#show();
    });
  }

  #add(left, top, right, bottom) {
    if (right - left < SMALLEST || bottom - top < SMALLEST) {
      this.state.textContent = "a zone must be wider and higher than that";
      return this.#draw();
    }
    this.zones = [...this.zones, [[left, top], [right, top], [right, bottom], [left, bottom]].map((point) => point.map(limited))];
    this.state.textContent = "not covered yet: press Cover these";
    this.#show();
  }

  async #send(zones, remember = true) {
    const before = this.saved;
    this.state.textContent = "the device checks them";
    try {
      const answer = await askJson(ofCamera("/api/zones"), { method: "PUT", body: JSON.stringify({ zones }) });
      if (remember) this.before.push(before);
      this.zones = this.saved = answer.zones;
      this.state.textContent = "covered from now on";
    } catch (error) {
      this.state.textContent = `not changed: ${error.message}`;
    }
    this.#show();
  }

  #show() {
    const changed = !same(this.zones, this.saved);
    this.save.disabled = !changed;
    this.undo.disabled = !changed && !this.before.length;
    const rows = this.zones.map((zone, index) => {
      const row = element("li", `Zone ${index + 1}: ${words(zone)} `);
      const remove = element("button", "Remove", { type: "button", "aria-label": `Remove zone ${index + 1}` });
      remove.addEventListener("click", () => {
        this.zones = this.zones.filter((_, other) => other !== index);
        this.state.textContent = "still covered: press Cover these";
        this.#show();
      });
      row.append(remove);
      return row;
    });
    this.list.replaceChildren(...rows);
    this.#draw();
  }

  // The part of the canvas that the picture fills: it keeps its shape.
  #frame() {
    const video = document.getElementById("zones-video");
    const still = document.getElementById("zones-still");
    const [width, height] = video.hidden ? [still.naturalWidth, still.naturalHeight] : [video.videoWidth, video.videoHeight];
    const box = this.canvas.getBoundingClientRect();
    if (!width || !height) return [0, 0, box.width, box.height];
    const scale = Math.min(box.width / width, box.height / height);
    return [(box.width - width * scale) / 2, (box.height - height * scale) / 2, width * scale, height * scale];
  }

  #at(event) {
    const box = this.canvas.getBoundingClientRect();
    const [left, top, width, height] = this.#frame();
    return [(event.clientX - box.left - left) / width, (event.clientY - box.top - top) / height].map(limited);
  }

  #draw() {
    const box = this.canvas.getBoundingClientRect();
    if (!box.width) return;
    const scale = devicePixelRatio || 1;
    this.canvas.width = box.width * scale;
    this.canvas.height = box.height * scale;
    const pen = this.canvas.getContext("2d");
    pen.scale(scale, scale);
    for (const zone of this.configured) this.#outline(pen, zone, "rgb(120 120 120 / 60%)", "#ddd");
    for (const zone of this.zones) this.#outline(pen, zone, "rgb(31 95 139 / 60%)", "#7cc0f0");
    if (this.drawing) {
      const [[x, y], [u, v]] = this.drawing;
      this.#outline(pen, [[x, y], [u, y], [u, v], [x, v]], "rgb(31 95 139 / 40%)", "#fff");
    }
  }

  #outline(pen, zone, fill, line) {
    const [left, top, width, height] = this.#frame();
    pen.beginPath();
    zone.forEach(([x, y]) => pen.lineTo(left + x * width, top + y * height));
    pen.closePath();
    pen.fillStyle = fill;
    pen.fill();
    pen.lineWidth = 2;
    pen.strokeStyle = line;
    pen.stroke();
  }
}

function limited(value) {
  return Math.round(Math.min(1, Math.max(0, value)) * 1000) / 1000;
}

function same(one, other) {
  return JSON.stringify(one) === JSON.stringify(other);
}

function words(zone) {
  const percent = (value) => `${Math.round(value * 100)} %`;
  const xs = zone.map(([x]) => x);
  const ys = zone.map(([, y]) => y);
  return `from ${percent(Math.min(...xs))}, ${percent(Math.min(...ys))} to ${percent(Math.max(...xs))}, ${percent(Math.max(...ys))}`;
}
