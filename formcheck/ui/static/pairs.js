// What can be worked out of two repetitions that are shown side by side.

/** The stretch that both are shown over, seconds before and after the turn.
 * @param {Rep} a @param {Rep} b @returns {[number, number]} */
function stretchOf(a, b) {
  return [-Math.max(a.turn - a.start, b.turn - b.start), Math.max(a.end - a.turn, b.end - b.turn)];
}

/** The best and the worst rep by score, as numbers; the first two when nothing tells them apart.
 * @param {(Rep & {score: number | null})[]} reps @returns {[number, number] | null} */
function bestAndWorst(reps) {
  if (reps.length < 2) return null;
  const scored = reps.filter((rep) => rep.score !== null).sort((a, b) => b.score - a.score || a.n - b.n);
  const [best, worst] = [scored[0], scored[scored.length - 1]];
  if (scored.length < 2 || best.score === worst.score) return [reps[0].n, reps[1].n];
  return [best.n, worst.n];
}

/** @typedef {{name: string, title: string, text: string, value: number | null,
 *   error: number | null, unit: string}} Measured */

/** What differs: second minus first. Errors of two measurements add as their squares do, and a
 * difference within them is none that can be told.
 * @param {Measured[]} first @param {Measured[]} second
 * @returns {{title: string, first: string, second: string, difference: string, sure: boolean}[]} */
function differences(first, second) {
  return first.flatMap((a) => {
    const b = second.find((other) => other.name === a.name);
    if (!b) return [];
    const known = a.value !== null && b.value !== null;
    const change = known ? b.value - a.value : 0;
    const error = Math.hypot(a.error || 0, b.error || 0);
    return [{
      title: a.title, first: a.text, second: b.text, sure: known && Math.abs(change) > error,
      difference: known ? signed(change, (size) => amountOf(size, a.unit)) : "–",
    }];
  });
}

/** A change with its sign; none for what is shown as zero.
 * @param {number} change @param {(size: number) => string} show @returns {string} */
function signed(change, show) {
  const text = show(Math.abs(change));
  return Number.parseFloat(text) === 0 ? text : `${change < 0 ? "−" : "+"}${text}`;
}

/** A value with its unit. @param {number} value @param {string} unit @returns {string} */
function amountOf(value, unit) {
  if (unit === "deg") return `${Math.round(value)}°`;
  const text = String(Number(value.toPrecision(3)));
  return { ratio: text, percent: `${text} %` }[unit] || `${text} ${unit}`;
}

/** How to lay a video under a window so that the lifter fills it: CSS in shares of the window.
 * @param {number[]} box left, top, right and bottom of the lifter, in shares of the picture
 * @param {number} wide the picture's width over its height
 * @param {number} frame the window's width over its height
 * @returns {{width: string, left: string, top: string}} */
function cropOf(box, wide, frame) {
  const [left, top, right, bottom] = box;
  const scale = Math.min(1 / (right - left), wide / frame / (bottom - top));
  const high = scale * frame / wide; // of the picture, in heights of the window
  const place = (middle, size) => Math.max(Math.min(0.5 - middle * size, 0), Math.min(1 - size, 0.5 - size / 2));
  const share = (v) => `${(100 * v).toFixed(2)}%`;
  return {
    width: share(scale), left: share(place((left + right) / 2, scale)), top: share(place((top + bottom) / 2, high)),
  };
}
