// What can be worked out without a page. Times in seconds; frames are indices of `times`.

/** @typedef {{n: number, start: number, turn: number, end: number}} Rep */

/** The frame shown at a time: the last one that has begun.
 * @param {number[]} times @param {number} t @returns {number} */
function frameAt(times, t) {
  let low = 0, high = times.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (times[middle] <= t + 1e-3) low = middle; else high = middle - 1;
  }
  return low;
}

/** Where to seek so that this frame is surely the one shown: a little after it has begun.
 * @param {number[]} times @param {number} frame @returns {number} */
function seekTime(times, frame) {
  const i = Math.max(0, Math.min(frame, times.length - 1));
  const next = i + 1 < times.length ? times[i + 1] : times[i] + 0.02;
  return times[i] + Math.min(0.2 * (next - times[i]), 0.005);
}

/** The rep under way at a time, or null between reps.
 * @param {Rep[]} reps @param {number} t @returns {Rep | null} */
function repAt(reps, t) {
  return reps.find((rep) => rep.start <= t + 1e-3 && t < rep.end) || null;
}

/** The rep to go to, one step (+1, -1) from a time; the first or last one at the ends.
 * @param {Rep[]} reps @param {number} t @param {number} step @returns {Rep | null} */
function nextRep(reps, t, step) {
  if (!reps.length) return null;
  if (step > 0) return reps.find((rep) => rep.start > t + 0.02) || reps[reps.length - 1];
  return [...reps].reverse().find((rep) => rep.start < t - 0.25) || reps[0];
}

/** Least and largest value to show, with room; at least `least` apart.
 * @param {(number | null)[]} values @param {number} least @returns {[number, number]} */
function rangeOf(values, least) {
  const seen = values.filter((v) => v !== null);
  if (!seen.length) return [0, least];
  let low = Math.min(...seen), high = Math.max(...seen);
  const spare = Math.max(least - (high - low), 0) / 2 + 0.08 * (high - low);
  return [low - spare, high + spare];
}

/** At most about `most` of the frames, evenly, with the least and the greatest value of each part.
 * @param {(number | null)[]} values @param {number} most @returns {number[]} indices */
function thinned(values, most) {
  const part = Math.max(Math.ceil(2 * values.length / most), 1);
  if (part < 3) return values.map((_, i) => i);
  const kept = [];
  for (let from = 0; from < values.length; from += part) {
    let low = -1, high = -1, gap = -1;
    for (let i = from; i < Math.min(from + part, values.length); i += 1) {
      if (values[i] === null) { gap = i; continue; }
      if (low < 0 || values[i] < values[low]) low = i;
      if (high < 0 || values[i] > values[high]) high = i;
    }
    kept.push(...[...new Set([low, high, gap])].filter((i) => i >= 0).sort((a, b) => a - b));
  }
  return kept;
}

/** SVG path of a trace, interrupted where it was not seen.
 * @param {number[]} times @param {(number | null)[]} values
 * @param {(t: number) => number} x @param {(v: number) => number} y @returns {string} */
function tracePath(times, values, x, y) {
  let path = "", pen = false;
  values.forEach((value, i) => {
    if (value === null) { pen = false; return; }
    path += `${pen ? "L" : "M"}${x(times[i]).toFixed(1)} ${y(value).toFixed(1)}`;
    pen = true;
  });
  return path;
}

/** SVG path of the band value ± error, one closed piece for each run that was seen.
 * @param {number[]} times @param {(number | null)[]} values @param {number} error
 * @param {(t: number) => number} x @param {(v: number) => number} y @returns {string} */
function bandPath(times, values, error, x, y) {
  let path = "", run = [];
  const close = () => {
    if (run.length > 1) {
      const at = (i, e) => `${x(times[i]).toFixed(1)} ${y(values[i] + e).toFixed(1)}`;
      path += "M" + run.map((i) => at(i, error)).join("L")
        + "L" + run.slice().reverse().map((i) => at(i, -error)).join("L") + "Z";
    }
    run = [];
  };
  values.forEach((value, i) => { if (value === null) close(); else run.push(i); });
  close();
  return path;
}

/** Round values for an axis' lines.
 * @param {number} low @param {number} high @returns {number[]} */
function ticks(low, high) {
  const step = [10, 15, 20, 30, 45, 60, 90].find((s) => (high - low) / s <= 4) || 90;
  const found = [];
  for (let v = Math.ceil(low / step) * step; v <= high; v += step) found.push(v);
  return found;
}

/** 75.3 s as "1:15.3". @param {number} t @returns {string} */
function clock(t) {
  const minutes = Math.floor(t / 60);
  const seconds = (t - 60 * minutes).toFixed(2).padStart(5, "0");
  return `${minutes}:${seconds}`;
}
