// The words of a review: summary, what to try next, verdicts at a glance, one rep in full.

function makeHeader(review) {
  const score = review.score === null ? "–" : String(review.score);
  return el("header", { class: "top" },
    el("div", { class: "hero" },
      el("div", {}, el("h1", {}, review.title), el("p", { class: "clip muted" }, review.clip)),
      review.reps.length ? el("p", {
        class: `score ${review.level}`, role: "img",
        "aria-label": review.score === null ? "No score: nothing passed or failed" : `Score ${score} ${review.out_of}`,
      }, el("strong", {}, score), el("span", {}, review.out_of)) : null),
    review.reps.length ? el("ul", { class: "counts", "aria-label": "Verdicts over the set" },
      ...review.counts.map((c) => el("li", {}, pill(c, c.count)))) : null);
}

/** How the set was seen, and by what. */
function makeFacts(review) {
  const sure = Math.round(100 * review.sure);
  const found = review.exercise === null ? "not recognised"
    : review.told ? "as told" : `recognised, ${sure > 99 ? "over 99" : sure} % sure`;
  const facts = [["Reps", `${review.reps.length}${review.partial.length ? ` (+ ${review.partial.length} not counted)` : ""}${review.corrected ? ", corrected by hand" : ""}`],
    ["Camera", review.view], ["Exercise", [review.lift, found].filter(Boolean).join(", ")],
    ["Seen", `in ${Math.round(100 * review.coverage)} % of frames, model ${review.model}`]];
  return el("section", { class: "card", "aria-label": "About this clip" }, el("h2", {}, "About this clip"),
    el("dl", { class: "facts" }, ...facts.flatMap(([a, b]) => [el("dt", {}, a), el("dd", {}, b)])));
}

function makeCues(review, go) {
  if (review.nothing_found) return nothingFound(review);
  const close = review.counts.some((c) => c.verdict === "borderline" && c.count);
  const unseen = review.level === "none" && !close && review.reps.some((rep) => rep.checks.length);
  const empty = review.no_cues + (unseen ? " Each check below says why, and how to film it." : "");
  const items = review.cues.map((cue) => el("li", {}, el("button", {
    type: "button", class: "linkish", onclick: () => go(cue.reps[0], cue.check),
  }, cue.text)));
  return el("section", { class: "card", "aria-label": "What to try next" },
    el("h2", {}, "What to try next"),
    items.length ? el("ol", { class: "cues" }, ...items) : el("p", {}, empty));
}

function nothingFound(review) {
  const listed = (texts) => el("ul", { class: "steps" }, ...texts.map((text) => el("li", {}, text)));
  const seen = review.warnings.length ? [el("p", {}, "What was seen:"), listed(review.warnings)] : [];
  const head = el("h2", {}, review.nothing_found);
  if (review.corrected) {
    return el("section", { class: "card notice" }, head, ...seen,
      el("p", {}, "“Correct the reps” below the timeline adds one, or takes you back to the counted ones."));
  }
  return el("section", { class: "card notice" }, head, ...seen,
    el("p", {}, "So there is nothing to score. What helps in general:"),
    listed([
      ...(review.exercise === null ? ["If it was one of these lifts, name it below under “Exercise”: it is scored again at once."] : []),
      "Film from the side, camera at hip height and standing still, head and feet in the picture.",
      "Let the clip run from before the first rep until after the last one.",
    ]));
}

function makeNotes(review) {
  if (review.nothing_found || !review.warnings.length) return null;
  return el("section", { class: "card notice", "aria-label": "About the recording" },
    el("h2", {}, "About the recording"),
    el("ul", {}, ...review.warnings.map((text) => el("li", {}, text))));
}

function makeGlance(review, go) {
  if (!review.reps.length || !review.reps[0].checks.length) return null;
  const head = el("tr", {}, el("th", { scope: "col" }, "Check, by rep"), ...review.reps.map(
    (rep) => el("th", { scope: "col" }, el("span", { class: "sr" }, "Rep "), String(rep.n))));
  const rows = review.reps[0].checks.map((check, k) => el("tr", {},
    el("th", { scope: "row" }, check.title), ...review.reps.map((rep) => {
      const c = rep.checks[k];
      const label = `Rep ${rep.n}, ${c.title}: ${c.word}${c.verdict === "cannot_tell" ? "" : `, ${c.measured}`}`;
      return el("td", {}, el("button", {
        type: "button", class: `dot v-${c.verdict}`, "aria-label": label, title: label,
        "data-at": c.t, onclick: () => go(rep.n, c.id),
      }, c.symbol));
    })));
  return el("section", { class: "card", "aria-label": "At a glance" }, el("h2", {}, "At a glance"),
    el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Verdicts by check and rep" },
      el("table", { class: "glance" }, el("thead", {}, head), el("tbody", {}, ...rows))),
    el("p", { class: "legend" }, ...review.counts.map((c) => el("span", {}, `${c.symbol} ${c.word.toLowerCase()}`)),
      el("span", {}, "Borderline: within the measurement error of the limit. Tap a mark to see its frame.")));
}

/** What failed first, as in report.html. */
function byUrgency(checks) {
  const order = ["fail", "borderline", "pass", "cannot_tell"];
  return [...checks].sort((a, b) => order.indexOf(a.verdict) - order.indexOf(b.verdict));
}

/** One rep in full: key frames, each verdict with its evidence, all measures. */
function makeRep(rep, files, seek) {
  const score = rep.score === null ? "–" : String(rep.score);
  return el("article", { class: "rep", "aria-label": `Rep ${rep.n}` },
    el("div", { class: "rep-head" }, el("h3", {}, `Rep ${rep.n}${rep.side ? ` · ${rep.side}` : ""}`),
      el("span", { class: `pill ${rep.level}`, role: "img", "aria-label": `Score ${rep.score === null ? "not given" : score}` }, score),
      el("span", { class: "muted small" }, rep.span || `${rep.start.toFixed(1)}–${rep.end.toFixed(1)} s`)),
    el("div", { class: "frames" }, ...rep.frames.map((frame) => keyFrame(frame, rep, files, seek))),
    el("ul", { class: "checks" }, ...byUrgency(rep.checks).map((check) => verdictOf(check, rep, seek))),
    rep.measures.length ? el("details", {}, el("summary", {}, `All measurements of rep ${rep.n}`),
      el("dl", { class: "pairs" }, ...rep.measures.flatMap((m) => [el("dt", {}, m.title), el("dd", {}, m.text)]))) : null);
}

/** When it was, as report.html says it; by itself in reviews of before. */
function momentOf(seen) {
  return seen.at || `${seen.t.toFixed(2)} s`;
}

function keyFrame(frame, rep, files, seek) {
  const words = `Rep ${rep.n} at its ${frame.position}, ${momentOf(frame)}`;
  return el("figure", {}, el("button", { type: "button", class: "shot", "aria-label": `Show in the video: ${words}`, onclick: () => seek(frame.t) },
    el("img", { src: files(frame.file), width: frame.width, height: frame.height, loading: "lazy", alt: `${words}, with skeleton and angle drawn` })),
  el("figcaption", {}, `${frame.position === "top" ? "Top" : "Bottom"}, ${momentOf(frame)}`));
}

function verdictOf(check, rep, seek) {
  const told = check.verdict !== "cannot_tell";
  const source = check.url
    ? el("a", { href: check.url, target: "_blank", rel: "noopener noreferrer" }, check.source)
    : check.source;
  return el("li", { class: "check" },
    el("div", { class: "line" }, el("strong", {}, check.title), pill(check)),
    told ? el("p", {}, check.measured, el("span", { class: "value" }, ` (${check.value})`))
      : el("p", {}, check.reason),
    told ? null : el("p", { class: "advice" }, `Next time: ${check.advice}`),
    check.cue ? el("p", { class: "try" }, el("b", {}, "Try: "), check.cue) : null,
    el("div", { class: "fine" }, el("span", {}, `Limit ${check.limit}`),
      el("button", { type: "button", class: "linkish", "data-at": check.t, "aria-label": `${check.title}, rep ${rep.n}: show the frame at ${momentOf(check)}`, onclick: () => seek(check.t) }, `see ${momentOf(check)}`),
      el("details", { class: "source" }, el("summary", {}, `Source: ${check.kind || "about this check"}`), el("p", {}, source))));
}

function makeDownloads(data) {
  const files = [["report.html", "Report"], ["annotated.mp4", "Video"], ["frames.csv", "Angles (CSV)"], ["report.json", "Data (JSON)"]];
  return el("section", { class: "card", "aria-label": "Downloads" }, el("h2", {}, "Take it with you"),
    el("ul", { class: "downloads" }, ...files.map(([file, label]) => el("li", {},
      !data.drawn && (file === "annotated.mp4" || file === "report.html") ? el("span", { class: "muted" }, `${label}: being made …`)
        : el("a", { href: `${data.base}${file}?download&v=${data.rev}`, download: true, "data-file": file }, `↓ ${label}`)))));
}
