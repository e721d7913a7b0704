// Judges pages by Lighthouse in the system's Chromium; reads what to do from stdin as JSON and
// writes a line of JSON for each page and device.
import { text } from "node:stream/consumers";
import { launch } from "chrome-launcher";
import lighthouse, { desktopConfig } from "lighthouse";
import { connect } from "puppeteer-core";

const CATEGORIES = ["performance", "accessibility", "best-practices", "seo"];
const { chromium, flags, pages, least, tries } = JSON.parse(await text(process.stdin));
const devices = { mobile: undefined, desktop: desktopConfig };

// What takes points off in a category.
const faultsOf = ({ auditRefs }, audits) =>
  auditRefs
    .filter(({ id, weight }) => weight > 0 && audits[id].score !== null && audits[id].score < 0.9)
    .map(({ id }) => `${id} (${audits[id].displayValue ?? audits[id].title})`);

const judge = async (port, { name, url }, device) => {
  // With its storage emptied the browser would forget who is logged in.
  const options = { port, onlyCategories: CATEGORIES, disableStorageReset: true };
  const { lhr } = await lighthouse(url, options, devices[device]);
  const found = Object.values(lhr.categories);
  return {
    name,
    device,
    path: new URL(url).pathname,
    ended: new URL(lhr.finalDisplayedUrl).pathname,
    scores: Object.fromEntries(found.map(({ id, score }) => [id, Math.round(score * 100)])),
    faults: found.flatMap((category) => faultsOf(category, lhr.audits)),
  };
};

const lowest = ({ scores }) => Math.min(...Object.values(scores));

// The best of a few: what else a machine does makes a page slow, and nothing makes it fast.
const judgeFairly = async (port, page, device) => {
  let best = await judge(port, page, device);
  for (let again = 1; again < tries && lowest(best) < least; again += 1) {
    const next = await judge(port, page, device);
    if (lowest(next) > lowest(best)) best = next;
  }
  return best;
};

const chrome = await launch({
  chromePath: chromium,
  chromeFlags: ["--headless=new", ...flags],
  logLevel: "error",
});
const browser = await connect({ browserURL: `http://127.0.0.1:${chrome.port}` });
try {
  for (const page of pages) {
    await browser.deleteCookie(...(await browser.cookies()));
    await browser.setCookie(...page.cookies);
    for (const device of Object.keys(devices)) {
      const judged = await judgeFairly(chrome.port, page, device);
      process.stdout.write(`${JSON.stringify(judged)}\n`);
    }
  }
} finally {
  await browser.disconnect();
  chrome.kill();
}
