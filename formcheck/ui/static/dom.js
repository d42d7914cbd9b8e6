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
