// Whom to score when several people are in the clip: by number, or by tapping them in the video.

/** Where in the picture a press is, pixels of the clip; null beside the picture.
 * @param {{left: number, top: number, width: number, height: number}} box of the video element
 * @param {number} width @param {number} height of the clip
 * @param {number} x @param {number} y of the press @returns {[number, number] | null} */
function pointIn(box, width, height, x, y) {
  const scale = Math.min(box.width / width, box.height / height); // the picture is fitted into the box
  const px = (x - box.left - (box.width - scale * width) / 2) / scale;
  const py = (y - box.top - (box.height - scale * height) / 2) / scale;
  return px < 0 || py < 0 || px > width || py > height ? null : [px, py];
}

/** @param {(wish: number | number[]) => void} send */
function makePeople(review, player, send) {
  if (review.people.length < 2) return null;
  const hint = el("p", { class: "small", role: "status" }, "");
  const tap = el("button", { type: "button", class: "plain" }, "Tap the lifter in the video");
  const press = (event) => {
    const at = pointIn(player.video.getBoundingClientRect(), review.width, review.height, event.clientX, event.clientY);
    event.stopImmediatePropagation();
    event.preventDefault();
    if (at) { stop(); send([...at, player.now()]); }
  };
  const stop = () => {
    player.video.removeEventListener("click", press, true);
    player.video.classList.remove("choosing");
    hint.textContent = "";
  };
  tap.addEventListener("click", () => {
    player.video.pause();
    player.video.addEventListener("click", press, true);
    player.video.classList.add("choosing");
    hint.textContent = "Now tap the one to score. Step to a frame that shows them first, if need be.";
    player.node.scrollIntoView({ block: "nearest" });
  });
  const lines = review.people.map((person) => el("li", {},
    el("button", { type: "button", class: "linkish show", onclick: () => player.seek(person.t), "aria-label": `Show person ${person.n} in the video` },
      `Person ${person.n} from the left`),
    person.chosen ? el("b", {}, "scored") : el("button", { type: "button", class: "plain", onclick: () => send(person.n) }, `Score person ${person.n}`)));
  return el("section", { class: "card people", "aria-label": "People in this clip" }, el("h2", {}, "Not you?"),
    el("p", {}, `${review.people.length} people are in this clip. Whoever is chosen is followed anew.`),
    el("ul", {}, ...lines), tap, hint);
}
