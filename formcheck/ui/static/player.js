// The video with its controls: exact frames, slow motion, reps.

/** @returns {{node: HTMLElement, video: HTMLVideoElement, seek: (t: number) => void,
 *   frame: (step: number) => void, toggle: () => void, state: () => object,
 *   goOn: (was: object) => void, stop: () => void}} */
function makePlayer(review, source, moved, stepRep) {
  const times = review.times.length ? review.times : [0];
  const video = el("video", {
    playsinline: true, muted: true, preload: "auto", "aria-label": `Video: ${review.clip}`,
    width: review.width, height: review.height,
  });
  video.muted = true;
  const note = el("p", { class: "note", role: "status" }, source.note || "");
  const readout = el("output", { class: "readout", "aria-live": "off" }, clock(0));
  const play = button("play", "Play (space)", "play");
  const speed = speedChoice((rate) => setRate(video, rate));

  let here = 0, alive = true;
  const show = (t) => {
    here = t;
    readout.textContent = `${clock(t)} · frame ${frameAt(times, t) + 1}`;
    moved(t);
  };
  const seek = (t) => {
    const at = frameAt(times, t), target = seekTime(times, at);
    video.pause();
    if (video.readyState > 0) video.currentTime = target; else video.dataset.wanted = String(target);
    show(times[at]);
  };
  const frame = (step) => seek(times[Math.max(0, Math.min(frameAt(times, here) + step, times.length - 1))]);
  const toggle = () => { if (video.paused) video.play().catch(() => {}); else video.pause(); };
  const goOn = (was) => {
    seek(was.t);
    speed.value = was.speed;
    setRate(video, Number(was.speed));
    if (was.playing) toggle();
  };

  video.addEventListener("loadedmetadata", () => {
    if (video.dataset.wanted) video.currentTime = Number(video.dataset.wanted);
  });
  video.addEventListener("error", () => { note.textContent = source.problem; });
  video.addEventListener("loadeddata", () => { note.textContent = source.note || ""; });
  const paint = () => {
    play.replaceChildren(icon(video.paused ? "play" : "pause"));
    play.setAttribute("aria-label", video.paused ? "Play (space)" : "Pause (space)");
  };
  video.addEventListener("play", paint);
  video.addEventListener("pause", paint);
  video.addEventListener("click", toggle);
  play.addEventListener("click", toggle);
  follow(video, () => alive, (t) => { if (!video.paused) show(t); });
  if (source.url) video.src = source.url;

  const bar = el("div", { class: "controls", role: "group", "aria-label": "Player" },
    click(button("rep-back", "Rep before (up)", "rep-back"), () => stepRep(-1)),
    click(button("frame-back", "One frame back (left)", "frame-back"), () => frame(-1)), play,
    click(button("frame-on", "One frame on (right)", "frame-on"), () => frame(1)),
    click(button("rep-on", "Next rep (down)", "rep-on"), () => stepRep(1)), speed);
  const portrait = review.height > review.width ? " portrait" : "";
  const screen = el("div", {
    class: `screen${portrait}`, style: { aspectRatio: `${review.width} / ${review.height}` },
  }, video, note, readout);
  return {
    node: el("section", { class: "stage", "aria-label": "Player", tabindex: "0" }, screen, bar),
    video, note, seek, frame, toggle, goOn, now: () => here, stop: () => { alive = false; video.pause(); },
    state: () => ({ t: here, speed: speed.value, playing: !video.paused }),
  };
}

/** Also for what the video is to load next, as for what it shows. */
function setRate(video, rate) {
  video.defaultPlaybackRate = rate;
  video.playbackRate = rate;
}

function speedChoice(set) {
  const choice = el("select", { "aria-label": "Speed", class: "speed" },
    ...[[1, "1×"], [0.5, "½×"], [0.25, "¼×"], [0.1, "⅒×"]].map(
      ([value, label]) => el("option", { value: String(value) }, label)));
  choice.addEventListener("change", () => set(Number(choice.value)));
  return choice;
}

function button(name, label, sign) {
  return el("button", { type: "button", class: `ctl ${name}`, "aria-label": label, title: label }, icon(sign));
}

const ICONS = {
  play: "M7 4v16l13-8z", pause: "M6 4h4v16H6zM14 4h4v16h-4z",
  "rep-back": "M4 4h3v16H4zM20 4v16L8 12z", "rep-on": "M17 4h3v16h-3zM4 4v16l12-8z",
  "frame-back": "M15 4v16L4 12zM18 4h2v16h-2z", "frame-on": "M9 4v16l11-8zM4 4h2v16H4z",
};

function icon(name) {
  return svg("svg", { viewBox: "0 0 24 24", width: 20, height: 20, fill: "currentColor", "aria-hidden": "true" },
    svg("path", { d: ICONS[name] }));
}

function click(node, act) {
  node.addEventListener("click", act);
  return node;
}

/** Tell the time of each frame as it is shown. */
function follow(video, alive, tell) {
  if (video.requestVideoFrameCallback) {
    const next = (_now, frame) => {
      if (!alive()) return;
      tell(frame.mediaTime);
      video.requestVideoFrameCallback(next);
    };
    video.requestVideoFrameCallback(next);
    return;
  }
  const next = () => { if (alive()) { tell(video.currentTime); requestAnimationFrame(next); } };
  requestAnimationFrame(next);
}
