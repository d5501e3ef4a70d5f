// Passkeys: asks the authenticator, and sends its answer as a form. Without this script, or where
// the browser has no passkeys, the buttons stay hidden and the password signs in.
"use strict";

function toText(buffer) {
  const letters = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function toOctets(text) {
  const letters = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
}

async function ask(path, form) {
  const body = new URLSearchParams(form ? new FormData(form) : undefined);
  const answer = await fetch(path, { method: "POST", body });
  const options = await answer.json();
  if (!answer.ok) throw new Error(options.error);
  return options;
}

function send(form, fields) {
  for (const [name, value] of Object.entries(fields)) form.elements[name].value = value;
  form.submit();
}

async function signIn(form) {
  const options = await ask("/sign-in/passkey/begin");
  const publicKey = { challenge: toOctets(options.challenge), rpId: options.site, userVerification: "required" };
  const found = await navigator.credentials.get({ publicKey });
  send(form, {
    id: toText(found.rawId),
    client_data: toText(found.response.clientDataJSON),
    authenticator_data: toText(found.response.authenticatorData),
    signature: toText(found.response.signature),
  });
}

async function register(form) {
  const options = await ask("/account/passkeys/begin", form);
  const publicKey = {
    challenge: toOctets(options.challenge),
    rp: { id: options.site, name: options.organization },
    user: { id: toOctets(options.user), name: options.login, displayName: options.name },
    pubKeyCredParams: [{ type: "public-key", alg: -7 }, { type: "public-key", alg: -8 }],
    authenticatorSelection: { residentKey: "required", userVerification: "required" },
    excludeCredentials: options.known.map((id) => ({ type: "public-key", id: toOctets(id) })),
    attestation: "none",
  };
  const made = await navigator.credentials.create({ publicKey });
  form.elements.password.value = "";
  send(form, {
    client_data: toText(made.response.clientDataJSON),
    attestation_object: toText(made.response.attestationObject),
  });
}

function offer(selector, act) {
  for (const form of document.querySelectorAll(selector)) {
    form.hidden = !window.PublicKeyCredential;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const said = form.querySelector("[role=alert]");
      said.textContent = "";
      try {
        await act(form);
      } catch (error) {
        // Whoever closes the browser's window knows why nothing happened.
        if (error.name !== "NotAllowedError") said.textContent = error.message;
      }
    });
  }
}

offer("form[data-passkey=sign-in]", signIn);
offer("form[data-passkey=register]", register);
