// Runs in each page of test_every_screen.py before its own scripts.

// What moved by itself, since the first paint: how far, and the places in the page.
window.shifts = [];

const placeOf = (node) => {
  const element = node instanceof Element ? node : node?.parentElement;
  if (!element) return "what is gone";
  const classes = [...element.classList].map((name) => `.${name}`).join("");
  return `${element.localName}${classes}`;
};

new PerformanceObserver((list) => {
  for (const { value, hadRecentInput, sources } of list.getEntries()) {
    if (!hadRecentInput) shifts.push({ value, moved: sources.map(({ node }) => placeOf(node)) });
  }
}).observe({ type: "layout-shift", buffered: true });

const nextFrame = () => new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)));

const inView = (image) => {
  const { top, bottom, width } = image.getBoundingClientRect();
  return width > 0 && bottom > 0 && top < innerHeight;
};

// Waits until the fonts and the pictures in view are drawn.
window.drawn = async () => {
  await document.fonts.ready;
  const pictures = [...document.images].filter(inView);
  await Promise.all(pictures.map((image) => image.decode().catch(() => {})));
  await nextFrame();
  await nextFrame();
};

// Goes down the page a window at a time, and up again, as somebody does who reads it.
window.readThrough = async () => {
  for (let at = innerHeight; at < Math.min(document.body.scrollHeight, 6000); at += innerHeight) {
    scrollTo(0, at);
    await drawn();
  }
  scrollTo(0, 0);
  await drawn();
};

// Unfolds all, or the first of each kind: of a hundred alike one tells as much.
window.unfold = (all) => {
  const kinds = new Set();
  for (const folded of document.querySelectorAll("main details")) {
    const kind = `${placeOf(folded.parentElement)} ${folded.className}`;
    folded.open ||= all || !kinds.has(kind);
    kinds.add(kind);
  }
  for (const sheet of document.querySelectorAll("#sheet")) sheet.checked = true;
};

// In the middle of a change of theme, or while something appears, colours are of neither.
window.endTransitions = async () => {
  // What a change of theme starts, it starts with the next frame.
  await nextFrame();
  for (const animation of document.getAnimations()) {
    if (animation.effect.getComputedTiming().endTime < Infinity) animation.finish();
  }
};

// How many pixels of the page lie beside the window.
window.besideWindow = () => document.documentElement.scrollWidth - innerWidth;

const STATES = {
  "aria-current": "[aria-current]:not([aria-current=false])",
  "aria-pressed": "[aria-pressed=true]",
  "aria-selected": "[aria-selected=true]",
  checked: "input:checked",
};

const chosen = [];

// What is unfolded may lie over it.
const isInSight = (element) => {
  if (!element.checkVisibility()) return false;
  element.scrollIntoView({ block: "center" });
  const { x, y, width, height } = element.getBoundingClientRect();
  return element.contains(document.elementFromPoint(x + width / 2, y + height / 2));
};

// Finds one of each kind of what is chosen and in sight; gives the kinds by their number here.
window.findChosen = () => {
  chosen.length = 0;
  for (const [state, selector] of Object.entries(STATES)) {
    for (const element of document.querySelectorAll(selector)) {
      const shown = element.closest("label") ?? element.labels?.[0] ?? element;
      const kind = `${state} ${placeOf(element)} in ${placeOf(shown.parentElement)}`;
      if (chosen.some((other) => other.kind === kind) || !isInSight(shown)) continue;
      shown.dataset.chosen = chosen.length;
      chosen.push({ element, state, kind });
    }
  }
  return chosen.map(({ kind }) => kind);
};

window.choose = (number, is) => {
  const { element, state } = chosen[number];
  if (state === "checked") element.checked = is;
  else element.setAttribute(state, is ? "true" : "false");
};
