// Media Source Extensions, where the browser has them; iPhones call them ManagedMediaSource.

export const Source = globalThis.MediaSource ?? globalThis.ManagedMediaSource;

export function playable(codecs) {
  return Boolean(Source?.isTypeSupported(type(codecs)));
}

export function type(codecs) {
  return `video/mp4; codecs="${codecs}"`;
}

// A video over a source, and a buffer that takes one thing after the other.
export class Buffer {
  // One can go to any time before `duration`, in seconds.
  constructor(video, duration = Infinity) {
    this.video = video;
    this.duration = duration;
    this.source = new Source();
    this.buffer = null;
    this.work = Promise.resolve();
    video.disableRemotePlayback = true;
    this.url = URL.createObjectURL(this.source);
    this.open = new Promise((resolve) => this.source.addEventListener("sourceopen", resolve, { once: true }));
    video.src = this.url;
  }

  // Append an init segment; what follows begins at `offset` seconds, or after what there is.
  begin(codecs, data, offset) {
    return this.#then(async () => {
      await this.open;
      if (this.buffer === null) this.buffer = this.source.addSourceBuffer(type(codecs));
      else this.buffer.changeType?.(type(codecs));
      this.buffer.timestampOffset = offset ?? this.end();
      await this.#append(data);
      if (this.source.duration !== this.duration) this.source.duration = this.duration;
    });
  }

  append(data) {
    return this.#then(() => this.#append(data));
  }

  // Forget what was shown long ago, and what is far ahead.
  keep(from, to) {
    return this.#then(async () => {
      const ranges = this.ranges();
      if (!ranges.length) return;
      if (ranges[0][0] < from) await this.#remove(0, from);
      if (ranges.at(-1)[1] > to) await this.#remove(to, Infinity);
    });
  }

  ranges() {
    const buffered = this.buffer?.buffered;
    return Array.from({ length: buffered?.length ?? 0 }, (_, index) => [buffered.start(index), buffered.end(index)]);
  }

  end() {
    return this.ranges().at(-1)?.[1] ?? 0;
  }

  close() {
    this.video.removeAttribute("src");
    this.video.load();
    URL.revokeObjectURL(this.url);
  }

  #then(step) {
    this.work = this.work.then(step);
    return this.work;
  }

  async #append(data) {
    await this.#updated(() => this.buffer.appendBuffer(data));
  }

  async #remove(from, to) {
    if (to > from) await this.#updated(() => this.buffer.remove(from, to));
  }

  #updated(start) {
    return new Promise((resolve, reject) => {
      this.buffer.addEventListener("updateend", resolve, { once: true });
      this.buffer.addEventListener("error", () => reject(new Error("the picture cannot be decoded")), { once: true });
      try {
        start();
      } catch (error) {
        reject(error);
      }
    });
  }
}
