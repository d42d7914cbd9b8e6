// The review of a set: player, timeline and cards, all about the same moment.

const shown = new WeakMap();
const POLL_MS = 700, AWAY_MOST = 15;

export default function review(component) {
  const { data, parentElement } = component;
  const root = parentElement.querySelector(".review");
  apply(root, data);
  listen(root);
  const desk = shown.get(root);
  desk.choose = (person) => component.setTriggerValue("person", { person });
  desk.send = (reps) => component.setTriggerValue("corrected", { reps });
  if ((data.busy || !desk.data.drawn) && !desk.polling) poll(root, desk);
}

/** Show these findings, unless they are shown already or are older; the video goes on as it was. */
function apply(root, data) {
  const old = shown.get(root);
  const same = old && old.base === data.base;
  if (same && old.data.rev >= data.rev) return;
  const putBack = same ? placeOf(root) : null, was = same ? old.player.state() : null;
  if (old) old.stop();
  const view = build(root, data, same ? old : null);
  if (was) view.player.goOn(was);
  shown.set(root, Object.assign(old || {}, view, { base: data.base, data }));
  if (putBack) putBack();
}

/** Ask how far the work is, and take over what is new, until nothing more will come. */
async function poll(root, desk) {
  desk.polling = true;
  for (let away = 0; away < AWAY_MOST; away = root.isConnected ? 0 : away + 1) {
    await new Promise((resolve) => { setTimeout(resolve, POLL_MS); });
    const { base, data } = desk;
    const status = await fetchJson(`${base}status`);
    if (base !== desk.base) continue;
    if (status === undefined) { desk.say("This set is not here any more: it was deleted."); break; }
    if (!status) continue;
    desk.say(status.error || (status.scoring ? `Scoring again: ${status.stage.toLowerCase()} …` : ""));
    if (status.rev !== desk.data.rev) {
      const found = await fetchJson(`${base}review.json?v=${status.rev}`);
      if (found && base === desk.base) apply(root, { ...data, review: found, rev: status.rev, drawn: status.drawn });
    } else if (!status.busy && (status.drawn || status.error)) break;
  }
  desk.polling = false;
  if (!desk.data.drawn) desk.player.note.textContent = "";
}

/** @returns {Promise<object | null | undefined>} undefined where there is none, null without an answer */
async function fetchJson(place) {
  try {
    const answer = await fetch(place);
    return answer.ok ? await answer.json() : answer.status === 404 ? undefined : null;
  } catch { return null; }
}

function build(root, data, old) {
  const set = data.review;
  const files = (name) => `${data.base}${name}?v=${data.rev}`;
  const state = el("p", { class: "state", role: "status" });
  const say = (text) => { state.textContent = text; };
  let timeline = null, chosen = null;
  const player = makePlayer(set, sourceOf(data, files), (t) => timeline && timeline.move(t), (step) => stepRep(step));
  const place = el("div", { class: "place", "aria-live": "polite" });
  const show = (rep) => {
    if (chosen !== rep.n) place.replaceChildren(makeRep(rep, files, player.seek));
    chosen = rep.n;
    timeline.choose(rep.n);
  };
  const choose = (rep) => {
    show(rep);
    corrector.choose(rep.n);
  };
  const go = (n, check) => {
    const rep = set.reps.find((r) => r.n === n);
    if (!rep) return;
    const found = rep.checks.find((c) => c.id === check);
    choose(rep);
    player.seek(found ? found.t : rep.start);
  };
  const stepRep = (step) => {
    const rep = nextRep(set.reps, player.now(), step);
    if (rep) go(rep.n, null);
  };
  const send = (reps) => { say("Scoring again …"); shown.get(root).send(reps); };
  // Of another lift's marks the turn may be at the other end.
  const draft = old && old.data.review.turn === set.turn ? old.corrector.draft() : null;
  const corrector = makeCorrector(set, player, send, draft);
  timeline = makeTimeline(set, player.seek, (n) => go(n, null), corrector);
  player.node.append(state); // on a phone the player alone stays in sight
  const about = el("div", {}, makeHeader(set),
    el("div", { class: "desk" }, player.node,
      el("div", { class: "next" }, makeCues(set, go), makeNotes(set),
      data.drawn ? makePeople(set, player, (wish) => { say("Following somebody else …"); shown.get(root).choose(wish); }) : null),
      el("div", { class: "side" }, timeline.node)));
  root.replaceChildren(about);
  const worst = set.cues.length ? set.cues[0].reps[0] : 1;
  const first = set.reps.find((r) => r.n === (old ? old.chosen() : worst)) || set.reps[0];
  if (first && draft) show(first); else if (first) choose(first); // a draft stays at the rep being corrected
  timeline.move(0);
  let compare = null;
  const below = () => {
    if (!about.isConnected) return; // newer findings are shown by now
    about.append(el("div", { class: "columns" }, el("div", {}, makeGlance(set, go), makeFacts(set)),
      el("div", {}, first ? el("section", { class: "card", "aria-label": "The chosen rep" }, place) : null,
        makeDownloads(data))));
    compare = makeCompare(data, fetchJson, old && old.compared());
    if (compare) root.append(compare.node);
  };
  if (old) below(); else afterPaint(below);
  const stop = () => { player.stop(); if (compare) compare.stop(); };
  const compared = () => compare && compare.state();
  return { player, corrector, stop, chosen: () => chosen, compared, say, stepRep };
}

/** Once the browser has shown what is there: what is further down the page can wait for that. */
function afterPaint(act) {
  requestAnimationFrame(() => setTimeout(act));
}

/** What the player shows: the annotated video, or the clip until that is drawn. */
function sourceOf(data, files) {
  return data.drawn ? { url: files("annotated.mp4"), note: "", problem: "The video cannot be played here." }
    : { url: files(data.clip), note: "Drawing the skeleton …", problem: "The video is being drawn; it appears here by itself." };
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
  lookAgain(root);
}

/** Whoever comes back to this tab sees what was done to the set in another one meanwhile: reps that
 * were put right there would be scored away from here. */
function lookAgain(root) {
  const look = () => {
    if (!root.isConnected) {
      document.removeEventListener("visibilitychange", look);
      window.removeEventListener("focus", look);
    } else if (document.visibilityState === "visible" && !shown.get(root).polling) poll(root, shown.get(root));
  };
  document.addEventListener("visibilitychange", look);
  window.addEventListener("focus", look);
}
