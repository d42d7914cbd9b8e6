// Two repetitions side by side, of one set or of two, synchronised at the turn.

const DRIFT_S = 0.08;

/** Null when there is nothing to compare. A rep that is alone in its set is compared with another
 * set's: until that has come, nothing is shown.
 * @param {object} given of this set, and all others @param {(place: string) => Promise<object | null>} fetchSet
 * @param {{reps: number[], from: string, chosen: boolean, tau: number, speed: string} | null} was how it
 *   was before the findings changed */
function makeCompare(given, fetchSet, was) {
  const data = { ...given, others: given.others.filter((other) => other.exercise === given.review.exercise) };
  const pair = bestAndWorst(data.review.reps);
  if (!pair && !(data.review.reps.length && data.others.length)) return null;
  const [first, second] = pair || [data.review.reps[0].n, data.review.reps[0].n];
  const desk = { data, fetchSet, tau: 0, sides: [], table: el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "What differs" }) };
  desk.sides = [makeSide(desk, data, first, "First rep"), makeSide(desk, data, second, "Second rep")];
  const wide = data.review.width > data.review.height ? " wide" : "";
  const list = setChoice(desk, pair !== null);
  const node = el("section", { class: `card compare${wide}`, "aria-label": "Side by side", hidden: pair === null },
    el("h2", {}, "Side by side"), list, el("div", { class: "pairing" },
      el("div", { class: "two" }, ...desk.sides.map((side) => side.node)), compareControls(desk)), desk.table);
  comparePair(desk);
  const done = was && was.chosen ? chooseAgain(desk, list, was, pair !== null) : pair || chooseSet(desk, list);
  if (!pair || was) Promise.resolve(done).then((come) => { node.hidden = !pair && !come; if (was) goOnWith(desk, was); });
  whenSeen(node, () => desk.sides.forEach(loadSide));
  return {
    node, stop: () => desk.sides.forEach((side) => side.video.pause()),
    state: () => ({ ...pairOf(desk), chosen: desk.chosen, tau: desk.tau, speed: desk.speed.value }),
  };
}

function pairOf(desk) {
  return { reps: desk.sides.map((side) => side.n), from: desk.sides[1].data.base };
}

/** At the speed of before and, if it is the same pair, where it was. */
function goOnWith(desk, was) {
  desk.speed.value = was.speed;
  desk.sides.forEach((side) => setRate(side.video, Number(was.speed)));
  const { reps, from } = pairOf(desk);
  if (from === was.from && String(reps) === String(was.reps)) showTau(desk, was.tau);
}

/** Show the two reps that were chosen before, as far as they are still there; `own` as above. */
async function chooseAgain(desk, list, was, own) {
  desk.chosen = true;
  const at = desk.data.others.findIndex((other) => other.base === was.from);
  if (at >= 0) list.value = String(at);
  const come = at >= 0 || !own ? await chooseSet(desk, list) : true;
  desk.sides.forEach((side, i) => {
    const from = i === 0 ? side.data.base : was.from;
    if (side.data.base === from && side.data.review.reps.some((rep) => rep.n === was.reps[i])) side.n = was.reps[i];
    fillChoice(side);
  });
  comparePair(desk);
  return come;
}

function makeSide(desk, data, n, label) {
  const video = el("video", { playsinline: true, muted: true, preload: "auto", "aria-label": label });
  video.muted = true;
  const choice = el("select", { "aria-label": label });
  const side = { data, n, video, choice, wanted: false };
  fillChoice(side);
  choice.addEventListener("change", () => { side.n = Number(choice.value); desk.chosen = true; comparePair(desk); });
  video.addEventListener("loadedmetadata", () => showTau(desk, desk.tau));
  side.node = el("div", { class: "one" }, choice, video);
  return side;
}

function fillChoice(side) {
  side.choice.replaceChildren(...side.data.review.reps.map((rep) => el("option", { value: rep.n, selected: rep.n === side.n },
    `Rep ${rep.n}${rep.score === null ? "" : ` · ${rep.score}`}`)));
  side.choice.value = String(side.n);
}

/** Which set the second rep is from; `own`: it may be this one, which has two to compare. */
function setChoice(desk, own) {
  const { others } = desk.data;
  if (!others.length) return null;
  const list = el("select", { class: "sets", "aria-label": "Set of the second rep" },
    own ? el("option", { value: "" }, "Both from this set") : null,
    ...others.map((other, i) => el("option", { value: i }, `Second from: ${other.name}`)));
  desk.from = list.value;
  list.addEventListener("change", () => { desk.chosen = true; chooseSet(desk, list); });
  return list;
}

/** Take the second rep from the set that the list names, if it still has any; the last choice stays
 * otherwise. @returns {Promise<boolean>} whether it has */
async function chooseSet(desk, list) {
  const side = desk.sides[1], chosen = list.value;
  const other = chosen === "" ? desk.data : await withReview(desk, desk.data.others[Number(chosen)]);
  const alike = other && other.review.exercise === desk.data.review.exercise; // it may have been corrected
  if (!alike || !other.review.reps.length) { list.value = desk.from; return false; }
  desk.from = chosen;
  side.data = other;
  const pair = bestAndWorst(other.review.reps);
  side.n = pair ? pair[other === desk.data ? 1 : 0] : other.review.reps[0].n;
  fillChoice(side);
  side.loaded = null;
  if (side.wanted) loadSide(side);
  comparePair(desk);
  return true;
}

async function withReview(desk, other) {
  const review = await desk.fetchSet(`${other.base}review.json?v=${other.rev}`);
  return review ? { ...other, review } : null;
}

function loadSide(side) {
  side.wanted = true;
  const { base, drawn, clip, rev } = side.data;
  const url = `${base}${drawn ? "annotated.mp4" : clip}?v=${rev}`;
  if (side.loaded === url) return;
  side.loaded = url;
  side.video.src = url;
}

function repOf(side) {
  return side.data.review.reps.find((rep) => rep.n === side.n) || side.data.review.reps[0];
}

/** The two reps have changed: their stretch, and what differs. */
function comparePair(desk) {
  const [a, b] = desk.sides.map(repOf);
  desk.stretch = stretchOf(a, b);
  Object.assign(desk.slider, { min: desk.stretch[0], max: desk.stretch[1] });
  desk.table.replaceChildren(differenceTable(a, b));
  desk.pause();
  showTau(desk, 0);
}

/** Show both this many seconds after their turns. */
function showTau(desk, tau) {
  desk.tau = Math.max(desk.stretch[0], Math.min(tau, desk.stretch[1]));
  for (const side of desk.sides) {
    const { times } = side.data.review, t = repOf(side).turn + desk.tau;
    if (side.video.readyState > 0) side.video.currentTime = seekTime(times, frameAt(times, t));
  }
  tellTau(desk);
}

function tellTau(desk) {
  const word = desk.data.review.turn === "top" ? "top" : "bottom";
  const text = Math.abs(desk.tau) < 0.005 ? `at the ${word}` : `${Math.abs(desk.tau).toFixed(2)} s ${desk.tau < 0 ? "before" : "after"} the ${word}`;
  desk.slider.value = String(desk.tau);
  desk.slider.setAttribute("aria-valuetext", text);
  desk.readout.textContent = text;
}

function compareControls(desk) {
  desk.slider = el("input", {
    type: "range", class: "phase", step: 0.01, "aria-label": "Seconds from the turn of both reps",
    oninput: (event) => { desk.pause(); showTau(desk, Number(event.target.value)); },
  });
  desk.readout = el("output", { class: "small muted", "aria-live": "off" });
  const play = button("play", "Play both", "play");
  desk.speed = speedChoice((rate) => desk.sides.forEach((side) => setRate(side.video, rate)));
  desk.pause = () => {
    desk.sides.forEach((side) => side.video.pause());
    play.replaceChildren(icon("play"));
    play.setAttribute("aria-label", "Play both");
    desk.playing = false;
  };
  click(play, () => { if (desk.playing) desk.pause(); else playBoth(desk, play); });
  const step = (by) => { desk.pause(); showTau(desk, desk.tau + by * frameStep(desk.data.review.times)); };
  return el("div", {}, desk.slider, el("div", { class: "controls", role: "group", "aria-label": "Both videos" },
    click(button("frame-back", "Both one frame back", "frame-back"), () => step(-1)), play,
    click(button("frame-on", "Both one frame on", "frame-on"), () => step(1)), desk.speed, desk.readout));
}

function frameStep(times) {
  return times.length > 1 ? (times[times.length - 1] - times[0]) / (times.length - 1) : 0.04;
}

/** Play both from where they are, or from the start; the first one leads, the second is kept in step. */
function playBoth(desk, play) {
  if (desk.tau >= desk.stretch[1] - 0.05) showTau(desk, desk.stretch[0]);
  desk.playing = true;
  play.replaceChildren(icon("pause"));
  play.setAttribute("aria-label", "Pause both");
  desk.sides.forEach((side) => side.video.play().catch(() => {}));
  const [lead, other] = desk.sides;
  const next = () => {
    if (!desk.playing || !lead.video.isConnected) return;
    desk.tau = lead.video.currentTime - repOf(lead).turn;
    const wanted = repOf(other).turn + desk.tau;
    if (!other.video.seeking && Math.abs(other.video.currentTime - wanted) > DRIFT_S) other.video.currentTime = Math.max(wanted, 0);
    tellTau(desk);
    if (desk.tau >= desk.stretch[1] || lead.video.ended) desk.pause(); else requestAnimationFrame(next);
  };
  requestAnimationFrame(next);
}

function differenceTable(a, b) {
  const rows = differences(measuredIn(a), measuredIn(b));
  const head = ["Measure", "First", "Second", "Difference"].map((text) => el("th", { scope: "col" }, text));
  const score = a.score !== null && b.score !== null ? [el("tr", {}, el("th", { scope: "row" }, "Score"), el("td", {}, String(a.score)),
    el("td", {}, String(b.score)), el("td", {}, signed(b.score - a.score, String)))] : [];
  return el("table", { class: "differences" }, el("caption", { class: "small muted" }, "Grey: within the measurement error, so no difference that can be told."),
    el("thead", {}, el("tr", {}, ...head)), el("tbody", {}, ...score, ...rows.map((row) => el("tr", { class: row.sure ? "sure" : "unsure" },
      el("th", { scope: "row" }, row.title), el("td", {}, row.first), el("td", {}, row.second),
      el("td", {}, row.difference, row.sure ? null : el("span", { class: "sr" }, " (within the error)"))))));
}

/** Once it comes into view; videos that nobody looks at are not loaded. */
function whenSeen(node, act) {
  const watch = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    watch.disconnect();
    act();
  }, { rootMargin: "300px" });
  watch.observe(node);
}
