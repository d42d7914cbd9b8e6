// What can be worked out of repetitions while they are marked by hand. Times in seconds.

/** @typedef {{start: number, turn: number, end: number}} Mark */

const EDGES = ["start", "turn", "end"];
const USUAL_S = 1.2;

/** Put one edge of a mark onto the frame nearest to a time, without crossing its other edges or
 * its neighbours. Marks are in order.
 * @param {Mark[]} marks @param {number} i @param {string} edge @param {number} t
 * @param {number[]} times @returns {Mark[]} */
function moveEdge(marks, i, edge, t, times) {
  const mark = marks[i], k = EDGES.indexOf(edge);
  const before = k ? mark[EDGES[k - 1]] : i ? marks[i - 1].end : -Infinity;
  const after = k < 2 ? mark[EDGES[k + 1]] : i + 1 < marks.length ? marks[i + 1].start : Infinity;
  const room = times.filter((s) => (k ? s > before : s >= before) && (k < 2 ? s < after : s <= after));
  if (!room.length) return marks;
  const nearest = room.reduce((best, s) => (Math.abs(s - t) < Math.abs(best - t) ? s : best));
  return marks.map((m, j) => (j === i ? { ...m, [edge]: nearest } : m));
}

/** A new mark that turns at a time, as long as the others usually are; where there is room.
 * @param {Mark[]} marks @param {number} t @param {number[]} times
 * @returns {{marks: Mark[], at: number} | null} null when this moment belongs to a mark already */
function addMark(marks, t, times) {
  if (marks.some((m) => m.start <= t && t <= m.end)) return null;
  const at = marks.filter((m) => m.end < t).length;
  const low = at ? marks[at - 1].end : times[0];
  const high = at < marks.length ? marks[at].start : times[times.length - 1];
  const usual = (a, b) => medianOf(marks.map((m) => m[b] - m[a])) || USUAL_S;
  const near = (wanted, from, to) => {
    const room = times.filter((s) => s >= from && s <= to);
    return room.length ? room.reduce((best, s) => (Math.abs(s - wanted) < Math.abs(best - wanted) ? s : best)) : null;
  };
  const turn = near(t, low, high);
  const start = turn === null ? null : near(turn - usual("start", "turn"), low, turn - 1e-3);
  const end = turn === null ? null : near(turn + usual("turn", "end"), turn + 1e-3, high);
  if (start === null || end === null) return null;
  return { marks: [...marks.slice(0, at), { start, turn, end }, ...marks.slice(at)], at };
}

/** @param {number[]} values @returns {number} 0 without any */
function medianOf(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted.length ? sorted[sorted.length >> 1] : 0;
}

/** The frame some steps from a time. @param {number[]} times @param {number} t @param {number} step
 * @returns {number} */
function stepTime(times, t, step) {
  return times[Math.max(0, Math.min(frameAt(times, t) + step, times.length - 1))];
}
