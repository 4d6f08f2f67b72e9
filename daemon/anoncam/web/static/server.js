// Requests to the device: with the token, and back to the log-in when the session has ended.

let token = "";

// Which of the cameras of this device the page shows; null until that is settled.
export let camera = new URLSearchParams(location.search).get("camera");

// Stay with the first camera unless the address names one: another may come before it, and zones must not go there.
export function settle(cameras) {
  const names = cameras.map(({ name }) => name);
  if (camera !== null && !names.includes(camera)) location.replace(`/${location.hash}`);
  camera ??= names[0];
}

// The address of something of that camera.
export function ofCamera(path) {
  if (camera === null) return path;
  return `${path}${path.includes("?") ? "&" : "?"}camera=${encodeURIComponent(camera)}`;
}

export class RequestError extends Error {}

export async function ask(path, options = {}) {
  let response;
  try {
    response = await fetch(path, { ...options, headers: { ...options.headers, "X-CSRF-Token": token } });
  } catch {
    throw new RequestError("the device does not answer");
  }
  if (response.status === 401) {
    toLogin();
    throw new RequestError("logged out");
  }
  if (!response.ok && response.status !== 206) {
    throw new RequestError((await response.text()) || response.statusText);
  }
  return response;
}

export async function askJson(path, options) {
  return (await ask(path, options)).json();
}

export async function whoAmI() {
  const session = await askJson("/api/session");
  token = session.csrf;
  return session.role;
}

export function toLogin() {
  location.assign("/login.html");
}
