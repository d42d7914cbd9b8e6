// The review of a set: player, timeline and cards, all about the same moment.

const shown = new WeakMap();
const POLL_MS = 700, AWAY_MOST = 15;

export default function review(component) {
  const { data, parentElement } = component;
  const root = parentElement.querySelector(".review");
  apply(root, data);
  listen(root);
  const desk = shown.get(root);
  if ((data.busy || !data.drawn) && !desk.polling) poll(root, desk);
}

/** Show these findings, unless they are shown already; the moment in the video is kept. */
function apply(root, data) {
  const old = shown.get(root);
  const version = `${data.base}|${data.rev}`;
  if (old && old.version === version) return;
  if (old) old.player.stop();
  const same = old && old.base === data.base;
  const view = build(root, data, same ? old : null);
  if (same) view.player.seek(old.player.now());
  shown.set(root, Object.assign(old || {}, view, { version, base: data.base, data }));
}

/** Ask how far the work is, and take over what is new, until it is over. */
async function poll(root, desk) {
  desk.polling = true;
  for (let away = 0; away < AWAY_MOST; away = root.isConnected ? 0 : away + 1) {
    await new Promise((resolve) => { setTimeout(resolve, POLL_MS); });
    const { base, data } = desk;
    const status = await fetchJson(`${base}status`);
    if (!status || base !== desk.base) continue;
    desk.say(status.error || (status.scoring ? `Scoring again: ${status.stage.toLowerCase()} …` : ""));
    if (status.rev !== desk.data.rev) {
      const found = await fetchJson(`${base}review.json?v=${status.rev}`);
      if (found) apply(root, { ...data, review: found, rev: status.rev, drawn: status.drawn });
    } else if (!status.busy) break;
  }
  desk.polling = false;
}

async function fetchJson(place) {
  try {
    const answer = await fetch(place);
    return answer.ok ? await answer.json() : null;
  } catch { return null; }
}

function build(root, data, old) {
  const set = data.review;
  const files = (name) => `${data.base}${name}?v=${data.rev}`;
  const source = {
    url: files(data.drawn ? "annotated.mp4" : data.clip),
    note: data.drawn ? "" : "Drawing the skeleton …",
    problem: data.drawn ? "The video cannot be played here." : "The video is being drawn; it appears here by itself.",
  };
  const state = el("p", { class: "state", role: "status" });
  let timeline = null, chosen = null;
  const player = makePlayer(set, source, (t) => timeline && timeline.move(t), (step) => {
    const rep = nextRep(set.reps, player.now(), step);
    if (rep) show(rep.n, rep.start);
  });
  const place = el("div", { class: "place", "aria-live": "polite" });
  const show = (n, t) => {
    const rep = set.reps.find((r) => r.n === n);
    if (!rep) return;
    if (chosen !== n) place.replaceChildren(makeRep(rep, files, player.seek));
    chosen = n;
    timeline.choose(n);
    player.seek(t);
  };
  const go = (n, check) => {
    const rep = set.reps.find((r) => r.n === n);
    const found = rep && rep.checks.find((c) => c.id === check);
    if (rep) show(n, found ? found.t : rep.start);
  };
  timeline = makeTimeline(set, player.seek, (n) => go(n, null));
  const reps = set.reps.length
    ? el("section", { class: "card", "aria-label": "The chosen rep" }, place) : null;
  root.replaceChildren(...[makeHeader(set), state,
    el("div", { class: "desk" }, player.node, el("div", { class: "side" }, timeline.node),
      el("div", { class: "next" }, makeCues(set, go), makeWarnings(set))),
    el("div", { class: "columns" },
      el("div", {}, makeGlance(set, go), makeFacts(set)),
      el("div", {}, reps, makeCompare(set, files, player.seek), makeDownloads(data)))]
    .filter(Boolean));
  if (set.reps.length) {
    const worst = set.cues.length ? set.cues[0].reps[0] : set.reps[0].n;
    const first = old ? old.chosen() : worst;
    const rep = set.reps.find((r) => r.n === first) || set.reps[0];
    place.replaceChildren(makeRep(rep, files, player.seek));
    chosen = rep.n;
    timeline.choose(chosen);
  }
  timeline.move(0);
  return { player, chosen: () => chosen, say: (text) => { state.textContent = text; }, stepRep: (step) => { const rep = nextRep(set.reps, player.now(), step); if (rep) show(rep.n, rep.start); } };
}

/** Keys: space plays, left and right step frames, up and down (on the player) or shift step reps. */
function listen(root) {
  if (root.dataset.keys) return;
  root.dataset.keys = "on";
  const handle = (event) => {
    if (!root.isConnected) { document.removeEventListener("keydown", handle); return; }
    const target = event.composedPath()[0];
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (target.closest && target.closest("input, select, textarea, [contenteditable]")) return;
    const onStage = target.closest && target.closest(".stage, .timeline");
    const view = shown.get(root);
    const step = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
    const upright = event.key === "ArrowUp" || event.key === "ArrowDown";
    if (event.key === " " && !(target.closest && target.closest("button, summary, a"))) view.player.toggle();
    else if (step && (upright ? onStage : event.shiftKey)) view.stepRep(step);
    else if (step && !upright) view.player.frame(step);
    else return;
    event.preventDefault();
  };
  document.addEventListener("keydown", handle);
}
