// What runs in the page of a gallery, each by itself, for long-gallery.js.

// Notes what moves by itself (Chromium tells), when the gallery has its length, the longest task.
export function watch() {
  window.seen = { shift: 0, laid: 0, longest: 0 };
  if (PerformanceObserver.supportedEntryTypes.includes("layout-shift")) {
    new PerformanceObserver((list) => {
      for (const { value, hadRecentInput } of list.getEntries()) {
        if (!hadRecentInput) window.seen.shift += value;
      }
    }).observe({ type: "layout-shift", buffered: true });
  }
  document.addEventListener("laid-out", () => (window.seen.laid = performance.now()));
  const { port1, port2 } = new MessageChannel();
  let last = performance.now();
  port1.addEventListener("message", () => {
    const now = performance.now();
    if (window.watches) window.seen.longest = Math.max(window.seen.longest, now - last);
    last = now;
    setTimeout(() => port2.postMessage(0), 1);
  });
  port1.start();
  port2.postMessage(0);
}

// Returns how many cells in the window wait for their tile.
export const blanks = () =>
  [...document.querySelectorAll(".cell")].filter((cell) => {
    const { top, bottom } = cell.getBoundingClientRect();
    return bottom > 0 && top < innerHeight && !cell.children.length;
  }).length;

// Returns whether there are cells in the window, and none of them waits.
export function isWhole() {
  const cells = [...document.querySelectorAll(".cell")].filter((cell) => {
    const { top, bottom } = cell.getBoundingClientRect();
    return bottom > 0 && top < innerHeight;
  });
  return cells.length > 0 && cells.every((cell) => cell.children.length > 0);
}

// Returns the id of the first picture that is in the window as a whole.
export function idInWindow() {
  const cell = [...document.querySelectorAll(".cell")].find((one) => {
    const { top, bottom } = one.getBoundingClientRect();
    return top > 60 && bottom < innerHeight - 10;
  });
  return cell.querySelector("[data-picture]").dataset.picture;
}

export const topOf = (id) =>
  document.querySelector(`[data-picture="${id}"]`)?.getBoundingClientRect().top;

// Scrolls in so many steps, a frame each, by a share of the window's height.
export async function scrollBySteps(steps, share) {
  window.watches = true;
  for (let step = 0; step < steps; step += 1) {
    window.scrollBy({ top: innerHeight * share, behavior: "instant" });
    await new Promise((drawn) => requestAnimationFrame(drawn));
  }
  window.watches = false;
}
