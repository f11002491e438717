// Comfort for imports; everything works without it.

// What was said about the file and not sent yet would be lost by the next step: it says so, and the step waits.
const asItWas = new WeakMap();
const said = (form) => new URLSearchParams(new FormData(form)).toString();
const unsent = () => document.querySelector("[data-plan][data-typed]");
const hold = () => {
  const note = document.getElementById("held");
  if (!note) return;
  const held = Boolean(unsent());
  const start = document.querySelector("#import-actions button[form=start]");
  note.hidden = !held;
  start?.classList.toggle("is-off", held);
  start?.setAttribute("aria-disabled", held);
  if (held) start?.setAttribute("aria-describedby", "held");
  else start?.removeAttribute("aria-describedby");
};
document.addEventListener("focusin", (event) => {
  const form = event.target.closest("[data-plan]");
  if (form && !asItWas.has(form)) asItWas.set(form, said(form));
});
document.addEventListener("input", (event) => {
  const form = event.target.closest("[data-plan]");
  if (!form) return;
  const differs = asItWas.get(form) !== said(form);
  form.toggleAttribute("data-typed", differs);
  form.querySelector("[data-unsent]").hidden = !differs;
  hold();
});
document.addEventListener("htmx:oobAfterSwap", hold);
document.addEventListener("submit", (event) => {
  if (event.target.id !== "start" || !unsent()) return;
  event.preventDefault();
  const button = unsent().querySelector("button");
  button.scrollIntoView({ block: "center" });
  button.focus();
});

// What says the same as before stays, so that no click and no place in a table is lost; so does what somebody fills in.
document.addEventListener("htmx:oobBeforeSwap", (event) => {
  const { target, fragment } = event.detail;
  const next = fragment.firstElementChild;
  event.detail.shouldSwap = !target.querySelector("[data-typed]") && !target.isEqualNode(next);
});

// A session that ended leads to sign-in, and an error to its page: neither belongs in a part of this one.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr } = event.detail;
  const answered = new URL(xhr.responseURL || location.href);
  if (xhr.status < 400 && answered.pathname === location.pathname) return;
  event.detail.shouldSwap = false;
  location.reload();
});
