/* What is done while one looks elsewhere: the tab's title; and, where somebody asked for it in the account
   menu of this browser, a notification and a sound. One per group, and only while the page is hidden. */

const ASKED = { notice: "studio-notice", sound: "studio-sound" };
const DONE = "✓ ";

const wants = (what) => localStorage.getItem(ASKED[what]) === "1";
const groupOf = (card) => `[data-generation][data-group="${CSS.escape(card.dataset.group)}"]`;
const isOpen = (card) => "seen" in card.dataset;
const unseen = new Set();
let all_done = false;
let audio;

/* The counts of the queue that the page shows: an answer comes only where they differ. */
function onPoll(event) {
  const queue = document.querySelector("[data-queue]");
  if (event.target.id === "poll" && queue) event.detail.parameters.set("queue", queue.dataset.queue);
}

/* Before a card is replaced: is this the moment at which it ends? */
function onReplace(event) {
  const [old, card] = [event.detail.target, event.detail.fragment?.querySelector("[data-group]")];
  if (document.hidden && old?.dataset?.group && card && isOpen(old) && !isOpen(card)) unseen.add(groupOf(card));
}

function onAnswer(event) {
  if (event.target.id !== "poll" || !unseen.size) return;
  for (const group of unseen) {
    const cards = [...document.querySelectorAll(group)];
    if (cards.some(isOpen)) continue;
    unseen.delete(group);
    if (document.hidden) tell(group, cards);
  }
}

function tell(group, cards) {
  all_done = !document.querySelector("[data-seen]");
  showTitle();
  if (wants("sound")) chime();
  if (!wants("notice") || Notification?.permission !== "granted") return;
  const words = document.querySelector("studio-notices").dataset;
  const failed = cards.filter((card) => card.dataset.state !== "done").length;
  const title = failed === cards.length ? words.failed : failed ? words.mixed : words.done;
  const icon = document.querySelector("link[rel=icon]").href;
  const notice = new Notification(title, { body: cards[0].querySelector("h2, h3")?.textContent, tag: group, icon });
  notice.addEventListener("click", () => {
    window.focus();
    notice.close();
  });
}

/* The page of a run polls its own grid, which says how many of its calls are open. */
let run_open = 0;
const page_title = document.title;

function onGrid() {
  const grid = document.getElementById("run-grid");
  if (!grid) return;
  const open = Number(grid.dataset.open);
  document.title = open ? `(${open}) ${page_title}` : page_title;
  if (run_open && !open && document.hidden) tell(grid.dataset.run, [...grid.querySelectorAll("[data-generation]")]);
  run_open = open;
}

/* The answer brings a title of its own, before or after its cards. */
function showTitle() {
  if (all_done && !document.title.startsWith(DONE)) document.title = DONE + document.title;
}

/* Two soft notes, made here. */
function chime() {
  audio ??= new AudioContext();
  audio.resume();
  [660, 880].forEach((pitch, at) => {
    const [note, loud, start] = [audio.createOscillator(), audio.createGain(), audio.currentTime + at * 0.16];
    note.frequency.value = pitch;
    loud.gain.setValueAtTime(0.0001, start);
    loud.gain.exponentialRampToValueAtTime(0.12, start + 0.02);
    loud.gain.exponentialRampToValueAtTime(0.0001, start + 0.4);
    note.connect(loud).connect(audio.destination);
    note.start(start);
    note.stop(start + 0.42);
  });
}

function onVisible() {
  if (document.hidden) return;
  unseen.clear();
  all_done = false;
  if (document.title.startsWith(DONE)) document.title = document.title.slice(DONE.length);
}

/* The two switches in the account menu; the browser's question comes only with the click. */
class StudioNotices extends HTMLElement {
  connectedCallback() {
    this.hidden = false;
    for (const box of this.querySelectorAll("input")) {
      box.checked = wants(box.name) && (box.name !== "notice" || this.permission === "granted");
      box.addEventListener("change", () => this.choose(box));
    }
    this.explain();
  }

  get permission() {
    return "Notification" in window ? Notification.permission : "denied";
  }

  async choose(box) {
    if (box.checked && box.name === "notice" && this.permission === "default") await Notification.requestPermission();
    if (box.name === "notice" && this.permission !== "granted") box.checked = false;
    localStorage.setItem(ASKED[box.name], box.checked ? "1" : "0");
    if (box.checked && box.name === "sound") chime();
    this.explain();
  }

  explain() {
    this.querySelector("[data-denied]").hidden = this.permission !== "denied";
    this.querySelector("[name=notice]").disabled = this.permission === "denied";
  }
}

customElements.define("studio-notices", StudioNotices);
document.addEventListener("htmx:configRequest", onPoll);
document.addEventListener("htmx:oobBeforeSwap", onReplace);
document.addEventListener("htmx:afterRequest", onAnswer);
document.addEventListener("htmx:afterSettle", onGrid);
document.addEventListener("visibilitychange", onVisible);
onGrid();
new MutationObserver(showTitle).observe(document.querySelector("title"), { childList: true });
