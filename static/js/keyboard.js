// Single-key shortcuts, for people who have them switched on, and Escape. Never while somebody types.
const isTyping = (target) => target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable], dialog[open]");

// The name of each row is its link: focus on it is the place in the list, Enter opens it.
function goToRow(step) {
  const links = [...document.querySelectorAll(".kp-table--list .kp-name")];
  const here = links.findIndex((link) => link.closest("tr").contains(document.activeElement));
  const opened = links.findIndex((link) => link.closest("tr").classList.contains("is-open"));
  const from = here >= 0 ? here : opened;
  const next = from < 0 ? links[0] : links[Math.min(Math.max(from + step, 0), links.length - 1)];
  next?.focus();
}

const shortcuts = {
  "/": () => { const search = document.getElementById("search"); search.focus(); search.select(); },
  j: () => goToRow(1),
  k: () => goToRow(-1),
  e: () => document.getElementById("edit")?.click(),
  a: () => document.getElementById("add")?.click(),
  "?": () => document.getElementById("shortcuts")?.showModal(),
};

function close(target) {
  const menu = target.closest(".kp-facet details[open]") ?? document.querySelector(".kp-facet details[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  } else {
    document.getElementById("close-pane")?.click();
  }
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || event.isComposing) return;
  if (event.key === "Escape" && !isTyping(event.target)) return close(event.target);
  const act = shortcuts[event.key];
  if (!act || isTyping(event.target) || !document.querySelector("[data-shortcuts]")) return;
  event.preventDefault();
  act();
});
