// Correcting repetitions by hand: move their edges, delete one, add one, score again.

const EDGE_WORDS = { start: "Start", turn: "Turn", end: "End" };

/** @returns {{node: HTMLElement, layer: HTMLElement, draft: () => object | null}} */
function makeCorrector(review, player, send, draft) {
  const end = Math.max(review.duration || 0, review.times[review.times.length - 1] || 0, 0.1);
  const desk = {
    review, player, send, end, times: review.times, marks: marksOf(review), at: 0, chosen: 0, open: false, sent: false,
    layer: el("div", { class: "edit", hidden: true }), panel: el("div", { class: "editor", hidden: true }),
    opener: el("button", { type: "button", class: "plain open-editor" }, "Correct the reps"),
    ...draft,
  };
  desk.opener.addEventListener("click", () => { desk.open = true; paintCorrector(desk, "close"); });
  paintCorrector(desk);
  return {
    node: el("div", { class: "correct" }, desk.opener, desk.panel), layer: desk.layer,
    choose: (n) => {
      desk.chosen = n - 1;
      if (n <= desk.marks.length) { desk.at = n - 1; paintCorrector(desk); }
    },
    draft: () => (desk.open && !desk.sent ? { marks: desk.marks, at: desk.at, chosen: desk.chosen, open: true } : null),
  };
}

function marksOf(review) {
  return review.reps.map(({ start, turn, end }) => ({ start, turn, end }));
}

/** Draw it anew; `focus` names the control that gets the focus. */
function paintCorrector(desk, focus) {
  const { layer, panel, opener, open } = desk;
  layer.hidden = panel.hidden = !open;
  opener.hidden = open;
  layer.parentElement?.classList.toggle("editing", open);
  if (!open) { if (focus) opener.focus(); return; }
  layer.replaceChildren(...desk.marks.map((mark, i) => markBlock(desk, mark, i)),
    ...(desk.marks[desk.at] ? EDGES.map((edge) => handleOf(desk, edge)) : []));
  panel.replaceChildren(...editorParts(desk));
  if (focus) (panel.querySelector(`[data-do="${focus}"]`) || layer.querySelector(`[data-edge="${focus}"]`) || opener).focus();
}

function shareOf(desk, t) {
  return `${(100 * Math.max(0, Math.min(t, desk.end)) / desk.end).toFixed(3)}%`;
}

function markBlock(desk, mark, i) {
  const [left, right] = [shareOf(desk, mark.start), shareOf(desk, mark.end)];
  return el("button", {
    type: "button", class: "mark", "aria-pressed": String(i === desk.at), "aria-label": `Correct rep ${i + 1}`,
    style: { left, width: `calc(${right} - ${left})` },
    onclick: () => { desk.at = i; desk.player.seek(mark.turn); paintCorrector(desk); },
  }, String(i + 1));
}

/** An edge of the chosen rep, to drag or to move by the arrow keys. */
function handleOf(desk, edge) {
  const t = desk.marks[desk.at][edge];
  const handle = el("button", {
    type: "button", class: `handle ${edge}`, role: "slider", "data-edge": edge, style: { left: shareOf(desk, t) },
    "aria-label": `${edgeWord(desk, edge)} of rep ${desk.at + 1}`, "aria-valuemin": 0, "aria-valuemax": desk.end.toFixed(2),
    "aria-valuenow": t.toFixed(2), "aria-valuetext": `${t.toFixed(2)} seconds`,
  }, el("i", { "aria-hidden": "true" }, { start: "⟼", turn: "●", end: "⟻" }[edge]));
  handle.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowDown: -1, ArrowUp: 1, PageDown: -10, PageUp: 10 }[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    setEdge(desk, edge, stepTime(desk.times, t, step), edge);
  });
  dragged(desk, handle, edge);
  return handle;
}

function dragged(desk, handle, edge) {
  const timeOf = (event) => {
    const box = desk.layer.getBoundingClientRect();
    return desk.end * Math.max(0, Math.min((event.clientX - box.left) / box.width, 1));
  };
  handle.addEventListener("pointerdown", (event) => {
    event.stopPropagation();
    handle.setPointerCapture(event.pointerId);
    handle.dataset.held = "yes";
  });
  handle.addEventListener("pointermove", (event) => {
    if (!handle.dataset.held) return;
    desk.marks = moveEdge(desk.marks, desk.at, edge, timeOf(event), desk.times);
    const t = desk.marks[desk.at][edge];
    handle.style.left = shareOf(desk, t);
    desk.player.seek(t);
  });
  for (const name of ["pointerup", "pointercancel"]) {
    handle.addEventListener(name, () => { if (handle.dataset.held) paintCorrector(desk, edge); });
  }
}

function setEdge(desk, edge, t, focus) {
  desk.marks = moveEdge(desk.marks, desk.at, edge, t, desk.times);
  desk.player.seek(desk.marks[desk.at][edge]);
  paintCorrector(desk, focus);
}

function edgeWord(desk, edge) {
  if (edge !== "turn") return EDGE_WORDS[edge];
  return desk.review.turn === "top" ? "Top" : "Bottom";
}

function editorParts(desk) {
  const act = (name, label, run, kind = "plain") => el("button", {
    type: "button", class: kind, "data-do": name, onclick: run,
  }, label);
  const chosen = desk.marks[desk.at];
  const turn = edgeWord(desk, "turn").toLowerCase();
  return [
    el("p", { class: "small" }, chosen ? `Rep ${desk.at + 1} of ${desk.marks.length}. Drag its marks, or step them frame by frame; the video follows.`
      : "No reps are marked."),
    ...(chosen ? EDGES.map((edge) => edgeRow(desk, edge, act)) : []),
    el("p", { class: "hint small muted", role: "status" }, ""),
    el("div", { class: "acts-row" },
      chosen ? act("delete", `Delete rep ${desk.at + 1}`, () => removeMark(desk)) : null,
      act("add", `Add a rep: its ${turn} is here`, () => addHere(desk, turn))),
    el("div", { class: "acts-row" },
      act("score", "Score again", () => submit(desk, desk.marks.map((m) => EDGES.map((e) => m[e]))), "plain main"),
      desk.review.corrected ? act("counted", "Back to the counted reps", () => submit(desk, null)) : null,
      act("close", "Leave as it was", () => leaveCorrector(desk))),
  ];
}

function edgeRow(desk, edge, act) {
  const t = desk.marks[desk.at][edge], word = edgeWord(desk, edge);
  const step = (by, label, sign) => {
    const name = `${edge}${by}`;
    const node = act(name, icon(sign), () => setEdge(desk, edge, stepTime(desk.times, t, by), name), "ctl");
    node.setAttribute("aria-label", `${word} ${label}`);
    return node;
  };
  const here = act(`${edge}-here`, "Here", () => setEdge(desk, edge, desk.player.now(), `${edge}-here`));
  here.setAttribute("aria-label", `${word} of rep ${desk.at + 1} at the frame that is shown`);
  return el("div", { class: "edge-row", role: "group", "aria-label": word }, el("b", {}, word),
    el("span", { class: "t" }, `${t.toFixed(2)} s`), step(-1, "one frame earlier", "frame-back"), step(1, "one frame later", "frame-on"), here);
}

function removeMark(desk) {
  desk.marks = desk.marks.filter((_, i) => i !== desk.at);
  desk.at = Math.max(0, Math.min(desk.at, desk.marks.length - 1));
  paintCorrector(desk, "score");
}

function addHere(desk, turn) {
  const added = addMark(desk.marks, desk.player.now(), desk.times);
  if (!added) {
    desk.panel.querySelector(".hint").textContent = `Go to the ${turn} of the missed rep first: this moment belongs to a rep, or leaves no room for one.`;
    return;
  }
  Object.assign(desk, added);
  paintCorrector(desk, "turn");
}

function leaveCorrector(desk) {
  Object.assign(desk, { open: false, marks: marksOf(desk.review), at: desk.chosen });
  paintCorrector(desk, "open");
}

function submit(desk, reps) {
  desk.sent = true;
  desk.open = false;
  paintCorrector(desk, "open");
  desk.send(reps);
}
