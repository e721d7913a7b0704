// Walks through a long gallery in Chromium or Firefox, over WebDriver BiDi; reads where from stdin
// as JSON, and writes a line of JSON after each step: what was seen there.
import { text } from "node:stream/consumers";
import { launch } from "puppeteer-core";
import { blanks, idInWindow, isWhole, scrollBySteps, topOf, watch } from "./in-gallery.js";

const { browser: name, program, url, cookie, viewport, path, backs } = JSON.parse(
  await text(process.stdin),
);
const MOST_MILLISECONDS = 60_000;

const browser = await launch({
  browser: name,
  protocol: "webDriverBiDi",
  executablePath: program,
  headless: true,
  args: name === "chrome" ? ["--no-sandbox", "--disable-gpu"] : [],
  defaultViewport: viewport,
});
await browser.setCookie(cookie);
const page = await browser.newPage();

await page.evaluateOnNewDocument(watch);

const pause = (milliseconds) => new Promise((over) => setTimeout(over, milliseconds));

const until = async (question, ...told) => {
  const end = Date.now() + MOST_MILLISECONDS;
  while (Date.now() < end) {
    const answer = await page.evaluate(question, ...told);
    if (answer) return answer;
    await pause(30);
  }
  throw new Error(`not within ${MOST_MILLISECONDS} ms at ${page.url()}: ${question} ${told}`);
};

const open = async () => {
  await page.goto(url + path, { waitUntil: "domcontentloaded" });
  await until(() => window.seen.laid);
};

const turn = (windows, share) => page.evaluate(scrollBySteps, windows / share, share);

// A picture in the window is opened; Back closes it. Returns how far it has moved.
const openAndBack = async (share) => {
  await page.evaluate((part) => scrollTo(0, part * document.body.scrollHeight), share);
  await pause(200);
  await until(isWhole);
  const id = await page.evaluate(idInWindow);
  const before = await page.evaluate(topOf, id);
  await page.evaluate((one) => document.querySelector(`a[data-picture="${one}"]`).click(), id);
  await until(() => document.querySelector("#viewer studio-picture") !== null);
  await page.goBack();
  await until(() => !document.querySelector("#viewer").open);
  await pause(150);
  return Math.abs((await page.evaluate(topOf, id)) - before);
};

const steps = {
  "it has its length": async () => {
    await open();
    const { laid, shift, count, height } = await page.evaluate(() => ({
      ...window.seen,
      count: document.querySelector("studio-gallery").count,
      height: document.documentElement.scrollHeight,
    }));
    return { laid, shift, count, height };
  },
  "a part is scrolled": async () => {
    await turn(30, 0.25);
    return page.evaluate(() => window.seen);
  },
  "it is scrolled to the oldest": async () => {
    for (let part = 0; part <= 1; part += 0.02) {
      await page.evaluate((share) => scrollTo(0, share * document.body.scrollHeight), part);
      await turn(2, 0.25);
    }
    await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
    await until(isWhole);
    const last = await page.evaluate(() => {
      const { count, view } = document.querySelector("studio-gallery");
      const tile = view.tiles.get(count - 1)?.getBoundingClientRect();
      return tile && tile.top < innerHeight && tile.bottom > 0;
    });
    return { last, ...(await page.evaluate(() => window.seen)) };
  },
  "a journey is broken off": async () => {
    for (let part = 0; part < 40; part += 1) {
      await page.evaluate((share) => {
        const { view } = document.querySelector("studio-gallery");
        view.jumpTo(share * view.scale.full);
      }, part / 50);
    }
    await until(isWhole);
    return { blank: await page.evaluate(blanks) };
  },
  "back leads to the same spot": async () => {
    let moved = 0;
    for (let one = 1; one <= backs; one += 1) {
      moved = Math.max(moved, await openAndBack(((one * 37) % 101) / 101));
    }
    return { moved, shift: await page.evaluate(() => window.seen.shift) };
  },
};

process.exitCode = 1;
try {
  process.stdout.write(`${JSON.stringify({ step: "start", pid: browser.process().pid })}\n`);
  for (const [step, take] of Object.entries(steps)) {
    const seen = await take();
    process.stdout.write(`${JSON.stringify({ step, ...seen })}\n`);
    // Whoever reads this looks at the browser's memory meanwhile.
    await pause(1000);
  }
  process.exitCode = 0;
} finally {
  // Chromium cuts the line before it has answered.
  process.on("unhandledRejection", () => process.exit(process.exitCode));
  await browser.close().catch(() => null);
}
