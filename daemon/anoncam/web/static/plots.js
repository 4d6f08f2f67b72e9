// Plots of the last day, by the clock; where the line breaks, nothing was known.

import { clock, element, size } from "/words.js";

const DAY = 86_400_000; // milliseconds, as all times here
const HOUR = 3_600_000;
const GAP = 150_000; // there is a point each minute
const STEPS = [HOUR / 12, HOUR / 4, HOUR, 3 * HOUR, 6 * HOUR];
const MOST_TICKS = 5;

const PLOTS = [
  { title: "Frames per second", key: "fps", words: (value) => value.toFixed(1) },
  { title: "Veiled frames", key: "veiled_percent", words: (value) => `${value.toFixed(0)} %`, atLeast: 1 },
  { title: "Faces covered at once", key: "faces", words: (value) => value.toFixed(0), atLeast: 1 },
  { title: "Time per result", key: "latency_ms", words: (value) => `${value.toFixed(0)} ms` },
  { title: "Temperature", key: "temperature", words: (value) => `${value.toFixed(0)} °C`, from: 20 },
  { title: "Free disk", key: "free_bytes", words: size },
];

export function showPlots(place, history) {
  const points = history.map((point) => ({ ...point, time: Date.parse(point.at) }));
  const end = Date.now();
  const start = Math.max(end - DAY, Math.min(end - HOUR, points[0]?.time ?? end));
  place.replaceChildren(...PLOTS.map((plot) => draw(plot, points.filter((point) => point.time >= start), start, end)));
}

function draw({ title, key, words, from = 0, atLeast = 0 }, points, start, end) {
  const known = points.map((point) => ({ time: point.time, value: point[key] ?? null })).filter((point) => point.value !== null);
  const figure = element("figure");
  const caption = element("figcaption", title);
  figure.append(caption);
  if (!known.length) {
    caption.append(element("span", "nothing yet"));
    return figure;
  }
  const values = known.map((point) => point.value);
  const low = Math.min(from, ...values);
  const high = Math.max(round(Math.max(...values)), low + atLeast, low + Number.EPSILON);
  const summary = `${words(values.at(-1))} now; from ${words(Math.min(...values))} to ${words(Math.max(...values))}`;
  const reading = element("span", summary);
  caption.append(reading);
  const across = (time) => ((time - start) / (end - start)) * 100;
  const area = picture(`${title}: ${summary}`, runs(known).map((run) => run.map(({ time, value }) => `${across(time)},${100 - ((value - low) / (high - low)) * 100}`).join(" ")));
  const plot = element("div", null, { class: "plot" });
  plot.append(element("span", words(high), { class: "high" }), element("span", words(low), { class: "low" }), area, ...ticks(start, end, across));
  area.addEventListener("pointermove", (event) => {
    const box = area.getBoundingClientRect();
    const time = start + ((event.clientX - box.left) / box.width) * (end - start);
    const near = known.reduce((best, point) => (Math.abs(point.time - time) < Math.abs(best.time - time) ? point : best));
    reading.textContent = `${words(near.value)} at ${clock(near.time, false)}`;
  });
  area.addEventListener("pointerleave", () => (reading.textContent = summary));
  figure.append(plot);
  return figure;
}

// Points that follow each other without a gap.
function runs(points) {
  const found = [];
  points.forEach((point, index) => {
    if (index && point.time - points[index - 1].time < GAP) found.at(-1).push(point);
    else found.push([point]);
  });
  // One point alone is a line, too.
  return found.map((run) => (run.length > 1 ? run : [run[0], { ...run[0], time: run[0].time + GAP / 5 }]));
}

function picture(label, lines) {
  const namespace = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(namespace, "svg");
  for (const [name, value] of Object.entries({ viewBox: "0 0 100 100", preserveAspectRatio: "none", role: "img", "aria-label": label })) svg.setAttribute(name, value);
  for (const points of lines) {
    const line = document.createElementNS(namespace, "polyline");
    line.setAttribute("points", points);
    svg.append(line);
  }
  return svg;
}

function ticks(start, end, across) {
  const step = STEPS.find((each) => (end - start) / each <= MOST_TICKS) ?? STEPS.at(-1);
  // Hours of this browser's zone, not of UTC.
  const offset = new Date(end).getTimezoneOffset() * 60_000;
  const found = [];
  for (let time = Math.ceil((start - offset) / step) * step + offset; time <= end; time += step) {
    // The last hour has no room for its name.
    const tick = element("span", across(time) > 80 ? "" : clock(time, false), { class: "tick", "aria-hidden": "true" });
    tick.style.left = `${across(time)}%`;
    found.push(tick);
  }
  return found;
}

// The next round number.
function round(value) {
  if (value <= 0) return 0;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 1.5, 2, 3, 4, 6, 8, 10].find((each) => each * power >= value) * power;
}
