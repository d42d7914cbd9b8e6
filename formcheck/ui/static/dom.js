// Small help for making elements; text is always set as text, never as HTML.

/** @param {string} tag @param {Record<string, any>} [props] @param {...(Node|string|null)} inside */
function el(tag, props, ...inside) {
  const node = document.createElement(tag);
  setAll(node, props || {});
  node.append(...inside.filter((part) => part !== null && part !== undefined && part !== ""));
  return node;
}

/** The same for SVG. */
function svg(tag, props, ...inside) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  setAll(node, props || {});
  node.append(...inside);
  return node;
}

function setAll(node, props) {
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "style") Object.assign(node.style, value);
    else node.setAttribute(name, value === true ? "" : value);
  }
}

/** A verdict as a pill: symbol and word, so that the colour is not needed. */
function pill(item, count) {
  return el("span", { class: `verdict v-${item.verdict}` },
    el("i", { "aria-hidden": "true" }, item.symbol), item.word,
    count === undefined ? null : ` ${count}`);
}

const HELD = "a, button, input, select, summary, [tabindex]";

/** What a control is known by when all is drawn anew: its words may hold a score, or play and pause. */
function knownBy(node) {
  return node.dataset.rep || node.dataset.do || (node.matches(".ctl") ? node.className : node.getAttribute("aria-label") || node.textContent);
}

/** Where the focus is and what is open; gives what puts both back after all was drawn anew, so that
 * nobody who uses keys or listens starts again from the top.
 * @param {HTMLElement} root @returns {() => void} */
function placeOf(root) {
  const here = (node) => {
    const [kind, name] = [node.matches("summary") ? "summary" : HELD, knownBy(node)];
    const alike = () => [...root.querySelectorAll(kind)].filter((other) => knownBy(other) === name);
    const at = alike().indexOf(node);
    return () => alike()[at];
  };
  const active = root.getRootNode().activeElement;
  const focused = active && root.contains(active) ? here(active) : null;
  const open = [...root.querySelectorAll("details[open] > summary")].map(here);
  return () => {
    for (const find of open) if (find()) find().parentElement.open = true;
    if (focused) focused()?.focus({ preventScroll: true });
  };
}
