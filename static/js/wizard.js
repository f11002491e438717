// Comfort for the wizard; everything works without it.
const form = document.getElementById("wizard");

// The list of what is wrong is the first thing to be read.
document.querySelector(".kp-summary")?.focus();

// What is typed so far is kept (sealed) before the page is left or asked for anew.
const keep = () => {
  const page = new FormData(form);
  page.set("do", "keep");
  return fetch(form.action, { method: "POST", body: page }).catch(() => {});
};

// A page that the browser had put aside may be stored by now: it is asked for anew.
addEventListener("pageshow", async (event) => {
  if (!event.persisted) return;
  await keep();
  location.replace(form.action);
});

// Changing language or theme leaves the page.
document.addEventListener("submit", async (event) => {
  const next = event.target.querySelector("[name=next]");
  if (event.target === form || !next || event.target.dataset.kept) return;
  event.preventDefault();
  const { target, submitter } = event;
  await keep();
  next.value = new URL(form.action).pathname + new URL(form.action).search;
  target.dataset.kept = "yes";
  target.requestSubmit(submitter);
});

// What htmx brings must not overwrite what was chosen while it was on its way, nor what was chosen in a field that it
// has just brought and does not listen to yet: then it is asked again.
const names = ["operating_system", "edition", "architecture", "quantity"];
const product = () => names.map((name) => form.elements[`key-${name}`].value).join();
const askAgain = ({ requestConfig: { elt } }) => {
  const field = document.getElementById(elt.id); // perhaps another one by now
  field.dispatchEvent(new Event("change", { bubbles: true }));
};
form.addEventListener("htmx:beforeRequest", (event) => { event.detail.xhr.product = product(); });
form.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.product === product()) return;
  event.detail.shouldSwap = false;
  askAgain(event.detail);
});
form.addEventListener("htmx:afterSwap", (event) => { event.detail.xhr.product = product(); });
form.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.xhr.product === product()) return;
  event.detail.xhr.product = product();
  askAgain(event.detail);
});

// What says the same as before stays, and is not read out again. The field that somebody is in stays under their
// fingers, with an open list or half a word typed ahead, unless it offers something else from now on.
const choices = (select) => [...select.options].map((option) => option.value).join();
form.addEventListener("htmx:oobBeforeSwap", (event) => {
  const { target, fragment } = event.detail;
  const field = document.activeElement;
  const next = target.contains(field) && field.id && fragment.getElementById(field.id);
  const stays = next && (!field.options || choices(field) === choices(next));
  if (stays) field.value = next.value;
  event.detail.shouldSwap = !stays && !target.isEqualNode(fragment.firstElementChild);
});

// Fields that stayed lose their mark, and what was said about them, once the list of what is wrong leaves them out.
const wrong = (id) => form.querySelector(id === "id_key-code" ? `#${id}_error` : `#problems [href="#${id}"]`);
document.addEventListener("htmx:afterSettle", () => {
  for (const note of form.querySelectorAll("[id$=_error]")) {
    if (!wrong(note.id.replace(/_error$/, ""))) note.remove();
  }
  for (const field of form.querySelectorAll("#id_key-code, .is-invalid")) {
    field.classList.toggle("is-invalid", Boolean(wrong(field.id)));
    field.setAttribute("aria-invalid", String(Boolean(wrong(field.id))));
  }
});
