// Recording a set: preview with placement help, the set with counts, then the review.

const cameras = new WeakMap();
const COUNTDOWN_S = 5, HAND_S = 0.8, SET_OVER_S = 25, LONGEST_S = 1800;
const LOST = "The connection was lost. Turn the camera on again.";
const TOO_MANY = "Too many cameras are on at once: stop one in another tab or on another device.";

export default function record(component) {
  const root = component.parentElement.querySelector(".record");
  const known = cameras.get(root);
  if (known) { known.component = component; return known.close; }
  const desk = makeDesk(root, component);
  cameras.set(root, desk);
  return desk.close;
}

function makeDesk(root, component) {
  const desk = { component, state: "off", facing: "environment", said: nothingSaid(), handSince: 0, repAt: 0 };
  const voice = makeVoice();
  const parts = layOut(desk.component.data, voice);
  root.replaceChildren(parts.node);
  const ask = (event) => { if (holds(desk)) event.preventDefault(); };
  addEventListener("beforeunload", ask);
  const seen = () => {
    stayAwake();
    desk.repAt = performance.now(); // nothing is counted while the page is hidden
  };
  document.addEventListener("visibilitychange", seen);

  // Whoever goes to another part of the page leaves the tab as it is: what was recorded is sent on.
  desk.close = () => {
    removeEventListener("beforeunload", ask);
    document.removeEventListener("visibilitychange", seen);
    cameras.delete(root);
    desk.left = true;
    if (desk.state === "set") finish();
    else if (desk.state === "unsent") send();
    else if (desk.state !== "sending") stopAll(desk);
  };

  const show = (state, text) => {
    desk.state = state;
    parts.node.dataset.state = state;
    if (text !== undefined) parts.advice.textContent = text;
    parts.on.hidden = state !== "off" && !(state === "unsent" && desk.saved);
    parts.again.hidden = parts.save.hidden = state !== "unsent";
    parts.start.hidden = parts.count.hidden = state !== "ready";
    parts.stop.hidden = state !== "set" && state !== "countdown";
    parts.hand.hidden = state !== "off" && state !== "ready";
    parts.exercise.disabled = state === "set" || state === "sending";
  };

  // One at a time: of a camera that is opened twice, or for a page that was left, nobody turns one off.
  const turnOn = async () => {
    if (parts.on.disabled) return;
    parts.on.disabled = true;
    try { await open(); } finally { parts.on.disabled = false; }
  };

  const open = async () => {
    const problem = cameraProblem();
    if (problem) { show("off", problem); return; }
    let stream;
    try {
      stream = await openCamera(desk.facing);
    } catch (error) {
      show("off", error.name === "NotAllowedError" ? "The camera is not allowed: allow it for this page in the browser."
        : "No camera was found, or another program holds it.");
      return;
    }
    desk.stream = parts.video.srcObject = stream;
    if (desk.left) { stopAll(desk); return; }
    const gone = () => { if (desk.stream === stream) broken("The camera went away. Turn it on again."); };
    stream.getVideoTracks()[0].addEventListener("ended", gone);
    parts.screen.classList.toggle("mirrored", desk.facing === "user");
    await parts.video.play();
    if (desk.stream !== stream) return;
    parts.screen.style.setProperty("--shape", `${parts.video.videoWidth} / ${parts.video.videoHeight}`);
    desk.link = makeLink(parts.video, heard, (code) => broken(code === BUSY ? TOO_MANY : LOST),
      { do: "watch", exercise: parts.exercise.value });
    parts.node.stats = desk.link.stats;
    show("ready", "Looking …");
    await stayAwake();
  };

  // The lock goes when the page is hidden: it is taken anew, or the phone locks in the middle of the set.
  const stayAwake = async () => {
    if (document.hidden || !desk.stream || desk.awake?.released === false) return;
    try {
      const lock = await navigator.wakeLock.request("screen");
      if (desk.stream) desk.awake = lock;
      else await lock.release();
    } catch { /* not everywhere */ }
  };

  const begin = () => {
    if (desk.state !== "ready" && desk.state !== "countdown") return;
    clearInterval(desk.ticking);
    desk.link.wish({ do: "start", exercise: parts.exercise.value });
    const now = performance.now();
    Object.assign(desk, { said: nothingSaid(), note: "", reps: 0, repAt: now, begunAt: now });
    desk.finishRecording = makeRecorder(desk.stream);
    parts.number.textContent = "0";
    tellLast(parts, null);
    voice.speak(["Go"]);
    show("set", "");
  };

  const countDown = () => {
    if (desk.state !== "ready") return;
    let left = COUNTDOWN_S;
    const tick = () => {
      if (left === 0) { begin(); return; }
      parts.number.textContent = String(left);
      voice.speak([String(left)]);
      left -= 1;
    };
    show("countdown", "Get ready");
    tick();
    desk.ticking = setInterval(tick, 1000);
  };

  const finish = async () => {
    if (desk.state === "countdown") { clearInterval(desk.ticking); show("ready", "Looking …"); return; }
    if (desk.state !== "set") return;
    show("sending", "Keeping the recording …");
    const blob = await desk.finishRecording();
    stopAll(desk);
    Object.assign(desk, { recorded: blob, saved: false, named: recordingName(blob.type, new Date()) });
    await send();
  };

  const send = async () => {
    show("sending", "Keeping the recording …");
    try {
      const id = await keepRecording(desk.recorded, desk.named, parts.exercise.value, desk.component.data.model);
      desk.recorded = null;
      if (!desk.left) desk.component.setTriggerValue("recorded", id);
    } catch (error) {
      if (desk.left && !desk.saved) saveAs(desk.recorded, desk.named); // nobody sees a button any more
      show("unsent", `The recording could not be kept: ${error.message.replace(/\.$/, "")}. It is still in this tab.`);
    }
  };

  // A set that goes on is kept as far as it was recorded, whatever becomes of the live counts.
  const broken = (text) => {
    if (desk.state === "set") finish();
    else if (desk.state !== "sending" && desk.state !== "unsent") { stopAll(desk); show("off", text); }
  };

  const heard = (answer) => {
    if (answer.error) { broken(answer.error); return; }
    if (answer.t === undefined) return;
    drawPose(parts.skeleton, answer.pose, parts.video);
    if (answer.placement && desk.state === "ready") place(answer);
    if (answer.set && desk.state === "set") tell(answer.set);
  };

  const place = (answer) => {
    parts.node.dataset.good = answer.placement.good ? "yes" : "no";
    if (parts.advice.textContent !== answer.placement.text) parts.advice.textContent = answer.placement.text;
    if (!answer.hand) desk.handSince = 0;
    else if (!desk.handSince) desk.handSince = performance.now();
    else if (performance.now() - desk.handSince > 1000 * HAND_S) { desk.handSince = 0; countDown(); }
  };

  const tell = (set) => {
    if (set.note && !desk.note) desk.said = nothingSaid();
    if (set.note !== desk.note) parts.advice.textContent = desk.note = set.note;
    const next = toSay(desk.said, set);
    const now = performance.now();
    if (next.say.length) voice.speak(next.say);
    if (next.say.length || set.reps !== desk.reps) desk.repAt = now;
    Object.assign(desk, { said: next.said, reps: set.reps });
    parts.number.textContent = String(set.reps);
    parts.title.textContent = set.title;
    tellLast(parts, set.last);
    if ((set.reps && now - desk.repAt > 1000 * SET_OVER_S) || now - desk.begunAt > 1000 * LONGEST_S) finish();
  };

  parts.on.addEventListener("click", turnOn);
  parts.start.addEventListener("click", begin);
  parts.count.addEventListener("click", countDown);
  parts.stop.addEventListener("click", finish);
  parts.again.addEventListener("click", send);
  parts.save.addEventListener("click", () => {
    saveAs(desk.recorded, desk.named);
    desk.saved = true;
    parts.on.hidden = false;
  });
  parts.turn.addEventListener("click", () => {
    desk.facing = desk.facing === "user" ? "environment" : "user";
    if (desk.state === "ready") { stopAll(desk); show("off", ""); turnOn(); }
  });
  parts.exercise.addEventListener("change", () => {
    if (desk.link && desk.state === "ready") desk.link.wish({ do: "watch", exercise: parts.exercise.value });
  });
  show("off", cameraProblem() || "Prop the phone at hip height, three to four metres away, side-on to you.");
  return desk;
}

/** Whether a recording would be lost with the tab. */
function holds(desk) {
  return desk.state === "set" || desk.state === "sending" || (desk.state === "unsent" && !desk.saved);
}

function stopAll(desk) {
  clearInterval(desk.ticking);
  if (desk.link) desk.link.close();
  if (desk.stream) desk.stream.getTracks().forEach((track) => track.stop());
  if (desk.awake) desk.awake.release().catch(() => {});
  desk.link = desk.stream = desk.awake = null;
}

function tellLast(parts, last) {
  parts.last.className = `last ${last ? `v-${last.verdict}` : ""}`;
  parts.last.replaceChildren(...(last ? [
    el("i", { "aria-hidden": "true" }, last.symbol), el("span", {}, last.text),
    last.score === null ? "" : el("b", { class: last.level, title: "Score of the last rep" }, String(last.score))] : []));
}

function layOut(data, voice) {
  const video = el("video", { playsinline: true, muted: true, "aria-label": "Camera preview" });
  video.muted = true;
  const skeleton = el("canvas", { "aria-hidden": "true" });
  const number = el("output", { class: "number", "aria-label": "Repetitions", "aria-live": "polite" }, "0");
  const title = el("span", { class: "lift" }, "");
  const last = el("p", { class: "last", "aria-live": "polite" });
  const advice = el("p", { class: "advice-now", role: "status" });
  const screen = el("div", { class: "view" }, el("div", { class: "mirror" }, video, skeleton), advice);
  const board = el("div", { class: "board" }, el("div", { class: "counter" }, number, title), last);
  const exercise = el("select", { "aria-label": "Exercise" },
    ...data.exercises.map(([id, name]) => el("option", { value: id }, name)));
  const action = (kind, text) => el("button", { type: "button", class: `act ${kind}` }, text);
  const [on, start, count, stop, again, save] = [action("main on", "Turn on the camera"), action("main start", "Start now"),
    action("countdown", `Start in ${COUNTDOWN_S} s`), action("main stop", "Stop"), action("main", "Try again"), action("", "Save the recording")];
  const turn = el("button", { type: "button", class: "act small", "aria-label": "Other camera", title: "Other camera" }, "⟲ Camera");
  const sound = el("button", { type: "button", class: "act small sound" }, "");
  const paint = () => {
    sound.textContent = voice.muted() ? "Sound off" : "Sound on";
    sound.setAttribute("aria-pressed", String(!voice.muted()));
  };
  sound.addEventListener("click", () => { voice.mute(!voice.muted()); paint(); });
  sound.hidden = !voice.able;
  paint();
  const hand = el("span", {}, "Or raise a hand above your head: the countdown begins. ");
  const node = el("section", { class: "booth", "aria-label": "Record a set" },
    el("div", { class: "options" }, exercise, turn, sound),
    el("div", { class: "scene" }, screen, board),
    el("div", { class: "acts" }, again, save, on, start, count, stop),
    el("p", { class: "muted small" }, hand, `The set ends by itself ${SET_OVER_S} seconds after the last rep.`));
  return { node, video, skeleton, number, title, last, advice, screen, exercise, on, start, count, stop, again, save, turn, sound, hand };
}
