// The rep timeline: scores as bars, angles with error bands and limits, and the cursor.

const LEAST_RANGE_DEG = 40;
const WIDE = 1000, HIGH = 100;
const TICK_ROOM = 8;  // of HIGH: a number higher up would reach into the title
const DENSE_SHARE = 0.25;
const MOST_POINTS = 700;

/** @returns {{node: HTMLElement, move: (t: number) => void, choose: (n: number) => void}} */
function makeTimeline(review, seek, choose, corrector) {
  const end = Math.max(review.duration || 0, review.times[review.times.length - 1] || 0, 0.1);
  const share = (t) => `${(100 * Math.max(0, Math.min(t, end)) / end).toFixed(3)}%`;
  const bars = review.reps.map((rep) => barOf(rep, share, choose));
  const cursor = el("div", { class: "cursor", "aria-hidden": "true" });
  const plot = el("div", { class: "plot" }, repRow(bars, review, share),
    ...review.traces.map((trace) => panelOf(trace, review, end, share)), axisOf(end, share));
  const field = el("div", { class: "field", "aria-hidden": "true" }, cursor);
  plot.append(field, corrector.layer);
  scrub(plot, field, end, seek);
  const slider = el("input", {
    type: "range", class: "scrub", min: 0, max: Math.max(review.times.length - 1, 1), step: 1,
    "aria-label": "Position in the clip, by frame", value: 0,
    oninput: (event) => seek(review.times[Number(event.target.value)] || 0),
  });
  const node = el("section", { class: "card timeline", "aria-label": "Timeline" },
    el("h2", {}, "Timeline"), el("p", { class: "sr" }, review.words), plot, slider,
    legend(review), review.exercise === null ? null : corrector.node);
  return {
    node,
    move(t) {
      cursor.style.left = share(t);
      slider.value = String(frameAt(review.times, t));
      slider.setAttribute("aria-valuetext", `${t.toFixed(2)} seconds`);
      const now = repAt(review.reps, t);
      bars.forEach((bar, i) => bar.classList.toggle("now", now === review.reps[i]));
    },
    choose(n) {
      bars.forEach((bar, i) => bar.setAttribute("aria-pressed", String(review.reps[i].n === n)));
    },
  };
}

function repRow(bars, review, share) {
  const cut = review.partial.map((part) => el("span", {
    class: "cut", title: `not counted: ${part.why}`,
    style: { left: share(part.start), width: `calc(${share(part.end)} - ${share(part.start)})` },
  }));
  return el("div", { class: "bars", role: "group", "aria-label": "Repetitions" }, ...cut, ...bars);
}

function barOf(rep, share, choose) {
  const score = rep.score === null ? "–" : String(rep.score);
  const low = rep.score !== null && rep.score < 50; // no room in the bar: the symbol stands on it
  return el("button", {
    type: "button", class: `bar ${rep.level}`, "data-rep": rep.n, "aria-pressed": "false",
    style: { left: share(rep.start), width: `calc(${share(rep.end)} - ${share(rep.start)})` },
    "aria-label": `Rep ${rep.n}, ${rep.score === null ? "no score" : `score ${score} of 100`}`,
    title: `Rep ${rep.n}: ${score}`, onclick: () => choose(rep.n),
  },
  el("span", { class: "fill", style: { height: `${rep.score === null ? 100 : Math.max(rep.score, 8)}%` } }),
  el("span", { class: "num" }, String(rep.n)),
  el("span", { class: "points" }, score), el("span", {
    class: "sym", "aria-hidden": "true",
    style: low ? { bottom: `calc(${Math.max(rep.score, 8)}% + 2px)`, color: "inherit" } : {},
  }, rep.symbol));
}

function panelOf(trace, review, end, share) {
  const all = trace.lines.flatMap((line) => line.values).concat(trace.limits.map((l) => l.level));
  const [low, high] = rangeOf(all, LEAST_RANGE_DEG);
  const x = (t) => WIDE * t / end;
  const y = (v) => HIGH * (high - v) / (high - low);
  const picture = svg("svg", {
    viewBox: `0 0 ${WIDE} ${HIGH}`, preserveAspectRatio: "none", "aria-hidden": "true",
  });
  for (const rep of review.reps) {
    picture.append(svg("rect", {
      class: "span", x: x(rep.start), width: x(rep.end) - x(rep.start), y: 0, height: HIGH,
    }));
  }
  const marks = ticks(low, high);
  marks.forEach((v) => picture.append(svg("line", { class: "grid", x1: 0, x2: WIDE, y1: y(v), y2: y(v) })));
  trace.lines.forEach((line, i) => {
    const kept = thinned(line.values, MOST_POINTS);
    const values = kept.map((k) => line.values[k]);
    const dense = line.values.filter((v) => v !== null).length >= DENSE_SHARE * line.values.length;
    drawLine(picture, values, dense, i, trace.error, kept.map((k) => review.times[k]), x, y);
  });
  for (const limit of trace.limits) {
    const [from, to] = [x(Math.max(limit.t - 0.35, 0)), x(Math.min(limit.t + 0.35, end))];
    picture.append(svg("line", { class: "limit", x1: from, x2: to, y1: y(limit.level), y2: y(limit.level) }));
  }
  const labels = trace.error === null ? []  // not to scale
    : marks.filter((v) => y(v) >= TICK_ROOM).map((v) => el("span", { class: "tick", style: { top: `${y(v)}%` } }, `${v}°`));
  const sides = trace.lines.length > 1
    ? trace.lines.map((line, i) => el("span", { class: `which w${i}` }, line.label)) : [];
  return el("div", { class: "panel" },
    el("p", { class: "head" }, el("strong", {}, trace.title), ` ${trace.hint}`, ...sides),
    el("div", { class: "chart" }, picture, ...labels));
}

function drawLine(picture, values, dense, i, error, times, x, y) {
  if (dense) {
    if (error !== null) picture.append(svg("path", { class: `band w${i}`, d: bandPath(times, values, error, x, y) }));
    picture.append(svg("path", { class: `trace w${i}`, d: tracePath(times, values, x, y) }));
    return;
  }
  values.forEach((v, k) => {
    if (v === null) return;
    const [px, top, bottom] = [x(times[k]), y(v + error), y(v - error)];
    picture.append(svg("line", { class: `whisker w${i}`, x1: px, x2: px, y1: top, y2: bottom }));
    picture.append(svg("line", { class: `dotmark w${i}`, x1: px, x2: px + 0.01, y1: y(v), y2: y(v) }));
  });
}

function axisOf(end, share) {
  const step = [1, 2, 5, 10, 20, 30, 60].find((s) => end / s <= 8) || 60;
  const labels = [];
  for (let t = 0; t <= end; t += step) {
    labels.push(el("span", { style: { left: share(t) } }, `${t}${t === 0 ? " s" : ""}`));
  }
  return el("div", { class: "axis", "aria-hidden": "true" }, ...labels);
}

/** Press or drag anywhere on the traces to go there. */
function scrub(plot, field, end, seek) {
  let held = false;
  const go = (event) => {
    const box = field.getBoundingClientRect();
    seek(end * Math.max(0, Math.min((event.clientX - box.left) / box.width, 1)));
  };
  plot.addEventListener("pointerdown", (event) => {
    if (event.target.closest("button")) return;
    held = true;
    plot.setPointerCapture(event.pointerId);
    go(event);
  });
  plot.addEventListener("pointermove", (event) => { if (held) go(event); });
  for (const name of ["pointerup", "pointercancel"]) {
    plot.addEventListener(name, () => { held = false; });
  }
}

function legend(review) {
  const parts = [el("span", {}, el("i", { class: "key repkey" }), "a rep: score by height and colour, its worst verdict as symbol")];
  if (review.traces.some((trace) => trace.error !== null)) {
    parts.push(el("span", {}, el("i", { class: "key bandkey" }), "measurement error"));
  }
  if (review.traces.some((trace) => trace.limits.length)) {
    parts.push(el("span", {}, el("i", { class: "key limitkey" }), "limit where it was judged"));
  }
  if (review.partial.length) {
    parts.push(el("span", {}, el("i", { class: "key cutkey" }), "started, not counted"));
  }
  return el("p", { class: "legend" }, ...parts);
}
