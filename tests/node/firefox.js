// One person's way through the studio in Firefox, over WebDriver BiDi; reads where from stdin as
// JSON, and writes a line of JSON after each step: what was seen, and what was posted by then.
import { text } from "node:stream/consumers";
import { launch } from "puppeteer-core";

const { firefox, url, cookie, model, masked } = JSON.parse(await text(process.stdin));
const MOST_MILLISECONDS = 30_000;
const posted = [];

const browser = await launch({
  browser: "firefox",
  protocol: "webDriverBiDi",
  executablePath: firefox,
  headless: true,
  defaultViewport: { width: 1440, height: 900 },
});
await browser.setCookie(cookie);
const page = await browser.newPage();
page.on("request", (request) => {
  if (request.method() === "POST") posted.push(new URL(request.url()).pathname);
});

const pause = (milliseconds) => new Promise((over) => setTimeout(over, milliseconds));

// Asks the page until it says something that is true; gives that.
const until = async (question, ...told) => {
  const end = Date.now() + MOST_MILLISECONDS;
  while (Date.now() < end) {
    const answer = await page.evaluate(question, ...told);
    if (answer) return answer;
    await pause(30);
  }
  throw new Error(`not within ${MOST_MILLISECONDS} ms at ${page.url()}: ${question} ${told}`);
};

const open = (path) => page.goto(url + path, { waitUntil: "load" });
const textOf = (selector) =>
  page.$eval(selector, (element) => element.textContent.replaceAll(/\s+/g, " ").trim());
const cards = () => page.$$eval("[data-generation]", (all) => all.length);
const valueIs = (value) => document.querySelector("#composer [name=prompt]")?.value === value;
const cardsAre = (count) => document.querySelectorAll("[data-generation]").length === count;
const isOpen = (selector) => document.querySelector(selector)?.open;

const write = async (prompt) => {
  await page.focus("#composer [name=prompt]");
  await page.$eval("#composer [name=prompt]", (field) => field.select());
  await page.keyboard.type(prompt);
};

const withControl = async (act) => {
  await page.keyboard.down("Control");
  await act();
  await page.keyboard.up("Control");
};
const pressToBuy = () => withControl(() => page.keyboard.press("Enter"));

const steps = {
  "a double press buys once": async () => {
    await open(`/?model=${model}`);
    await write("A paper fox");
    const price = await textOf("#composer .go");
    await page.click("#composer .go", { count: 2 });
    await until(cardsAre, 1);
    return { price };
  },
  "the picture comes with its bill": async () => {
    await until(() => document.querySelector("[data-generation]").dataset.state === "done");
    return { card: await textOf("[data-generation]") };
  },
  "keys buy in the form alone": async () => {
    await page.evaluate(() => document.activeElement.blur());
    await page.keyboard.type("?");
    await until(isOpen, "#keys");
    await pressToBuy();
    await page.keyboard.press("Escape");
    await pressToBuy();
    await pause(500);
    const before = await cards();
    await write("A paper hare");
    await pressToBuy();
    await until(cardsAre, 2);
    return { before };
  },
  "a draft stays": async () => {
    await write("A paper owl");
    await pause(400);
    await page.reload();
    await until(valueIs, "A paper owl");
    await open("/gallery/");
    await page.goBack();
    await until(valueIs, "A paper owl");
    return { cards: await cards() };
  },
  "a picture is selected": async () => {
    await open("/gallery/");
    await withControl(() => page.click("[data-picture]"));
    await until(() => document.querySelector("#selection output")?.textContent.trim() === "1");
    await page.keyboard.press("Escape");
    await until(() => !document.querySelector("#selection")?.checkVisibility());
    return {};
  },
  "pictures open over the gallery": async () => {
    await page.click("[data-picture]");
    await until(isOpen, "#viewer");
    const first = await until(() => /^\/pictures\/\d+\/$/.exec(location.pathname)?.[0]);
    await until(() => document.querySelector("#viewer studio-picture") !== null);
    await page.keyboard.press("ArrowRight");
    const second = await until(
      (before) => location.pathname !== before && location.pathname,
      first,
    );
    await page.keyboard.press("Escape");
    await until(() => !document.querySelector("#viewer").open);
    await until(() => location.pathname === "/gallery/");
    return { first, second };
  },
  "a mask is painted": async () => {
    await open(`/?mask=${masked}`);
    await until(isOpen, "dialog.painter");
    await until(() => document.querySelector(".slide [data-value]")?.textContent.includes("px"));
    await page.$eval(".painter", (painter) =>
      Promise.all(painter.getAnimations().map(({ finished }) => finished)).then(() => true),
    );
    const { x, y, width, height } = await (await page.$(".painter canvas")).boundingBox();
    await page.mouse.move(x + width * 0.4, y + height * 0.5);
    await page.mouse.down();
    await page.mouse.move(x + width * 0.6, y + height * 0.5, { steps: 5 });
    await page.mouse.up();
    await page.$$eval(".painter button", (buttons) =>
      buttons.find((button) => button.textContent.trim() === "Use mask").click(),
    );
    await until(() => document.querySelector(".mask-made")?.checkVisibility());
    return { mask: await textOf(".mask-made") };
  },
};

try {
  for (const [step, take] of Object.entries(steps)) {
    const seen = await take();
    process.stdout.write(`${JSON.stringify({ step, posted, ...seen })}\n`);
  }
} finally {
  await browser.close();
}
