// Starts allauth's script for passkeys on the form that names one in data-passkey, and says in the page what failed.
const form = document.querySelector("[data-passkey]");
if (form && window.PublicKeyCredential) {
  const button = "passkey_button";
  allauth.webauthn.forms[form.dataset.passkey]({
    ids: {
      add: button, authenticate: button, login: button,
      credential: "passkey_credential", data: "passkey_data", passwordless: "id_passwordless",
    },
  });
  form.hidden = false;
  // The return key in another field is the button, too.
  form.addEventListener("submit", (event) => {
    if (form.elements.passkey_credential.value) return;
    event.preventDefault();
    document.getElementById(button).click();
  });
  const failed = form.querySelector("[data-passkey-failed]");
  document.addEventListener("allauth.error", (event) => {
    event.preventDefault();
    failed.hidden = false;
  });
  document.getElementById(button).addEventListener("click", () => { failed.hidden = true; });
}
