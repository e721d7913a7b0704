// Opens pages in a narrow Firefox, and writes how wide each is, a line of JSON for each.
import { text } from "node:stream/consumers";
import { launch } from "puppeteer-core";

const { firefox, url, cookie, paths, viewport } = JSON.parse(await text(process.stdin));
const browser = await launch({
  browser: "firefox",
  protocol: "webDriverBiDi",
  executablePath: firefox,
  headless: true,
  defaultViewport: viewport,
});
await browser.setCookie(cookie);
const page = await browser.newPage();
for (const path of paths) {
  await page.goto(url + path, { waitUntil: "load" });
  const seen = await page.evaluate(() => document.documentElement.scrollWidth);
  process.stdout.write(`${JSON.stringify({ path, seen })}\n`);
}
await browser.close();
