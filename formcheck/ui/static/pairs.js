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

/** What differs: second minus first, of the values as they are shown. Errors of two measurements
 * add as their squares do; a difference within them, or of an unknown one, is none that can be told.
 * @param {Measured[]} first @param {Measured[]} second
 * @returns {{title: string, first: string, second: string, difference: string, sure: boolean}[]} */
function differences(first, second) {
  return first.flatMap((a) => {
    const b = second.find((other) => other.name === a.name);
    if (!b || (a.value === null && b.value === null)) return [];
    const known = a.value !== null && b.value !== null;
    const change = known ? b.value - a.value : 0;
    const error = a.error === null || b.error === null ? Infinity : Math.hypot(a.error, b.error);
    return [{
      title: a.title, first: a.text, second: b.text, sure: known && Math.abs(change) > error,
      difference: known ? signed(asShown(b) - asShown(a), (size) => amountOf(size, a.unit)) : "–",
    }];
  });
}

/** A value as it is shown, without its error. @param {Measured} measured @returns {number} */
function asShown(measured) {
  const rounded = Number.parseFloat(measured.text);
  return Number.isNaN(rounded) ? measured.value : rounded;
}

/** A change with its sign; none for what is shown as zero.
 * @param {number} change @param {(size: number) => string} show @returns {string} */
function signed(change, show) {
  const text = show(Math.abs(change));
  return Number.parseFloat(text) === 0 ? text : `${change < 0 ? "-" : "+"}${text}`;
}

/** What was measured in a repetition, what it is judged by first.
 * @param {{checks: object[], measures: Measured[]}} rep @returns {Measured[]} */
function measuredIn(rep) {
  const judged = rep.checks.filter((check) => check.number !== undefined); // not in reviews of before
  return [...judged.map((c) => ({ name: c.id, title: c.title, text: c.value, value: c.number, error: c.margin, unit: c.unit })),
    ...rep.measures];
}

/** A value with its unit. @param {number} value @param {string} unit @returns {string} */
function amountOf(value, unit) {
  if (unit === "deg") return `${Math.round(value)}°`;
  if (unit === "cm") return `${Math.round(value)} cm`;
  if (unit === "s") return `${value.toFixed(1)} s`;
  const text = String(Number(value.toPrecision(3)));
  return { ratio: text, percent: `${text} %` }[unit] || `${text} ${unit}`;
}
