// The live picture: fragments by a WebSocket into a video, or a still picture each second.

import { ofCamera, toLogin } from "/server.js";
import { Buffer, Source, playable } from "/media.js";

const BEHIND = 3; // seconds behind the newest picture from which we catch up
const KEPT = 20; // seconds that stay in the buffer
const RETRY = 1000;
const LOGGED_OUT = 4001;

// `told` is called with each status (null: no daemon) and each event.
export class Live {
  constructor(video, picture, told) {
    this.video = video;
    this.picture = picture;
    this.told = told;
    this.footage = Source ? "fragment" : "picture";
    this.buffer = null;
    this.socket = null;
    this.ended = false;
    this.timer = setInterval(() => this.#catchUp(), 500);
    this.#connect();
  }

  close() {
    this.ended = true;
    clearInterval(this.timer);
    this.socket?.close();
    this.#dropBuffer();
  }

  #connect() {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}${ofCamera(`/api/live?footage=${this.footage}`)}`);
    this.socket = socket;
    socket.binaryType = "arraybuffer";
    socket.addEventListener("message", (event) => this.#take(event.data));
    socket.addEventListener("close", (event) => {
      if (this.ended || this.socket !== socket) return;
      if (event.code === LOGGED_OUT) return toLogin();
      this.told({ kind: "status", status: null, unreachable: true });
      // A session that has ended shows by the answer to a request.
      fetch("/api/session").then((answer) => answer.status === 401 && toLogin(), () => {});
      setTimeout(() => !this.ended && this.#connect(), RETRY);
    });
  }

  #take(data) {
    const length = new DataView(data).getUint32(0);
    const message = JSON.parse(new TextDecoder().decode(new Uint8Array(data, 4, length)));
    const payload = new Uint8Array(data, 4 + length);
    if (message.kind === "init") this.#begin(message, payload);
    else if (message.kind === "fragment") this.#append(payload);
    else if (message.kind === "picture") this.#show(payload);
    else this.told(message);
  }

  #begin(message, init) {
    if (!playable(message.codecs)) return this.#fallBack();
    this.buffer ??= new Buffer(this.video);
    this.#attempt(this.buffer.begin(message.codecs, init));
  }

  #append(fragment) {
    if (!this.buffer) return;
    this.#attempt(this.buffer.append(fragment));
    this.buffer.keep(this.video.currentTime - KEPT, Infinity);
    this.video.play().catch(() => {});
  }

  #show(jpeg) {
    const before = this.picture.src;
    this.picture.src = URL.createObjectURL(new Blob([jpeg], { type: "image/jpeg" }));
    this.picture.hidden = false;
    this.video.hidden = true;
    if (before) URL.revokeObjectURL(before);
  }

  // What cannot be decoded here is shown as still pictures.
  #fallBack() {
    if (this.footage === "picture") return;
    this.footage = "picture";
    this.#dropBuffer();
    const socket = this.socket;
    this.socket = null;
    socket?.close();
    this.#connect();
  }

  #attempt(step) {
    const buffer = this.buffer;
    step.catch(() => this.buffer === buffer && this.#fallBack());
  }

  #dropBuffer() {
    this.buffer?.close();
    this.buffer = null;
  }

  // After a gap, or when the browser was slow, go on near the newest picture.
  #catchUp() {
    const ranges = this.buffer?.ranges() ?? [];
    if (!ranges.length) return;
    const [start, end] = ranges.at(-1);
    const now = this.video.currentTime;
    if (now < start || end - now > BEHIND) this.video.currentTime = Math.max(start, end - 0.8);
  }
}
