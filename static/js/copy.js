// Copies what a button names in data-copy, or the text of the element whose id it names in data-copy-from.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy], [data-copy-from]");
  if (!button) return;
  const text = button.dataset.copy ?? document.getElementById(button.dataset.copyFrom).textContent.trim();
  await navigator.clipboard.writeText(text);
  button.dataset.copied = "";
  const use = button.querySelector("use");
  const href = use.getAttribute("href");
  use.setAttribute("href", href.replace(/#.*/, "#i-check"));
  setTimeout(() => { use.setAttribute("href", href); delete button.dataset.copied; }, 1500);
});
