// How values are written for people.

export function size(bytes) {
  if (bytes === null || bytes === undefined) return "unknown";
  for (const unit of ["bytes", "kB", "MB"]) {
    if (bytes < 1000) return `${Math.round(bytes)} ${unit}`;
    bytes /= 1000;
  }
  return `${bytes.toFixed(1)} GB`;
}

export function clock(at, seconds = true) {
  const options = { hour: "2-digit", minute: "2-digit" };
  if (seconds) options.second = "2-digit";
  return new Date(at).toLocaleTimeString([], options);
}

export function span(seconds) {
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

export function element(name, text, attributes = {}) {
  const made = document.createElement(name);
  if (text !== undefined && text !== null) made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

// What the picture shows now, in words.
export function sentence(status) {
  if (!status) return "The recorder does not run, or does not answer. Nothing is recorded.";
  if (status.state !== "recording") return `Not recording: ${status.doing}`;
  if ((status.recording?.state ?? "working") !== "working") {
    return "The disk fails, so nothing is recorded, and there is no live picture.";
  }
  if (status.counts.veil) return `Veiled: all of the picture is covered, because ${status.counts.veil}.`;
  const faces = status.counts.faces;
  return `Recording at ${status.fps} frames per second; ${faces} ${faces === 1 ? "face is" : "faces are"} covered now.`;
}
